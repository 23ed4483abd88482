"""The heat map in Chromium: what is drawn where, and what hands can do with it."""

import csv
import io
import re
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator

from tests.components.conftest import Harness
from tests.components.harness.material import SENTENCES, STRANGE, minilm

pytestmark = pytest.mark.browser

COLUMN = 860  # CSS pixels: the middle column on a laptop
PHONE = 358


def look(view: Locator, name: str, *given: object) -> Any:
    """Ask harness/canvas.js about the canvas of a view."""
    script = "async (canvas, [name, given]) => (await import('/canvas.js'))[name](canvas, ...given)"
    return view.locator("canvas").evaluate(script, [name, list(given)])


def listen(harness: Harness) -> None:
    """Note the names that are drawn from now on; `names` gives them."""
    harness.page.evaluate("async () => (await import('/canvas.js')).listen()")


def names(harness: Harness, hover: dict[str, int]) -> list[dict[str, Any]]:
    """Everything that is written on the canvas while the mouse is on a cell."""
    harness.page.evaluate("window.drawn = []")
    harness.point(hover)
    return harness.page.evaluate("window.drawn")


@pytest.fixture
def strong(harness: Harness) -> Locator:
    """Head 1 is even, but word2 reads word5 and nothing else."""
    harness.settle(choice={"layer": 0, "head": 1})
    harness.shelve("strong")
    return harness.mount("token_map", width=COLUMN)


@pytest.fixture
def drawn(cat: Harness) -> Locator:
    cat.shelve("cat-exact")
    return cat.mount("token_map", width=COLUMN)


def brightest(view: Locator) -> tuple[float, float]:
    """The upper left corner of the strongest cell, on the page."""
    place, box = look(view, "brightest"), view.locator("canvas").bounding_box()
    assert place is not None
    return box["x"] + place["x"], box["y"] + place["y"]


def middle(view: Locator, query: int, key: int) -> tuple[float, float]:
    """The middle of a cell, on the page."""
    cells, box = look(view, "cells"), view.locator("canvas").bounding_box()
    (left, right), (top, bottom) = cells["cols"][str(key)], cells["rows"][str(query)]
    return box["x"] + (left + right) / 2, box["y"] + (top + bottom) / 2


def press(harness: Harness, view: Locator, *keys: str) -> None:
    view.locator("canvas").focus()
    for key in keys:
        harness.page.keyboard.press(key)


def reading(view: Locator) -> str:
    view.page.evaluate("harness.frame()")
    return view.locator(".readout").inner_text()


# What is drawn


def test_rows_are_queries_and_columns_are_keys(harness, strong):
    x, y = brightest(strong)
    harness.page.mouse.move(x + 5, y + 5)
    assert harness.store("hover") == {"query": 2, "key": 5}
    assert reading(strong) == "“word2” reads “word5” ≈ 1.00"


def test_the_same_cell_is_the_strongest_in_the_dark(harness, strong):
    harness.theme("dark")
    x, y = brightest(strong)
    harness.page.mouse.move(x + 5, y + 5)
    assert harness.store("hover") == {"query": 2, "key": 5}


def test_the_pixel_of_every_cell_is_the_ink_of_its_weight(cat):
    view = cat.mount("token_map", width=COLUMN)
    weights = np.round(255 * np.sqrt(minilm(SENTENCES["cat"]).map("self", 2, 7).weights))
    ramp = cat.page.evaluate(
        """async () => {
          const { inks } = await import("/modules/common/ink.js");
          const ink = inks(document.body, harness.store.settings.ramp);
          return Array.from({ length: 256 }, (_, byte) => ink.rgb(byte / 255));
        }"""
    )
    cells = look(view, "cells")
    places = [
        (sum(cells["cols"][str(key)]) / 2, sum(cells["rows"][str(query)]) / 2)
        for query, key in product(range(17), repeat=2)
    ]
    cat.point(None)
    seen = look(view, "colours", places)
    expected = [ramp[int(byte)] for byte in weights.ravel()]
    assert np.abs(np.array(seen) - np.array(expected)).max() <= 3  # a byte may round to its neighbour


def test_a_lone_peak_among_a_thousand_tokens_is_drawn_on_a_phone(harness):
    harness.settle(choice={"layer": 1, "head": 1})
    harness.shelve("thousand")
    view = harness.mount("token_map", width=PHONE)
    brightest(view)


def test_halving_keeps_the_brightest_of_four(harness):
    halved = harness.page.evaluate(
        """async () => {
          const { halved } = await import("/modules/token_map/grid.js");
          const whole = { bytes: Uint8Array.from([1, 2, 3, 4, 9, 6, 7, 8, 5]), rows: 3, cols: 3 };
          const { bytes, rows, cols } = halved(whole);
          return [[...bytes], rows, cols];
        }"""
    )
    assert halved == [[9, 6, 8, 5], 2, 2]


def test_a_scale_for_each_row_draws_each_row_s_largest_in_the_strongest_ink(harness):
    harness.settle(choice={"layer": 0, "head": 0}, scale="row")
    harness.shelve("strong")  # head 0 is even: 1/8 everywhere
    view = harness.mount("token_map", width=COLUMN)
    x, y = brightest(view)
    harness.page.mouse.move(x + 5, y + 5)
    assert harness.store("hover") == {"query": 0, "key": 0}
    assert "largest of each row" in view.locator(".caption").inner_text()


@pytest.mark.parametrize("width", [COLUMN, PHONE])
@pytest.mark.parametrize("packet", ["cat", "long", "words", "chinese", "bytes", "strange", "one"])
def test_names_never_collide_and_are_never_cut(harness, packet, width):
    listen(harness)
    harness.settle(choice={"layer": 0, "head": 1, "query": 1})
    harness.shelve(packet)
    canvas = harness.mount("token_map", width=width).locator("canvas")
    written = names(harness, {"query": 2, "key": 2})
    wide, high = canvas.evaluate("canvas => [canvas.clientWidth, canvas.clientHeight]")
    assert wide <= width
    for corner in (corner for name in written for corner in name["box"]):
        assert -0.5 <= corner[0] <= wide + 0.5
        assert -0.5 <= corner[1] <= high + 0.5
    for one, other in ((one, other) for index, one in enumerate(written) for other in written[:index]):
        assert not _meet(one["box"], other["box"]), f"{one['text']} meets {other['text']}"


def _meet(one: list[list[float]], other: list[list[float]]) -> bool:
    """Whether two convex boxes overlap by more than a pixel: no line along a side of either parts them."""
    first, second = np.array(one), np.array(other)
    for start, end in [*pairwise([*one, one[0]]), *pairwise([*other, other[0]])]:
        along = np.subtract(end, start)
        normal = np.array([-along[1], along[0]]) / max(1e-9, np.hypot(*along))
        (low, high), (least, most) = ((np.min(box @ normal), np.max(box @ normal)) for box in (first, second))
        if high <= least + 1 or most <= low + 1:
            return False
    return True


def test_the_row_and_the_column_under_the_mouse_are_always_named(harness):
    listen(harness)
    harness.settle(choice={"layer": 0, "head": 0})
    harness.shelve("thousand")
    harness.settle(choice={"layer": 1, "head": 0}, epoch="second")
    harness.mount("token_map", width=PHONE)
    slants = {name["text"]: name["slant"] for name in names(harness, {"query": 613, "key": 287})}
    assert slants["word613"] == 0
    assert slants["word287"] > 0.7


def test_a_long_name_is_cut_on_the_map_and_whole_in_the_reading(harness):
    listen(harness)
    harness.settle(choice={"layer": 0, "head": 0})
    harness.shelve("strange")
    view = harness.mount("token_map", width=PHONE)
    written = {name["text"] for name in names(harness, {"query": 6, "key": 7})}
    assert reading(view).startswith(f"“{STRANGE[6]}” reads “x” ")
    assert STRANGE[6] not in written
    assert any(name.startswith("Donau") and name.endswith("…") for name in written)


def test_a_map_fits_the_height_of_a_laptop_and_few_tokens_stay_small(harness):
    harness.page.set_viewport_size({"width": 1440, "height": 800})
    harness.settle(choice={"layer": 1, "head": 1})
    harness.shelve("long")
    canvas = harness.mount("token_map", width=COLUMN).locator("canvas")
    assert 400 < canvas.bounding_box()["height"] <= 600
    harness.shelve("one")
    assert canvas.bounding_box()["height"] < 250  # three tokens


def test_the_picture_of_the_head_before_stays_until_the_layer_is_there(harness):
    harness.settle(choice={"layer": 1, "head": 1})
    harness.shelve("thousand")  # holds layer 1 alone
    view = harness.mount("token_map", width=COLUMN)
    harness.choose(layer=2)
    assert view.get_by_text("loading layer").is_visible()
    assert brightest(view)
    harness.choose(layer=1)
    assert not view.get_by_text("loading layer").is_visible()


def test_a_view_that_is_taken_away_leaves_nothing_behind(harness, strong):
    harness.unmount("token_map")
    harness.point({"query": 0, "key": 0})
    assert harness.store("listeners.size") == 0


# Reading


def test_an_exact_map_is_read_with_four_decimals(cat, drawn):
    weights = minilm(SENTENCES["cat"]).map("self", 2, 7).weights
    cat.point({"query": 8, "key": 0})
    assert reading(drawn) == f"“it” reads “[CLS]” {weights[8, 0]:.4f}"


def test_a_small_weight_that_came_as_a_byte_is_never_said_to_be_zero(cat):
    view = cat.mount("token_map", width=COLUMN)
    cat.point({"query": 8, "key": 4})
    assert reading(view) == "“it” reads “on” < 0.01"


def test_the_mouse_that_leaves_takes_its_reading_along(harness, strong):
    harness.page.mouse.move(*middle(strong, 2, 5))
    assert harness.store("hover") is not None
    harness.page.mouse.move(1270, 5)
    assert harness.store("hover") is None


def test_over_a_name_its_row_alone_is_pointed_at(harness, strong):
    _, y = middle(strong, 2, 5)
    left = strong.locator("canvas").bounding_box()["x"]
    harness.page.mouse.move(left + 10, y)
    assert harness.store("hover") == {"query": 2, "key": None}


def test_the_caption_says_what_the_map_is(drawn):
    assert drawn.locator(".caption").inner_text() == (
        "L2 H7. Each row is a query; its keys share 1. Nothing hidden. Colour: square root of the weight, 0 to 1."
    )


def test_the_caption_says_what_was_hidden_and_what_became_of_the_rows(cat):
    cat.settle(choice={"layer": 2, "head": 7, "query": 8}, specials="hidden", epoch="second")
    cat.shelve("cat-exact")
    view = cat.mount("token_map", width=COLUMN)
    weights = minilm(SENTENCES["cat"]).map("self", 2, 7).weights
    shares = 100 * weights[:, [0, 16]].sum(axis=1)
    caption = view.locator(".caption")
    assert f"on average they hold {shares[1:16].mean():.1f} % of a row" in caption.inner_text()
    assert f"They hold {shares[8]:.1f} % of “it”." in caption.inner_text()
    assert "not renormalised" in caption.inner_text()
    cat.settle(choice={"layer": 2, "head": 7, "query": 8}, specials="renormalised")
    assert "Each row was renormalised" in caption.inner_text()


def test_hidden_tokens_leave_rows_and_columns_out(cat):
    cat.settle(choice={"layer": 2, "head": 7}, specials="renormalised", epoch="second")
    view = cat.mount("token_map", width=COLUMN)
    view.get_by_role("button", name="Table").click()
    assert view.locator("thead th").all_inner_texts()[0] == "the"
    assert view.locator("tbody tr").count() == 15
    first = [float(cell) for cell in view.locator("tbody tr").first.locator("td").all_inner_texts()]
    assert sum(first) == pytest.approx(1, abs=0.01)


def test_a_text_of_special_tokens_alone_says_so(harness):
    harness.settle(choice={"layer": 0, "head": 0}, specials="hidden")
    harness.shelve("one")
    view = harness.mount("token_map", width=COLUMN)
    harness.page.evaluate(
        "async () => { harness.store.packet.special.fill(true); harness.store.note('packet'); await harness.frame() }"
    )
    assert "Every token of this text is special" in reading(view)
    assert view.locator("canvas").is_hidden()


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"average": "heads"}, "Mean of the 12 heads of layer 2."),
        ({"average": "all"}, "Mean of all 72 heads in 6 layers."),
        (
            {"average": "mix", "mix": [{"layer": 2, "head": 7, "weight": 0.5}, {"layer": 0, "head": 2, "weight": 1.5}]},
            "A mix: L2 H7 25.0 %, L0 H2 75.0 %.",
        ),
    ],
)
def test_the_caption_names_the_heads_of_an_average(cat, drawn, choice, says):
    cat.choose(**choice)
    assert drawn.locator(".caption").inner_text().startswith(says)


def test_chinese_has_every_phrase(harness):
    harness.settle(choice={"layer": 2, "head": 7}, language="zh", specials="hidden", scale="row")
    harness.shelve("chinese")
    view = harness.mount("token_map", width=COLUMN)
    view.get_by_role("button", name="表格").click()
    assert not re.search(r"\bmap\.\w", view.locator(".view").text_content())


# Pinning


def test_a_click_pins_the_query_and_a_second_one_frees_it(harness, strong):
    cell = middle(strong, 2, 5)
    harness.page.mouse.click(*cell)
    assert harness.choice["query"] == 2
    harness.page.mouse.click(*cell)
    assert harness.choice["query"] is None


def test_python_hears_of_a_pin_once(harness, strong):
    harness.page.mouse.click(*middle(strong, 2, 5))
    harness.page.wait_for_timeout(300)
    assert [report["query"] for report in harness.page.evaluate("harness.reports")] == [2]


def test_who_reads_it_pins_the_key(harness, strong):
    harness.choose(direction="read")
    harness.page.mouse.click(*middle(strong, 2, 5))
    assert harness.choice["query"] == 5


def test_enter_pins_and_escape_frees(harness, strong):
    press(harness, strong, "ArrowDown", "ArrowDown", "ArrowDown", "Enter")
    assert harness.choice["query"] == 3
    harness.page.keyboard.press("Escape")
    assert harness.choice["query"] is None
    assert harness.store("hover") is None


# Keys


@pytest.mark.parametrize(
    ("keys", "cell"),
    [
        (["ArrowRight", "ArrowDown"], (1, 1)),
        (["Shift+ArrowRight", "Shift+ArrowDown", "ArrowLeft"], (10, 9)),
        (["End", "PageDown"], (10, 16)),
        (["End", "PageDown", "PageDown", "PageUp", "Home"], (6, 0)),
        (["Control+End"], (16, 16)),
        (["Control+End", "Control+Home"], (0, 0)),
        (["ArrowUp", "ArrowLeft"], (0, 0)),
    ],
)
def test_keys_move_the_cursor(cat, drawn, keys, cell):
    press(cat, drawn, *keys)
    assert cat.store("hover") == {"query": cell[0], "key": cell[1]}


def test_a_move_by_key_is_read_aloud_and_a_move_of_the_mouse_is_not(cat, drawn):
    spoken = drawn.locator("[aria-live]")
    cat.page.mouse.move(*middle(drawn, 3, 3))
    assert spoken.inner_text() == ""
    press(cat, drawn, "ArrowRight")
    assert spoken.inner_text() == reading(drawn)
    assert spoken.inner_text().startswith("“sat” reads “on” 0.")  # from where the mouse was


def test_the_map_has_a_name_and_says_its_keys(drawn):
    canvas = drawn.get_by_role("application")
    assert canvas.get_attribute("aria-label") == "L2 H7. Heat map of 17 tokens: each row is a query, each column a key."
    assert "Arrow keys" in canvas.get_attribute("aria-description")


def test_keys_that_are_not_ours_are_left_to_the_browser(drawn):
    canvas = drawn.locator("canvas")
    sent = "(canvas, init) => canvas.dispatchEvent(new KeyboardEvent('keydown', { cancelable: true, ...init }))"
    assert canvas.evaluate(sent, {"key": "ArrowDown"}) is False  # taken
    for left in (
        {"key": "a"},
        {"key": "Tab"},
        {"key": "0", "ctrlKey": True},
        {"key": "+", "ctrlKey": True},
        {"key": "ArrowLeft", "altKey": True},
    ):
        assert canvas.evaluate(sent, left) is True


# Zoom


def wheel(harness: Harness, *held: str, up: int = 600) -> None:
    for key in held:
        harness.page.keyboard.down(key)
    harness.page.mouse.wheel(0, -up)
    harness.page.wait_for_timeout(50)
    for key in held:
        harness.page.keyboard.up(key)


@pytest.mark.parametrize("held", ["Control", "Meta", "Shift"])
def test_the_wheel_zooms_at_the_cursor_when_a_key_is_held(cat, drawn, held):
    (x, y), (beside, _) = middle(drawn, 8, 8), middle(drawn, 8, 9)
    cat.page.mouse.move(x, y)
    wheel(cat, held)
    near = x + 0.7 * (beside - x)  # in the next cell while the map was whole
    for across in (x + 1, near):
        cat.page.mouse.move(across, y)
        assert cat.store("hover") == {"query": 8, "key": 8}
    assert cat.page.evaluate("scrollY") == 0


def test_the_plain_wheel_scrolls_the_page(cat, drawn):
    cat.page.set_viewport_size({"width": 1280, "height": 400})
    box = drawn.locator("canvas").bounding_box()
    cat.page.mouse.move(box["x"] + 200, box["y"] + 200)
    cat.page.mouse.wheel(0, 150)
    cat.page.wait_for_function("scrollY > 100")


def test_a_drag_pans_a_zoomed_map_and_pins_nothing(cat, drawn):
    press(cat, drawn, "Control+Home", "+", "+", "+", "+")
    x, y = middle(drawn, 2, 2)
    cat.page.mouse.move(x, y)
    cat.page.mouse.down()
    cat.page.mouse.move(x - 60, y - 40, steps=4)
    cat.page.mouse.up()
    cat.page.mouse.move(x - 59, y - 40)
    assert cat.store("hover") == {"query": 2, "key": 2}  # the cell came along
    assert cat.choice["query"] is None


def test_the_cursor_stays_in_sight_when_it_leaves_the_zoomed_part(cat, drawn):
    press(cat, drawn, "Control+Home", "+", "+", "+", "+", "Control+End")
    assert {"16"} <= look(drawn, "cells")["rows"].keys()


@pytest.mark.parametrize("back", ["0", "double click"])
def test_a_zoomed_map_goes_back_to_whole(cat, drawn, back):
    box = drawn.locator("canvas").bounding_box()
    press(cat, drawn, "Control+End", "+", "+", "+")
    if back == "0":
        press(cat, drawn, "0")
    else:
        cat.page.mouse.dblclick(box["x"] + 300, box["y"] + 300)
    assert len(look(drawn, "cells")["rows"]) == 17
    assert cat.choice["query"] is None


def test_another_head_is_seen_from_as_close_and_another_text_whole(cat, drawn):
    press(cat, drawn, "Control+End", "+", "+", "+")
    before = look(drawn, "cells")
    cat.choose(head=3)
    assert look(drawn, "cells") == before
    cat.shelve("words")
    assert len(look(drawn, "cells")["rows"]) == 21


def test_two_fingers_zoom_and_a_tap_pins(browser, address):
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    harness = Harness(page, address)
    harness.settle(choice={"layer": 0, "head": 1})
    harness.shelve("strong")
    view = harness.mount("token_map")
    x, y = middle(view, 2, 5)
    across, _ = middle(view, 2, 6)
    page.touchscreen.tap(x, y)
    assert harness.choice["query"] == 2
    assert harness.store("hover") == {"query": 2, "key": 5}  # the finger has gone, its reading stays
    send = context.new_cdp_session(page).send
    for kind, apart in (("touchStart", 20), ("touchMove", 40), ("touchMove", 60), ("touchEnd", None)):
        points = [] if apart is None else [{"x": x - apart, "y": y}, {"x": x + apart, "y": y}]
        send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert harness.choice["query"] == 2
    page.touchscreen.tap(x + 0.7 * (across - x), y)  # was another key while the map was whole
    assert harness.store("hover") == {"query": 2, "key": 5}
    assert harness.complaints == []
    context.close()


# Table and files


def test_the_table_is_a_table_with_named_rows_and_columns(drawn):
    button = drawn.get_by_role("button", name="Table")
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    weights = minilm(SENTENCES["cat"]).map("self", 2, 7).weights
    assert drawn.get_by_role("rowheader").all_inner_texts()[8] == "it"
    assert drawn.get_by_role("columnheader").all_inner_texts()[:3] == ["[CLS]", "the", "cat"]
    row = drawn.locator("tbody tr").nth(8).locator("td").all_inner_texts()
    assert row == [f"{weight:.3f}" for weight in weights[8]]
    button.click()
    assert drawn.get_by_role("table").count() == 0


def test_a_large_table_is_turned_page_by_page(harness):
    harness.settle(choice={"layer": 0, "head": 2})
    harness.shelve("long")
    view = harness.mount("token_map", width=COLUMN)
    view.get_by_role("button", name="Table").click()
    assert view.get_by_role("columnheader").count() == 64
    assert view.get_by_text("keys 0–63 of 128").is_visible()
    view.get_by_role("button", name="Later").click()
    assert view.get_by_text("keys 64–127 of 128").is_visible()
    assert view.get_by_role("button", name="Earlier").evaluate(
        "button => button.getRootNode().activeElement === button"
    )


def test_the_open_table_follows_the_head(cat, drawn):
    drawn.get_by_role("button", name="Table").click()
    first = drawn.locator("tbody td").first
    before = first.inner_text()
    cat.choose(layer=0, head=2)
    assert first.inner_text() != before


def test_the_csv_is_the_exact_map(cat, drawn, tmp_path):
    with cat.page.expect_download() as download:
        drawn.get_by_role("button", name="CSV").click()
    assert download.value.suggested_filename == "attnviz-self-2.7.csv"
    download.value.save_as(tmp_path / "map.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "map.csv").read_text(encoding="utf-8-sig"))))
    weights = minilm(SENTENCES["cat"]).map("self", 2, 7).weights
    assert [row[0] for row in rows[1:4]] == ["[CLS]", "the", "cat"]
    assert np.array_equal(np.array([row[1:] for row in rows[1:]], np.float32), weights)


def test_there_is_no_csv_of_rounded_numbers(cat):
    view = cat.mount("token_map", width=COLUMN)
    assert view.get_by_role("button", name="CSV").is_disabled()
    cat.shelve("cat-exact")
    assert view.get_by_role("button", name="CSV").is_enabled()


def test_a_spreadsheet_runs_nothing_of_a_csv(harness):
    written = harness.page.evaluate(
        """async (names) => {
          const { csv } = await import("/modules/token_map/files.js");
          const values = new Float32Array(names.length);
          return csv({ queries: { names }, keys: { names: ["key"] }, values, cols: 1 }, "=corner");
        }""",
        [*STRANGE, "\tx", "\0x", "\rx", "a\nb"],
    )
    fields = [row[0] for row in csv.reader(io.StringIO(written, newline=""))]
    assert fields[:6] == ["'=corner", "'=1+1", "'+2", "'-3", "'@cmd", '"a, b"']
    assert fields[-4:] == ["'\tx", "'\0x", "'\rx", "a\nb"]


def test_the_png_is_the_map_with_its_names(cat, drawn, tmp_path):
    with cat.page.expect_download() as download:
        drawn.get_by_role("button", name="PNG").click()
    assert download.value.suggested_filename == "attnviz-self-2.7.png"
    download.value.save_as(tmp_path / "map.png")
    picture = Image.open(tmp_path / "map.png")
    canvas = drawn.locator("canvas").bounding_box()
    assert picture.height == 2 * canvas["height"]
    assert picture.width < 2 * canvas["width"]  # without the empty part of the column
    assert picture.convert("RGB").getpixel((1, 1)) == (255, 255, 255)
    assert len(picture.convert("RGB").getcolors(100_000)) > 100


def test_a_name_is_text_everywhere(harness):
    harness.settle(choice={"layer": 0, "head": 0, "query": 5})
    harness.shelve("strange")
    view = harness.mount("token_map", width=COLUMN)
    view.get_by_role("button", name="Table").click()
    harness.point({"query": 5, "key": 5})
    assert "<b>bold</b>" in reading(view)
    assert view.locator("b").count() == 0


def test_a_narrower_column_makes_a_narrower_map(cat, drawn):
    drawn.evaluate("host => { host.style.width = '300px' }")
    cat.page.wait_for_timeout(100)
    assert drawn.locator("canvas").bounding_box()["width"] == 300
    assert len(look(drawn, "cells")["cols"]) == 17
