"""The head atlas: every head is drawn, can be chosen with any hand, and can be read aloud."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.components.conftest import Harness

pytestmark = pytest.mark.browser


@pytest.fixture
def atlas(cat: Harness) -> Locator:
    return cat.mount("head_atlas", width=320)


def cell(atlas: Locator, layer: int, head: int) -> Locator:
    return atlas.locator(f'.cell[data-layer="{layer}"][data-head="{head}"]')


def place(harness: Harness) -> tuple[int, int]:
    return harness.choice["layer"], harness.choice["head"]


def drawn(atlas: Locator, layer: int, head: int) -> list[list[list[int]]]:
    """The pixels of one tile, [row][column][red, green, blue], read back from the canvas under its cell."""
    return atlas.page.evaluate(
        """([layer, head]) => {
          const root = document.querySelector('[data-view="head_atlas"]').shadowRoot;
          const canvas = root.querySelector("canvas");
          const box = root.querySelector(`.cell[data-layer="${layer}"][data-head="${head}"]`).getBoundingClientRect();
          const at = canvas.getBoundingClientRect();
          const ratio = canvas.width / at.width;
          const lengths = [box.left - at.left, box.top - at.top, box.width];
          const [x, y, side] = lengths.map((length) => Math.round(length * ratio));
          const { data } = canvas.getContext("2d").getImageData(x, y, side, side);
          const pixel = (index) => [...data.slice(4 * index, 4 * index + 3)];
          const line = Array.from({ length: side });
          return line.map((_, row) => line.map((_, col) => pixel(row * side + col)));
        }""",
        [layer, head],
    )


def darkest(pixels: list[list[list[int]]]) -> tuple[float, float]:
    """Where the strongest ink of a light theme lies, as fractions of the tile: (down, across)."""
    side = len(pixels)
    least = min(sum(pixel) for row in pixels for pixel in row)
    found = [(row, col) for row in range(side) for col in range(side) if sum(pixels[row][col]) == least]
    return sum(row for row, _ in found) / len(found) / side, sum(col for _, col in found) / len(found) / side


def test_a_tile_has_queries_down_and_keys_across(harness: Harness):
    harness.settle()
    harness.shelve("strong")  # head 1: word2 reads word5, of 8
    atlas = harness.mount("head_atlas", width=200)
    down, across = darkest(drawn(atlas, 0, 1))
    assert down == pytest.approx(2.5 / 8, abs=0.05)
    assert across == pytest.approx(5.5 / 8, abs=0.05)


def test_the_strongest_weight_of_a_long_text_is_seen_on_a_small_tile(harness: Harness):
    harness.settle(choice={"layer": 1})
    harness.shelve("thousand")
    atlas = harness.mount("head_atlas", width=120)
    pixels = drawn(atlas, 2, 3)
    assert len(pixels) < 32
    assert min(sum(pixel) for row in pixels for pixel in row) < 250


def test_a_scale_for_every_row_draws_each_rows_largest_weight_in_the_strongest_ink(cat: Harness, atlas: Locator):
    def strongest(pixels: list[list[list[int]]]) -> list[int]:
        return [min(sum(pixel) for pixel in row) for row in pixels[1:-1]]

    assert max(strongest(drawn(atlas, 5, 0))) > 200
    cat.settle(scale="row")
    assert max(strongest(drawn(atlas, 5, 0))) < 200


def test_hidden_special_tokens_leave_the_tiles_too(cat: Harness, atlas: Locator):
    shared = drawn(atlas, 2, 7)
    assert sum(shared[5][0]) < 250  # the column of [CLS]
    cat.settle(specials="hidden")
    assert sum(drawn(atlas, 2, 7)[5][0]) > 500


def test_the_page_says_when_every_head_is_painted(cat: Harness, atlas: Locator):
    assert cat.page.evaluate("document.documentElement.dataset.attnvizPainted") == "cat"
    cat.shelve("words")
    assert cat.page.evaluate("document.documentElement.dataset.attnvizPainted") == "words"


def test_all_heads_of_128_tokens_are_painted_within_a_second(harness: Harness):
    harness.settle()
    harness.mount("head_atlas", width=320)
    took = harness.page.evaluate(
        """async () => {
          const message = new Uint8Array(await (await fetch("packets/long")).arrayBuffer());
          const { decode } = await import("/modules/common/packet.js");
          const from = performance.now();
          harness.store.shelve(decode(message));
          while (document.documentElement.dataset.attnvizPainted !== "long") await harness.frame();
          return performance.now() - from;
        }"""
    )
    assert took < 1000


def test_another_theme_paints_with_its_own_inks(cat: Harness, atlas: Locator):
    assert sum(drawn(atlas, 0, 2)[0][-1]) > 600
    cat.theme("dark")
    assert sum(drawn(atlas, 0, 2)[0][-1]) < 200


def test_every_tile_can_be_read_aloud(cat: Harness, atlas: Locator):
    grid = atlas.get_by_role("grid")
    expect(grid.get_by_role("gridcell")).to_have_count(72)
    expect(grid.get_by_role("rowheader")).to_have_text([f"L{layer}" for layer in range(6)])
    expect(cell(atlas, 2, 7)).to_have_attribute("aria-label", "Layer 2, head 7: reads [CLS], 0.84")
    expect(cell(atlas, 0, 2)).to_have_attribute("aria-label", "Layer 0, head 2: reads the token before, 1.00")
    expect(cell(atlas, 2, 7)).to_have_attribute("aria-selected", "true")
    expect(atlas.locator('.cell[aria-selected="true"]')).to_have_count(1)


def test_a_kind_without_a_phrase_of_its_own_is_named(cat: Harness, atlas: Locator):
    cat.page.evaluate(
        """async () => {
          const { packet } = harness.store;
          harness.store.shelve({ ...packet, characters: packet.characters.map(() => ["induction", 0.5]) });
          await harness.frame();
        }"""
    )
    expect(cell(atlas, 2, 7)).to_have_attribute("aria-label", "Layer 2, head 7: induction, 0.50")


def test_a_click_chooses_a_head(cat: Harness, atlas: Locator):
    cell(atlas, 4, 9).click()
    assert place(cat) == (4, 9)
    assert cat.choice["average"] == "none"
    expect(cell(atlas, 4, 9)).to_be_focused()
    expect(atlas.locator(".caption")).to_contain_text("L4 H9")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("ArrowLeft", (2, 6)),
        ("ArrowRight", (2, 8)),
        ("ArrowUp", (1, 7)),
        ("ArrowDown", (3, 7)),
        ("Home", (2, 0)),
        ("End", (2, 11)),
        ("Control+Home", (0, 0)),
        ("Control+End", (5, 11)),
        ("PageDown", (5, 7)),
        ("PageUp", (0, 7)),
    ],
)
def test_keys_walk_the_grid(cat: Harness, atlas: Locator, key: str, expected: tuple[int, int]):
    cell(atlas, 2, 7).focus()
    cat.page.keyboard.press(key)
    assert place(cat) == expected
    expect(cell(atlas, *expected)).to_be_focused()
    expect(cell(atlas, *expected)).to_have_attribute("tabindex", "0")


def test_the_edge_of_the_grid_is_the_end_of_the_way(cat: Harness, atlas: Locator):
    cat.choose(layer=5, head=11)
    cell(atlas, 5, 11).focus()
    for key in ("ArrowRight", "ArrowDown"):
        cat.page.keyboard.press(key)
    assert place(cat) == (5, 11)


def test_the_mouse_tells_of_a_tile_without_choosing_it_and_nothing_moves(cat: Harness, atlas: Locator):
    caption = atlas.locator(".caption")
    before = atlas.bounding_box()
    cell(atlas, 0, 2).hover()
    expect(caption).to_have_text("L0 H2 · reads the token before, 1.00")
    assert place(cat) == (2, 7)
    assert atlas.bounding_box() == before
    cat.page.mouse.move(600, 600)
    expect(caption).to_have_text("L2 H7 · reads [CLS], 0.84")


def test_means_are_chosen_with_radio_buttons(cat: Harness, atlas: Locator):
    atlas.get_by_role("radio", name="Layer").check(force=True)
    assert cat.choice["average"] == "heads"
    expect(atlas.locator(".caption")).to_have_text("Mean of the 12 heads of layer 2")
    expect(atlas.locator('.cell[aria-selected="true"]')).to_have_count(12)
    cat.page.keyboard.press("ArrowRight")
    assert cat.choice["average"] == "all"
    expect(atlas.locator(".caption")).to_have_text("Mean of all 72 heads")


def test_the_focus_stays_when_python_answers(cat: Harness, atlas: Locator):
    strip = cat.mount("token_strip")
    for radio in (atlas.get_by_role("radio", name="Layer"), strip.get_by_role("radio", name="who reads it")):
        radio.check(force=True)
        radio.focus()
        cat.settle(scale="row")
        cat.shelve("cat")
        expect(radio).to_be_focused()


def test_a_layers_mean_stays_while_walking_through_layers_and_ends_with_a_head(cat: Harness, atlas: Locator):
    atlas.get_by_role("rowheader", name="L4").click()
    assert (cat.choice["layer"], cat.choice["average"]) == (4, "heads")
    cell(atlas, 4, 7).focus()
    cat.page.keyboard.press("ArrowDown")
    assert (cat.choice["layer"], cat.choice["average"]) == (5, "heads")
    cat.page.keyboard.press("ArrowLeft")
    assert (place(cat), cat.choice["average"]) == ((5, 6), "none")


def mix_of(harness: Harness) -> list[tuple[Any, ...]]:
    return [(part["layer"], part["head"], part["weight"]) for part in harness.choice["mix"]]


def test_shift_and_a_click_mix_a_head_in_and_out(cat: Harness, atlas: Locator):
    cell(atlas, 0, 2).click(modifiers=["Shift"])
    assert cat.choice["average"] == "mix"
    assert mix_of(cat) == [(2, 7, 1), (0, 2, 1)]
    expect(atlas.locator(".parts .number")).to_have_text(["50.0 %", "50.0 %"])
    cat.page.mouse.move(600, 600)
    expect(atlas.locator(".caption")).to_have_text("A mix of 2 heads")
    expect(atlas.locator('.cell[aria-selected="true"]')).to_have_count(2)
    cell(atlas, 0, 2).click(modifiers=["Shift"])
    assert mix_of(cat) == [(2, 7, 1)]


def test_the_keyboard_mixes_with_m(cat: Harness, atlas: Locator):
    cell(atlas, 2, 7).focus()
    cat.page.keyboard.press("m")
    cat.page.keyboard.press("ArrowRight")
    assert mix_of(cat) == [(2, 7, 1)]
    cat.page.keyboard.press("m")
    assert mix_of(cat) == [(2, 7, 1), (2, 8, 1)]


def test_a_finger_mixes_with_the_button(cat: Harness, atlas: Locator):
    atlas.get_by_role("radio", name="Mix").check(force=True)
    assert mix_of(cat) == [(2, 7, 1)]
    cell(atlas, 3, 1).click()
    assert mix_of(cat) == [(2, 7, 1)]
    atlas.get_by_role("button", name="Add L3 H1").click()
    assert mix_of(cat) == [(2, 7, 1), (3, 1, 1)]
    expect(atlas.locator(".toggle")).to_be_hidden()
    atlas.get_by_role("button", name="Take L3 H1 out").click()
    assert mix_of(cat) == [(2, 7, 1)]
    expect(atlas.get_by_role("button", name="Take L2 H7 out")).to_be_focused()


def test_sliders_weigh_the_heads_of_a_mix_in_steps_of_five_per_cent(cat: Harness, atlas: Locator):
    cell(atlas, 0, 2).click(modifiers=["Shift"])
    slider = atlas.get_by_role("slider", name="Weight of L0 H2")
    slider.focus()
    cat.page.keyboard.press("ArrowLeft")
    assert mix_of(cat)[1] == (0, 2, 0.95)
    slider.fill("60")
    assert mix_of(cat)[1] == (0, 2, 0.6)
    expect(slider).to_have_attribute("aria-valuetext", "60 %")
    expect(slider).to_be_focused()
    expect(atlas.locator(".parts .number")).to_have_text(["62.5 %", "37.5 %"])


def test_taking_the_last_head_out_leaves_a_single_head(cat: Harness, atlas: Locator):
    atlas.get_by_role("radio", name="Mix").check(force=True)
    atlas.get_by_role("button", name="Take L2 H7 out").click()
    assert cat.choice["average"] == "none"
    expect(atlas.locator(".mix")).to_be_hidden()
    expect(cell(atlas, 2, 7)).to_be_focused()


def test_a_model_of_1152_heads_scrolls_inside_and_keeps_the_chosen_head_in_sight(harness: Harness):
    harness.settle(choice={"layer": 0, "head": 0})
    harness.shelve("many")
    atlas = harness.mount("head_atlas", width=300)
    assert atlas.locator(".cell").count() == 1152
    assert atlas.bounding_box()["height"] < 700
    harness.choose(layer=35, head=31)
    scroll = atlas.locator(".scroll").bounding_box()
    chosen = cell(atlas, 35, 31).bounding_box()
    assert scroll["x"] <= chosen["x"]
    assert chosen["x"] + chosen["width"] <= scroll["x"] + scroll["width"]
    assert chosen["y"] + chosen["height"] <= scroll["y"] + scroll["height"]
    assert harness.page.evaluate("scrollY") == 0


def test_tiles_are_as_large_as_the_width_allows(cat: Harness):
    atlas = cat.mount("head_atlas", width=320)
    narrow = cell(atlas, 0, 0).bounding_box()["width"]
    cat.page.evaluate("() => { document.querySelector('.host').style.width = '640px' }")
    cat.page.wait_for_timeout(100)
    assert cell(atlas, 0, 0).bounding_box()["width"] > 1.9 * narrow
    last = cell(atlas, 5, 11).bounding_box()
    assert last["x"] + last["width"] <= 16 + 640


def test_chinese_comes_from_the_catalogue(cat: Harness, atlas: Locator):
    cat.settle(language="zh")
    expect(cell(atlas, 2, 7)).to_have_attribute("aria-label", "第 2 层第 7 头：读 [CLS]，0.84")


def test_a_choice_that_the_packet_does_not_have_draws_the_rest(cat: Harness, atlas: Locator):
    cat.choose(layer=40, head=90)
    expect(atlas.locator(".caption")).to_have_text("L40 H90")
    expect(atlas.locator('.cell[tabindex="0"]')).to_have_count(1)


def test_labels_of_tokens_are_text_and_never_markup(cat: Harness, atlas: Locator):
    cat.page.evaluate(
        """async () => {
          const { packet } = harness.store;
          harness.store.shelve({ ...packet, labels: packet.labels.map(() => "<img src=x onerror=alert(1)>") });
          await harness.frame();
        }"""
    )
    expect(atlas.locator(".caption")).to_contain_text("<img src=x")
    assert atlas.locator("img").count() == 0
