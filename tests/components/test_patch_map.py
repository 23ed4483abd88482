"""The map of patches: rows are queries, columns keys, both lie on the picture, and what cannot be read is hatched."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from attnviz.components.packet import unpack
from attnviz.components.patch_map import reach_packet
from attnviz.record import AttentionRecord, Layer, ModelFacts, Visibility
from tests.components.conftest import Harness
from tests.components.harness.pictures import BARE, at, colours, plain
from tests.components.harness.second import FAR, SIDE, WIDE, windows

browser = pytest.mark.browser
TOKENS = 3  # before the 4 × 6 patches of the plain picture
CROSS = at(1, 2), at(3, 4)  # in L0 H0 the first reads the second


def mounted(harness: Harness, name: str, **choice: Any) -> Locator:
    harness.settle(of="pictures", choice={"query": 0, **choice})
    harness.shelve(f"{name}-picture")
    harness.shelve(name)
    view = harness.mount("patch_map", packet=f"{name}-reach", width=800)
    expect(view.locator(f"[data-painted={name}]")).to_be_attached()
    return view


@pytest.fixture
def view(harness: Harness) -> Locator:
    return mounted(harness, "plain", query=CROSS[0], scale="row")


def canvas(view: Locator) -> Locator:
    return view.locator(".holder canvas")


def cell(view: Locator, row: int, column: float, rows: int = 27, cols: int = 27) -> dict[str, float]:
    """Where the middle of a cell lies on the canvas, in CSS pixels: after 56 and 52 of labels, before an edge of 2."""
    box = canvas(view).bounding_box()
    assert box
    wide, high = box["width"] - 58, box["height"] - 54
    return {"x": 56 + (column + 0.5) * wide / cols, "y": 52 + (row + 0.5) * high / rows}


def shade(view: Locator, place: dict[str, float]) -> int:
    """How dark a place is: white is 0."""
    return canvas(view).evaluate(
        """(canvas, {x, y}) => {
          const ratio = canvas.width / canvas.getBoundingClientRect().width;
          return 255 - canvas.getContext("2d").getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1).data[0];
        }""",
        place,
    )


def hover(view: Locator, row: int, column: int, rows: int = 27, cols: int = 27) -> None:
    canvas(view).hover(position=cell(view, row, column, rows, cols))


def sight(harness: Harness, expression: str) -> Any:
    return harness.page.evaluate(f"async () => {{ await harness.frame(); return harness.sight.{expression} }}")


@browser
def test_the_pair_that_is_read_is_the_darkest_and_rows_are_not_columns(view: Locator) -> None:
    read, swapped, other = (shade(view, cell(view, *place)) for place in (CROSS, CROSS[::-1], (20, 3)))
    assert read > swapped + 60
    assert abs(swapped - other) < 10


@browser
def test_a_cell_says_its_two_patches_and_its_weight_and_shows_both(view: Locator) -> None:
    hover(view, *CROSS)
    expect(view.locator(".said")).to_have_text("r1 c2 reads r3 c4: ≈ 79.9 %")
    expect(view.locator(".glance .solid dd")).to_have_text("r1 c2")
    expect(view.locator(".glance .dashed dd")).to_have_text("r3 c4")


@browser
def test_rings_lie_on_the_patches_of_the_small_picture(view: Locator) -> None:
    """Red grows to the right and is 0 at the left edge; a ring is white."""
    hover(view, at(2, 0), at(0, 1))
    near = view.locator(".glance canvas").evaluate(
        """canvas => [[2, 0], [1, 3]].map(([row, col]) => {
          const context = canvas.getContext("2d");
          const [wide, high] = [canvas.width / 6, canvas.height / 4];
          const { data } = context.getImageData(col * wide, row * high, wide, high);
          return Array.from({ length: data.length / 4 }, (_, at) => Math.min(...data.slice(4 * at, 4 * at + 3)))
            .filter((least) => least > 250).length;
        })"""
    )
    assert near[0] > 20
    assert near[1] == 0


@browser
def test_exact_weights_take_the_place_of_bytes(harness: Harness, view: Locator) -> None:
    harness.shelve("plain-exact")
    hover(view, *CROSS)
    expect(view.locator(".said")).to_have_text("r1 c2 reads r3 c4: 80.0 %")


@browser
def test_a_click_on_a_row_or_its_name_chooses_its_query_and_a_second_one_frees_it(
    harness: Harness, view: Locator
) -> None:
    canvas(view).click(position=cell(view, at(2, 5), 4))
    assert sight(harness, "choice.query") == at(2, 5)
    canvas(view).click(position=cell(view, at(2, 5), 9))
    assert sight(harness, "choice.query") is None
    canvas(view).click(position={"x": 30, "y": cell(view, 0, 0)["y"]})
    assert sight(harness, "choice.query") == 0


@browser
def test_where_it_is_asked_who_reads_a_click_chooses_the_key(harness: Harness) -> None:
    view = mounted(harness, "plain", query=CROSS[1], direction="read", scale="row")
    expect(view.locator(".said")).to_contain_text("chooses its key")
    hover(view, *CROSS)
    expect(view.locator(".said")).to_have_text("r1 c2 reads r3 c4: ≈ 79.9 %")
    canvas(view).click(position=cell(view, 4, at(0, 5)))
    assert sight(harness, "choice.query") == at(0, 5)


@browser
def test_pointing_at_a_patch_of_another_view_lights_its_row(harness: Harness, view: Locator) -> None:
    harness.page.evaluate(f"harness.sight.point({{ query: {at(3, 5)}, key: null }})")
    expect(view.locator(".glance .solid dd")).to_have_text("r3 c5")


@browser
def test_arrow_keys_walk_with_shift_a_row_of_patches_and_enter_chooses(harness: Harness, view: Locator) -> None:
    press = harness.page.keyboard.press
    press("Tab")
    expect(canvas(view)).to_be_focused()
    press("Home")
    expect(view.locator("[aria-live]")).to_have_text("r1 c2 reads CLS: ≈ 0.7 %")
    press("Shift+ArrowDown")
    press("ArrowDown")
    press("ArrowRight")
    expect(view.locator("[aria-live]")).to_have_text("r2 c3 reads REG 0: ≈ 3.7 %")
    press("Enter")
    assert sight(harness, "choice.query") == at(2, 3)
    press("Escape")
    assert sight(harness, "choice.query") is None
    press("Control+Home")
    expect(view.locator("[aria-live]")).to_have_text("CLS reads CLS: ≈ 3.7 %")


@browser
def test_zoom_goes_by_keys_and_buttons_and_back(harness: Harness, view: Locator) -> None:
    before = canvas(view).screenshot()
    view.get_by_role("button", name="Closer").click()
    harness.page.mouse.move(0, 0)
    harness.page.wait_for_timeout(300)
    assert canvas(view).screenshot() != before
    view.get_by_role("button", name="Whole map").click()
    harness.page.mouse.move(0, 0)
    harness.page.wait_for_timeout(300)
    assert canvas(view).screenshot() == before


@browser
def test_tokens_behind_the_patches_come_first_and_a_line_parts_them(harness: Harness) -> None:
    """The model has [CLS], 24 patches, [DET 0], [DET 1]; r1 c2 reads the last of them."""
    view = mounted(harness, "detecting", query=None)
    hover(view, 3 + 8, 2)
    expect(view.locator(".said")).to_have_text("r1 c2 reads DET 1: ≈ 79.9 %")
    hover(view, 1, 3)
    expect(view.locator(".said")).to_contain_text("DET 0 reads r0 c0")
    harness.page.mouse.move(0, 0)
    line = cell(view, 10, 2.5)
    assert shade(view, line) > shade(view, cell(view, 10, 5)) + 60


@browser
def test_what_windows_cannot_read_is_hatched_and_said(harness: Harness) -> None:
    view = mounted(harness, "windows")
    expect(view.locator(".caption")).to_contain_text("Hatched: the 75 % of all pairs that cannot be read")
    hover(view, 0, 8, 24, 24)
    expect(view.locator(".said")).to_contain_text("r0 c0 reads r1 c2")
    hover(view, 0, 3, 24, 24)
    expect(view.locator(".said")).to_have_text("r0 c0 cannot read r0 c3, which lies in another window.")


@browser
def test_the_mean_with_a_layer_that_reads_everything_hatches_nothing(harness: Harness) -> None:
    view = mounted(harness, "windows", average="all")
    expect(view.locator(".caption")).not_to_contain_text("Hatched")


@browser
@pytest.mark.parametrize(("fuse", "share"), [("mean", "≈ 41.8 %"), ("max", "≈ 79.9 %"), ("min", "≈ 3.7 %")])
def test_several_heads_are_joined_as_the_screen_says(harness: Harness, fuse: str, share: str) -> None:
    view = mounted(
        harness, "plain", average="mix", fuse=fuse, mix=[{"layer": 0, "head": h, "weight": 1} for h in (0, 1)]
    )
    hover(view, *CROSS)
    expect(view.locator(".said")).to_contain_text(share)


@browser
def test_keys_of_a_coarser_grid_are_its_columns(harness: Harness) -> None:
    view = mounted(harness, "stages", query=9)
    hover(view, 9, 5, 24, 6)
    expect(view.locator(".said")).to_contain_text("r1 c3 reads r1 c2")


@browser
def test_a_map_that_came_as_bytes_answers_with_exact_numbers(harness: Harness) -> None:
    """1,370 tokens: one query gives one key almost all; its cell is one of 3 × 3 weights and the number is its own."""
    view = mounted(harness, "far", query=FAR[0], head=1)
    expect(view.locator(".caption")).to_contain_text("Each cell is the largest of")
    harness.page.evaluate(f"harness.sight.point({{ query: {FAR[0]}, key: {FAR[1]} }})")
    expect(view.locator(".said")).to_contain_text("r18 c33 reads r1 c2: 100.0 %")
    assert sight(harness, "far.tiles.get(harness.sight.mapPath).length") == (SIDE * SIDE + 1) ** 2


@browser
def test_the_largest_of_heads_that_do_not_travel_is_refused_in_words(harness: Harness) -> None:
    harness.settle(of="pictures", choice={"average": "heads", "fuse": "max"})
    harness.shelve("far-picture")
    harness.shelve("far")
    view = harness.mount("patch_map", packet="far-reach", width=800)
    expect(view.locator(".loading")).to_contain_text("Choose their mean, or one head")


@browser
def test_a_map_that_is_too_large_to_come_whole_comes_in_tiles(harness: Harness) -> None:
    """3,136 patches: no answer holds them all, and a closer look asks for finer tiles alone."""
    asked: list[str] = []
    harness.page.on("request", lambda request: asked.append(request.url))
    view = mounted(harness, "farther", query=FAR[0], head=1)
    hover(view, 1000, 2000, WIDE**2, WIDE**2)
    expect(view.locator(".said")).to_contain_text("%")  # its exact number has come
    assert not any(url.endswith("/bytes") for url in asked)
    levels = {int(url.split("/")[-3]) for url in asked if "/shown/shared/" in url}
    assert levels
    assert max(levels) < 4
    for _ in range(8):
        view.get_by_role("button", name="Closer").click()
    expect(view.locator(".caption")).to_contain_text("Each cell is one weight.")
    finest = [url for url in asked if "/shown/shared/4/" in url]
    assert 0 < len(finest) <= 9


@browser
@pytest.mark.parametrize("width", [390, 1100])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_its_width_in_both_themes(harness: Harness, width: int, theme: str) -> None:
    harness.page.set_viewport_size({"width": width, "height": 844})
    harness.theme(theme)
    harness.settle(of="pictures", choice={"query": 3}, language="zh")
    harness.shelve("plain-picture")
    harness.shelve("plain")
    view = harness.mount("patch_map", packet="plain-reach")
    expect(view.locator("[data-painted=plain]")).to_be_attached()
    expect(view.locator(".caption")).to_contain_text("行是查询，列是键")
    assert harness.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_layer_in_which_every_pair_is_read_says_so_once() -> None:
    header, payload = unpack(reach_packet(plain(), "self", identity="plain"))
    assert [rule["kind"] for rule in header["rules"]] == ["whole"]
    assert header["layers"] == [0, 0]
    assert payload == b""


def test_windows_are_told_by_the_group_of_each_patch() -> None:
    header, payload = unpack(reach_packet(windows(), "self", identity="windows"))
    assert [(rule["kind"], rule["share"]) for rule in header["rules"]] == [("groups", 0.75), ("whole", 0.0)]
    assert header["layers"] == [0, 1]
    groups, pads = np.frombuffer(payload, "<i4").reshape(2, 24)
    grid = groups.reshape(4, 6)
    assert len(set(groups)) == 4
    assert (grid[:2, :3] == grid[0, 0]).all()
    assert not pads.any()


def test_a_mask_of_stretches_is_told_by_their_ends() -> None:
    unit = np.zeros((1, 24, 1), np.float32)
    causal = Layer(BARE, BARE, unit, unit, 1.0, Visibility.causal(24, 24))
    record = AttentionRecord(ModelFacts("made"), colours((120, 200)), {"self": (causal,)})
    header, payload = unpack(reach_packet(record, "self", identity="causal"))
    low, high = np.frombuffer(payload, "<i4").reshape(2, 24)
    assert header["rules"][0]["kind"] == "spans"
    assert header["rules"][0]["share"] == pytest.approx(23 / 48)
    assert low.tolist() == [0] * 24
    assert high.tolist() == list(range(1, 25))
