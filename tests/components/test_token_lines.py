"""The lines in Chromium: which are drawn and where they end, for mouse, finger, keys and screen reader."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.components.conftest import Harness
from tests.components.harness.material import SENTENCES, STRANGE, minilm

pytestmark = pytest.mark.browser

COLUMN = 860  # CSS pixels: the middle column on a laptop
IT = SENTENCES["cat"].split().index("it") + 1  # after [CLS]
HINT = "Point at a token: at the left to see what it reads, at the right to see who reads it. Click to pin it."


@pytest.fixture
def lines(cat: Harness) -> Locator:
    cat.shelve("cat-exact")
    return cat.mount("token_lines", width=COLUMN)


@pytest.fixture
def strong(harness: Harness) -> Locator:
    """Head 1 is even, but word2 reads word5 and nothing else."""
    harness.settle(choice={"layer": 0, "head": 1})
    harness.shelve("strong")
    return harness.mount("token_lines", width=COLUMN)


def query(lines: Locator, place: int) -> Locator:
    return lines.locator(f'.queries .token[data-token="{place}"]')


def key(lines: Locator, place: int) -> Locator:
    return lines.locator(f'.keys .token[data-token="{place}"]')


def drawn(harness: Harness, lines: Locator, **settings: Any) -> list[dict[str, Any]]:
    """The lines as they are drawn anew, in their order: query and key, width, opacity, whether it stands out."""
    harness.page.evaluate("async () => (await import('/canvas.js')).listenToLines()")
    harness.settle(choice=harness.choice, **settings)
    step, top = (
        key(lines, 0).or_(key(lines, 1)).first.bounding_box()["height"],
        lines.locator(".room").evaluate("room => room.scrollTop"),
    )
    places = [int(each.get_attribute("data-token")) for each in lines.locator(".keys .token").all()]
    at = lambda y: places[int((y + top) // step)]  # noqa: E731
    return [line | {"query": at(line["from"]), "key": at(line["to"])} for line in harness.page.evaluate("window.lines")]


def cat_weights() -> np.ndarray:
    return minilm(SENTENCES["cat"]).map("self", 2, 7).weights


# What is drawn


def test_every_weight_is_a_line_from_its_query_to_its_key(cat, lines):
    weights = cat_weights()
    found = drawn(cat, lines)
    expected = {(int(row), int(column)) for row, column in np.argwhere(weights >= 0.01)}
    assert {(line["query"], line["key"]) for line in found} == expected
    assert len(found) == len(expected)


def test_a_line_starts_and_ends_at_the_middle_of_its_tokens(harness, strong):
    [line] = [line for line in drawn(harness, strong) if line["query"] == 2]
    canvas = strong.locator("canvas").bounding_box()
    for token, y in ((query(strong, 2), line["from"]), (key(strong, 5), line["to"])):
        box = token.bounding_box()
        assert canvas["y"] + y == pytest.approx(box["y"] + box["height"] / 2, abs=0.5)
    assert canvas["x"] == pytest.approx(
        query(strong, 2).bounding_box()["x"] + query(strong, 2).bounding_box()["width"], abs=1
    )
    assert canvas["x"] + canvas["width"] == pytest.approx(key(strong, 5).bounding_box()["x"], abs=1)


def test_the_strongest_line_is_the_strongest_weight_and_drawn_last(cat, lines):
    found = drawn(cat, lines)
    row, column = np.unravel_index(cat_weights().argmax(), cat_weights().shape)
    assert (found[-1]["query"], found[-1]["key"]) == (row, column)
    assert all(one["opacity"] <= other["opacity"] and one["width"] <= other["width"] for one, other in pairwise(found))


def test_width_follows_the_square_root_of_the_weight(harness, strong):
    by_query = {line["query"]: line for line in drawn(harness, strong)}
    assert by_query[2]["width"] == pytest.approx(3, rel=0.01)
    assert by_query[2]["opacity"] == pytest.approx(1, rel=0.01)
    assert by_query[0]["width"] == pytest.approx(3 * (1 / 8) ** 0.5, rel=0.01)


def test_a_scale_of_its_own_gives_the_largest_of_each_query_the_strongest_line(harness, strong):
    assert {line["width"] for line in drawn(harness, strong, scale="row")} == {3}
    expect(strong.locator(".caption")).to_contain_text("0 to the largest of each query")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_line_is_seen_where_it_ends(harness, strong, theme):
    harness.theme(theme)
    line = next(line for line in drawn(harness, strong) if line["query"] == 2)
    ends = """(canvas, {from, to}) => [[1, from], [canvas.width - 2, to]].map(([x, y]) =>
        canvas.getContext("2d").getImageData(x, Math.floor(y), 1, 1).data[3])"""
    assert min(strong.locator("canvas").evaluate(ends, line)) > 200


def test_the_caption_says_what_is_not_drawn(cat, lines):
    weights = cat_weights()
    least = 100 * np.where(weights < 0.01, weights, 0).sum(axis=1).max()
    caption = lines.locator(".caption")
    expect(caption).to_contain_text(
        f"Weights under 0.01 are not drawn; together they are at most {least:.1f} % of a query."
    )
    expect(caption).to_contain_text("L2 H7. The lines of one query share 1. Nothing hidden.")


def test_hidden_special_tokens_vanish_with_their_lines(cat, lines):
    found = drawn(cat, lines, specials="hidden")
    assert lines.get_by_role("option").count() == 2 * 15
    weights = cat_weights()[1:-1, 1:-1]
    assert {(line["query"] - 1, line["key"] - 1) for line in found} == {
        tuple(cell) for cell in np.argwhere(weights >= 0.01)
    }
    expect(lines.locator(".caption")).to_contain_text("Special tokens are hidden")


def test_renormalised_rows_number_what_is_left(cat, lines):
    cat.settle(choice={"layer": 2, "head": 7, "query": IT}, specials="renormalised", epoch="second")
    row = cat_weights()[IT, 1:-1]
    expect(key(lines, 1).locator(".amount")).to_have_text(f"{row[0] / row.sum():.3f}")


def test_nothing_but_special_tokens_is_said_so(cat, lines):
    cat.page.evaluate(
        """async () => {
          const { packet } = harness.store;
          harness.store.shelve({ ...packet, special: packet.special.map(() => true) });
          await harness.frame();
        }"""
    )
    cat.settle(specials="hidden")
    expect(lines.locator(".readout")).to_contain_text("Every token of this text is special.")
    expect(lines.locator(".room")).to_be_hidden()


# Hands


def test_a_query_under_the_mouse_stands_out_and_numbers_its_keys(cat, lines):
    query(lines, IT).hover()
    assert cat.store("hover") == {"query": IT, "key": None}
    for place in (0, 1, 5, 16):
        expect(key(lines, place).locator(".amount")).to_have_text(f"{cat_weights()[IT, place]:.3f}")
    expect(query(lines, 3).locator(".amount")).to_have_text("")
    expect(lines.locator(".readout")).to_have_text(f"“it” reads “[CLS]” most, {cat_weights()[IT, 0]:.3f}")
    alone = [line for line in drawn(cat, lines) if line["alone"]]
    assert {line["query"] for line in alone} == {IT}
    assert [line["key"] for line in alone][-1] == 0
    cat.page.mouse.move(5, 800)
    expect(lines.locator(".readout")).to_have_text(HINT)
    assert cat.store("hover") is None


def test_a_key_under_the_mouse_shows_who_reads_it(cat, lines):
    key(lines, 5).hover()
    assert cat.store("hover") == {"query": None, "key": 5}
    column = cat_weights()[:, 5]
    for place in (0, 3, 16):
        expect(query(lines, place).locator(".amount")).to_have_text(f"{column[place]:.3f}")
    expect(key(lines, 3).locator(".amount")).to_have_text("")
    alone = [line for line in drawn(cat, lines) if line["alone"]]
    assert {(line["query"], line["key"]) for line in alone} == {
        (int(place), 5) for place in np.flatnonzero(column >= 0.01)
    }


def test_bytes_are_numbered_with_a_sign_that_says_so(cat):
    lines = cat.mount("token_lines", width=COLUMN)
    cat.choose(query=IT)
    expect(key(lines, 0).locator(".amount")).to_have_text("≈ 0.81")


def test_a_cell_that_another_view_points_at_is_read_out(cat, lines):
    cat.point({"query": IT, "key": 1})
    expect(lines.locator(".readout")).to_have_text(f"“it” reads “the” {cat_weights()[IT, 1]:.3f}")
    expect(query(lines, IT)).to_have_class("token pointed")
    expect(key(lines, 1)).to_have_class("token pointed")


def test_a_click_pins_a_reader_or_what_is_read_and_another_frees(cat, lines):
    query(lines, IT).click()
    assert (cat.choice["query"], cat.choice["direction"]) == (IT, "reads")
    expect(query(lines, IT)).to_have_attribute("aria-selected", "true")
    cat.page.mouse.move(5, 800)
    key(lines, IT).click()
    assert (cat.choice["query"], cat.choice["direction"]) == (IT, "read")
    expect(query(lines, IT)).to_have_attribute("aria-selected", "false")
    key(lines, IT).click()
    assert cat.choice["query"] is None


def test_the_keyboard_walks_pins_and_frees(cat, lines):
    query(lines, 0).focus()
    walk = (
        ("ArrowDown", 1),
        ("ArrowDown", 2),
        ("ArrowUp", 1),
        ("PageDown", 11),
        ("End", 16),
        ("ArrowDown", 16),
        ("Home", 0),
    )
    for pressed, place in walk:
        cat.page.keyboard.press(pressed)
        expect(query(lines, place)).to_be_focused()
    cat.page.keyboard.press("ArrowDown")
    cat.page.keyboard.press("ArrowRight")
    expect(key(lines, 1)).to_be_focused()
    assert cat.store("hover") == {"query": None, "key": 1}
    cat.page.keyboard.press("Enter")
    assert (cat.choice["query"], cat.choice["direction"]) == (1, "read")
    expect(key(lines, 1)).to_be_focused()
    cat.page.keyboard.press("Escape")
    assert cat.choice["query"] is None
    cat.page.keyboard.press("ArrowLeft")
    expect(query(lines, 1)).to_be_focused()


def test_one_tab_enters_each_column(cat, lines):
    cat.choose(query=IT)
    cat.page.keyboard.press("Tab")
    expect(query(lines, IT)).to_be_focused()
    cat.page.keyboard.press("Tab")
    expect(key(lines, 0)).to_be_focused()
    cat.page.keyboard.press("Tab")
    assert cat.store("hover") is None


def test_every_token_says_what_it_reads_or_who_reads_it_most(cat, lines):
    expect(query(lines, IT)).to_have_attribute("aria-label", "“it” reads “[CLS]” most, 0.81")
    column = cat_weights()[:, 0]
    reader = minilm(SENTENCES["cat"]).layer("self", 2).keys[int(column.argmax())]
    expect(key(lines, 0)).to_have_attribute("aria-label", f"“[CLS]” is read most by “{reader}”, {column.max():.2f}")
    assert lines.get_by_role("listbox").nth(1).get_attribute("aria-label").startswith("L2 H7. Keys")


def test_a_finger_pins_with_one_tap_and_frees_with_the_next(browser: Browser, address: str):
    page = browser.new_page(has_touch=True, viewport={"width": 390, "height": 800})
    phone = Harness(page, address)
    phone.settle(choice={"layer": 2, "head": 7})
    phone.shelve("cat")
    lines = phone.mount("token_lines")
    assert query(lines, IT).bounding_box()["height"] >= 24
    query(lines, IT).tap()
    assert phone.choice["query"] == IT
    expect(key(lines, 0).locator(".amount")).to_have_text("≈ 0.81")
    query(lines, IT).tap()
    assert phone.choice["query"] is None
    expect(lines.locator(".readout")).to_have_text(HINT)
    assert phone.complaints == []
    page.close()


# Sizes and languages


@pytest.mark.parametrize("packet", ["cat", "strange", "hebrew", "chinese", "bytes", "one"])
@pytest.mark.parametrize("width", [COLUMN, 358])
def test_names_never_meet_the_lines_nor_each_other(harness, packet, width):
    harness.settle(choice={"query": 1})
    harness.shelve(packet)
    lines = harness.mount("token_lines", width=width)
    canvas = lines.locator("canvas").bounding_box()
    assert canvas["width"] >= 60
    left, right = (
        [each.bounding_box() for each in lines.locator(f".{side} .name").all()] for side in ("queries", "keys")
    )
    assert all(box["x"] + box["width"] <= canvas["x"] for box in left)
    assert all(box["x"] >= canvas["x"] + canvas["width"] for box in right)
    for column in (left, right):
        assert all(one["y"] + one["height"] <= other["y"] for one, other in pairwise(column))
    assert harness.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_long_name_is_cut_and_whole_in_its_tooltip(harness):
    harness.settle()
    harness.shelve("strange")
    lines = harness.mount("token_lines", width=358)
    long = STRANGE.index(max(STRANGE, key=len))
    expect(query(lines, long).locator(".name")).to_have_attribute("title", STRANGE[long])
    expect(query(lines, 0).locator(".name")).to_have_attribute("title", "")


def test_nothing_moves_when_a_token_is_pinned(cat):
    lines = cat.mount("token_lines", width=358)
    boxes = [lines.bounding_box(), key(lines, 12).bounding_box()]
    query(lines, IT).click()
    expect(key(lines, 0).locator(".amount")).to_have_text("≈ 0.81")
    assert [lines.bounding_box(), key(lines, 12).bounding_box()] == boxes


def test_nothing_moves_when_a_long_name_is_read_out(harness):
    harness.settle()
    harness.shelve("strange")
    lines = harness.mount("token_lines", width=358)
    box = query(lines, 6).bounding_box()
    query(lines, 6).hover()
    expect(lines.locator(".readout")).to_contain_text("Donaudampf")
    assert query(lines, 6).bounding_box() == box


def test_a_long_text_is_drawn_and_scrolls_inside(harness):
    harness.settle(choice={"layer": 2, "head": 7})
    harness.shelve("long")
    lines = harness.mount("token_lines", width=COLUMN)
    assert lines.get_by_role("option").count() == 2 * 128
    assert len(drawn(harness, lines)) > 1000
    query(lines, 0).focus()
    harness.page.keyboard.press("End")
    room, last = lines.locator(".room").bounding_box(), query(lines, 127).bounding_box()
    assert last["y"] + last["height"] <= room["y"] + room["height"] + 1
    assert lines.locator("canvas").bounding_box()["height"] <= room["height"]
    assert harness.page.evaluate("scrollY") == 0
    found = drawn(harness, lines)
    assert any(line["alone"] and line["query"] == 127 for line in found)


def test_a_thousand_tokens_keep_one_line_for_each_query_until_one_is_pointed_at(harness):
    harness.settle(choice={"layer": 1, "head": 1})
    harness.shelve("thousand")
    lines = harness.mount("token_lines", width=COLUMN)
    queries = [line["query"] for line in drawn(harness, lines)]
    assert 0 < len(queries) == len(set(queries))
    expect(lines.locator(".caption")).to_contain_text("Of 1000 tokens only the strongest line of each query is drawn")
    harness.point({"query": 3, "key": None})
    assert sum(line["alone"] for line in drawn(harness, lines)) > 50


def test_a_token_that_a_link_pins_is_scrolled_to(harness):
    harness.settle(choice={"layer": 2, "head": 7, "query": 100})
    harness.shelve("long")
    lines = harness.mount("token_lines", width=COLUMN)
    room, pinned = lines.locator(".room").bounding_box(), query(lines, 100).bounding_box()
    assert room["y"] < pinned["y"] < room["y"] + room["height"] - pinned["height"]


def test_a_layer_on_its_way_leaves_the_old_picture(harness):
    harness.settle(choice={"layer": 1, "head": 1})
    harness.shelve("thousand")
    lines = harness.mount("token_lines", width=COLUMN)
    harness.choose(layer=2)
    expect(lines.locator(".loading")).to_have_text("loading layer")
    expect(lines.locator(".waiting")).to_have_count(1)
    query(lines, 4).click()
    assert harness.choice["query"] is None
    expect(lines.get_by_role("option")).to_have_count(2000)


def test_chinese_comes_from_the_catalogue(harness):
    harness.settle(language="zh", choice={"layer": 2, "head": 7})
    harness.shelve("chinese")
    lines = harness.mount("token_lines", width=COLUMN)
    expect(lines.locator(".readout")).to_contain_text("指向左边的词元")
    query(lines, 3).hover()
    expect(lines.locator(".readout")).to_have_text("“猫”读得最多的是“[CLS]”，≈ 0.56")


HOSTILE = ["<img src=x onerror=alert(1)>", "</span><script>alert(1)</script>", "{token}", "${1}", "\u202egnirts"]


def test_tokens_are_text_and_never_markup(cat, lines):
    cat.page.evaluate(
        """async (hostile) => {
          const { packet } = harness.store;
          const labels = packet.labels.map((label, place) => hostile[place - 1] ?? label);
          harness.store.shelve({ ...packet, id: "hostile", labels });
          harness.store.choose({ query: 1 });
          await harness.frame();
        }""",
        HOSTILE,
    )
    for place, label in enumerate(HOSTILE, start=1):
        assert query(lines, place).locator(".name").text_content() == label
        assert key(lines, place).locator(".name").text_content() == label
    assert lines.locator("img, script").count() == 0
    expect(lines.locator(".readout")).to_contain_text("“<img src=x")


def test_a_view_that_is_taken_away_listens_no_more(cat, lines):
    cat.unmount("token_lines")
    assert cat.store("listeners.size") == 0
    cat.choose(head=3)
