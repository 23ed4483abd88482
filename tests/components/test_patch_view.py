"""The two pictures: patches are chosen on them by any hand, and what is drawn lies where it belongs."""

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.components.conftest import Harness
from tests.components.harness.pictures import at

pytestmark = pytest.mark.browser

CROSS = at(1, 2), at(3, 4)  # in L0 H0 the first reads the second


@pytest.fixture
def sighted(harness: Harness) -> Harness:
    harness.settle(of="pictures", choice={"query": CROSS[0], "scale": "row"})
    harness.shelve("plain-picture")
    harness.shelve("plain")
    return harness


@pytest.fixture
def view(sighted: Harness) -> Locator:
    mounted = sighted.mount("patch_view", width=800)
    expect(mounted.locator("[data-painted]")).to_be_attached()
    return mounted


def chosen(harness: Harness) -> tuple[int | None, int | None]:
    choice = harness.page.evaluate("async () => { await harness.frame(); return harness.sight.choice }")
    return choice["query"], choice["corner"]


def middle(stage: Locator, row: int, col: int) -> dict[str, float]:
    """Where the middle of a patch lies on the seen picture, in CSS pixels."""
    box = stage.bounding_box()
    assert box
    return {"x": (col + 0.5) * box["width"] / 6, "y": (row + 0.5) * box["height"] / 4}


def strengths(view: Locator, name: str, places: list[tuple[float, float]]) -> list[float]:
    """How dark a picture is at places given as fractions (down, across): white is 0."""
    return view.locator(f"figure.{name} canvas").evaluate(
        """(canvas, places) => places.map(([down, across]) => {
          const { data } = canvas.getContext("2d").getImageData(canvas.width * across, canvas.height * down, 1, 1);
          return 255 - data[0];
        })""",
        places,
    )


def patch(row: float, col: float) -> tuple[float, float]:
    return (row + 0.5) / 4, (col + 0.5) / 6


def test_the_patch_that_is_read_is_the_strongest_and_rows_are_not_columns(view: Locator) -> None:
    read, other, swapped = strengths(view, "seen", [patch(3, 4), patch(0, 0), patch(2, 3)])
    assert read > other + 60
    assert read > swapped + 60


def test_on_the_given_picture_it_lies_where_the_crop_says(view: Locator) -> None:
    """Row 3, column 4 of 16 pixels, 16 and 32 pixels into what was resized from 120 × 200 to 96 × 160."""
    place = ((16 + 3.5 * 16) / 96, (32 + 4.5 * 16) / 160)
    elsewhere = ((16 + 0.5 * 16) / 96, (32 + 1.5 * 16) / 160)
    read, other = strengths(view, "given", [place, elsewhere])
    assert read > other + 60
    expect(view.locator("figure.given figcaption")).to_have_text(
        "200 × 120 pixels. 60 % was never seen: it is hatched."
    )


def test_pointing_at_a_patch_says_what_it_reads_and_leaving_says_the_chosen_one_again(
    sighted: Harness, view: Locator
) -> None:
    readout = view.locator(".readout")
    expect(readout).to_contain_text("r1 c2 reads r3 c4")
    canvas = view.locator("figure.seen canvas")
    canvas.hover(position=middle(canvas, 2, 0))
    expect(readout).to_contain_text("r2 c0 reads")
    sighted.page.mouse.move(0, 0)
    expect(readout).to_contain_text("r1 c2 reads r3 c4")


def test_a_click_chooses_a_patch_and_a_second_one_frees_it(sighted: Harness, view: Locator) -> None:
    canvas = view.locator("figure.seen canvas")
    canvas.click(position=middle(canvas, 2, 5))
    assert chosen(sighted) == (at(2, 5), None)
    canvas.click(position=middle(canvas, 2, 5))
    assert chosen(sighted) == (None, None)
    sighted.page.mouse.move(0, 0)
    expect(view.locator(".readout")).to_contain_text("Everything on average")


def test_a_click_on_the_given_picture_chooses_the_same_patch(sighted: Harness, view: Locator) -> None:
    canvas = view.locator("figure.given canvas")
    box = canvas.bounding_box()
    assert box
    canvas.click(position={"x": box["width"] * (32 + 5.5 * 16) / 160, "y": box["height"] * (16 + 8) / 96})
    assert chosen(sighted) == (at(0, 5), None)
    canvas.click(position={"x": 2, "y": 2})  # never seen: no patch
    assert chosen(sighted) == (at(0, 5), None)


def test_a_drag_chooses_a_region_whose_rows_are_averaged(sighted: Harness, view: Locator) -> None:
    canvas = view.locator("figure.seen canvas")
    box = canvas.bounding_box()
    assert box
    start, end = middle(canvas, 1, 1), middle(canvas, 2, 3)
    sighted.page.mouse.move(box["x"] + start["x"], box["y"] + start["y"])
    sighted.page.mouse.down()
    sighted.page.mouse.move(box["x"] + end["x"], box["y"] + end["y"], steps=4)
    sighted.page.mouse.up()
    assert chosen(sighted) == (at(1, 1), at(2, 3))
    expect(view.locator(".readout")).to_contain_text("6 patches, r1 c1 to r2 c3 read r3 c4")


def test_arrow_keys_choose_with_shift_a_region_and_escape_frees(sighted: Harness, view: Locator) -> None:
    view.locator("figure.seen canvas").focus()
    press = sighted.page.keyboard.press
    press("ArrowRight")
    press("ArrowDown")
    assert chosen(sighted) == (at(2, 3), None)
    press("Shift+ArrowRight")
    press("Shift+ArrowUp")
    assert chosen(sighted) == (at(2, 3), at(1, 4))
    press("Escape")
    assert chosen(sighted) == (None, None)
    press("ArrowLeft")  # from nowhere: the middle
    assert chosen(sighted) == (at(2, 3), None)


def test_the_walk_ends_at_the_edge(sighted: Harness, view: Locator) -> None:
    view.locator("figure.seen canvas").focus()
    for _ in range(9):
        sighted.page.keyboard.press("ArrowRight")
    assert chosen(sighted) == (at(1, 5), None)


def test_tokens_beside_the_patches_are_buttons_and_what_they_get_is_said(sighted: Harness, view: Locator) -> None:
    chips = view.get_by_role("group", name="Tokens beside the patches").get_by_role("button")
    expect(chips).to_have_text(["All", "CLS", "REG 0", "REG 1"])
    chips.nth(1).click()
    assert chosen(sighted) == (0, None)
    expect(chips.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(chips.nth(2)).to_have_attribute("title", "≈ 3.7 %")  # one of 27


def test_turned_round_it_says_who_reads_the_patch(sighted: Harness, view: Locator) -> None:
    sighted.page.evaluate(f"harness.sight.choose({{ query: {CROSS[1]} }})")
    view.get_by_role("radio", name="who reads it").check()
    expect(view.locator(".readout")).to_contain_text("r3 c4 is read most by r1 c2")
    read, other = strengths(view, "seen", [patch(1, 2), patch(3, 2)])
    assert read > other + 60


def test_what_is_chosen_is_told_to_a_screen_reader_in_words(sighted: Harness, view: Locator) -> None:
    view.locator("figure.seen canvas").focus()
    sighted.page.keyboard.press("ArrowRight")
    expect(view.locator("[aria-live]")).to_contain_text("row 1, column 3 reads")
    canvas = view.get_by_role("application")
    expect(canvas).to_have_attribute("aria-label", "What the model saw: 6 × 4 patches of 96 × 64 pixels")


def test_each_tool_changes_the_choice_and_the_scale_says_what_colours_mean(sighted: Harness, view: Locator) -> None:
    for text in ("Light", "Smooth", "Shared"):
        view.get_by_role("radio", name=text, exact=True).check()
    view.get_by_label("Mass").fill("50")
    view.get_by_label("Opacity").fill("40")
    choice = sighted.page.evaluate("harness.sight.choice")
    drawn = {name: choice[name] for name in ("overlay", "drawing", "scale", "mass", "opacity")}
    assert drawn == {"overlay": "light", "drawing": "smooth", "scale": "shared", "mass": 50, "opacity": 40}
    expect(view.locator(".told")).to_contain_text("16 even shares of 3.7 %")
    expect(view.locator(".told")).to_contain_text("the fewest patches that hold 50 %")


def test_the_scale_of_one_map_says_that_noise_looks_like_signal(view: Locator) -> None:
    expect(view.locator(".told")).to_contain_text("noise looks like signal")


def test_a_grid_of_another_layer_is_drawn_where_its_patches_lie(harness: Harness) -> None:
    """The fine patch r1 c3 reads the coarse r1 c2, which covers rows 2 and 3, columns 4 and 5 of the fine grid."""
    harness.settle(of="pictures", choice={"query": at(1, 3, before=0), "scale": "row"})
    harness.shelve("stages-picture")
    harness.shelve("stages")
    view = harness.mount("patch_view", width=800)
    expect(view.locator("[data-painted]")).to_be_attached()
    inside, outside = strengths(view, "seen", [patch(2.2, 4.2), patch(0.2, 0.2)])
    assert inside > outside + 60
    harness.page.evaluate("harness.sight.go({ layer: 1, head: 0 })")
    assert chosen(harness) == (1, None)  # the coarse patch in which it lies


def test_queries_of_a_finder_are_chosen_by_name_and_read_the_picture(harness: Harness) -> None:
    harness.settle(of="pictures", choice={"stack": "cross", "query": 1, "scale": "row"})
    harness.shelve("finder-picture")
    harness.shelve("finder-cross")
    view = harness.mount("patch_view", width=800)
    expect(view.locator(".readout")).to_contain_text("QUERY 1 reads r2 c5")
    read, other = strengths(view, "seen", [patch(2, 5), patch(2, 1)])
    assert read > other + 60


def test_queries_that_read_each_other_are_dyed(harness: Harness) -> None:
    harness.settle(of="pictures", choice={"stack": "decoder", "query": 0, "scale": "row"})
    harness.shelve("finder-picture")
    harness.shelve("finder-decoder")
    view = harness.mount("patch_view", width=800)
    expect(view.locator(".readout")).to_contain_text("QUERY 0 reads QUERY 1")


@pytest.mark.parametrize("width", [390, 1100])
def test_it_fits_its_width(sighted: Harness, width: int) -> None:
    sighted.page.set_viewport_size({"width": width, "height": 844})
    view = sighted.mount("patch_view")
    expect(view.locator("[data-painted]")).to_be_attached()
    assert sighted.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_speaks_chinese(sighted: Harness, view: Locator) -> None:
    sighted.settle(of="pictures", language="zh", choice={})
    expect(view.locator("figure.seen h3")).to_have_text("模型看到的图片")


def test_exact_weights_take_the_place_of_bytes(sighted: Harness, view: Locator) -> None:
    expect(view.locator(".readout")).to_contain_text("≈")
    sighted.shelve("plain-exact")
    expect(view.locator(".readout")).to_contain_text("r3 c4 80.0 %")
    expect(view.locator(".readout")).not_to_contain_text("≈")


def test_the_table_says_every_weight_by_row_and_column(sighted: Harness, view: Locator) -> None:
    sighted.shelve("plain-exact")
    view.get_by_role("button", name="Table").click()
    table = view.get_by_role("table")
    rows = table.get_by_role("row")
    expect(rows).to_have_count(1 + 3 + 4)  # columns, tokens, rows
    expect(rows.nth(1)).to_have_text("CLS0.77 %")
    expect(rows.nth(4 + 3).get_by_role("cell").nth(4)).to_have_text("80.0 %")
    expect(table).to_have_accessible_name("What r1 c2 reads: tokens, then patches by row and column")


def test_the_row_is_saved_with_the_place_of_every_patch(sighted: Harness, view: Locator) -> None:
    sighted.shelve("plain-exact")
    with sighted.page.expect_download() as caught:
        view.get_by_role("button", name="CSV").click()
    assert caught.value.suggested_filename == "attnviz-self-0.0.csv"
    lines = caught.value.path().read_text().splitlines()
    assert lines[0] == "position,row,column,top,left,bottom,right,weight"
    assert len(lines) == 1 + 27
    assert lines[1].startswith("[CLS],,,,,,,0.00769")
    name, *place, weight = lines[1 + CROSS[1]].split(",")
    assert (name, place) == ("r3 c4", ["3", "4", "48", "64", "64", "80"])
    assert float(weight) == pytest.approx(0.8)


def test_the_picture_is_saved_at_the_size_of_the_given_one(sighted: Harness, view: Locator) -> None:
    with sighted.page.expect_download() as caught:
        view.get_by_role("button", name="PNG").click()
    with Image.open(caught.value.path()) as saved:
        assert saved.size == (200, 120)
