"""The token strip: the text itself, shaded with what a token reads, for mouse, finger, keys and screen reader."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.components.conftest import Harness
from tests.components.harness.material import SENTENCES, minilm

pytestmark = pytest.mark.browser

IT = SENTENCES["cat"].split().index("it") + 1  # after [CLS]


@pytest.fixture
def strip(cat: Harness) -> Locator:
    return cat.mount("token_strip", width=760)


def token(strip: Locator, place: int) -> Locator:
    return strip.locator(f'.token[data-token="{place}"]')


def shade(strip: Locator, place: int) -> str:
    return token(strip, place).evaluate("element => element.style.background")


def ink(harness: Harness, weight: float, most: float = 1) -> str:
    """The colour that a weight should have."""
    return harness.page.evaluate(
        """async ([weight, most]) => {
          const { inks, strength } = await import("/modules/common/ink.js");
          const element = document.createElement("div");
          element.style.background = inks(document.body, harness.store.settings.ramp).css(strength(weight, most));
          return element.style.background;
        }""",
        [weight, most],
    )


def weights(query: int, key: int) -> float:
    """A weight of L2 H7 as the browser has it: rounded to a byte."""
    exact = minilm(SENTENCES["cat"]).map("self", 2, 7).weights[query, key]
    return (round(255 * float(exact) ** 0.5) / 255) ** 2


def test_the_text_reads_as_the_model_reads_it(strip: Locator):
    assert strip.get_by_role("listbox").text_content() == f"[CLS] {SENTENCES['cat'].lower()} [SEP]"


def test_pieces_of_a_word_stand_together(harness: Harness):
    harness.settle()
    harness.shelve("words")
    strip = harness.mount("token_strip")
    assert strip.get_by_role("listbox").text_content() == f"[CLS] {SENTENCES['words'].lower()} [SEP]"
    assert strip.get_by_role("option").count() > 10


def test_the_vocabularys_own_spelling_keeps_pieces_apart(harness: Harness):
    harness.settle(spelling="raw")
    harness.shelve("words")
    strip = harness.mount("token_strip")
    assert "une ##bel" not in SENTENCES["words"]
    assert " ##" in strip.get_by_role("listbox").text_content()


def test_without_a_token_there_is_a_hint_and_no_shade(strip: Locator):
    expect(strip.locator(".caption")).to_have_text("Point at a token to see what it reads.")
    assert shade(strip, 0) == ""


def test_the_mouse_shades_what_a_token_reads(cat: Harness, strip: Locator):
    token(strip, IT).hover()
    expect(strip.locator(".caption")).to_contain_text("“it” reads “[CLS]” ≈ 0.81, “the” ≈ 0.03")
    for key in (0, 1, 5, IT):
        assert shade(strip, key) == ink(cat, weights(IT, key))
    assert cat.store("hover") == {"query": IT, "key": None}
    cat.page.mouse.move(5, 600)
    expect(strip.locator(".caption")).to_have_text("Point at a token to see what it reads.")
    assert cat.store("hover") is None


def test_rows_read_and_columns_are_read(cat: Harness, strip: Locator):
    strip.get_by_role("radio", name="who reads it").check(force=True)
    assert cat.choice["direction"] == "read"
    token(strip, IT).hover()
    for query in (0, 1, 5, IT):
        assert shade(strip, query) == ink(cat, weights(query, IT))
    expect(strip.locator(".caption")).to_contain_text(re.compile("“it” is read (most )?by "))
    expect(strip.locator(".caption")).to_contain_text("do not add up to 1")
    assert cat.store("token") == IT


def test_a_scale_of_its_own_gives_the_largest_share_the_strongest_ink(cat: Harness, strip: Locator):
    cat.settle(scale="row")
    cat.choose(query=IT)
    assert shade(strip, 0) == ink(cat, 1)
    assert shade(strip, 1) == ink(cat, weights(IT, 1), weights(IT, 0))


def test_the_exact_map_gives_three_decimals(cat: Harness, strip: Locator):
    exact = minilm(SENTENCES["cat"]).map("self", 2, 7).weights
    cat.choose(query=IT)
    cat.page.evaluate(
        """async (weights) => {
          harness.store.shelve({ kind: "map", id: "cat", shown: "self 2.7", weights: Float32Array.from(weights) });
          await harness.frame();
        }""",
        exact.ravel().tolist(),
    )
    expect(strip.locator(".caption")).to_contain_text(
        f"“it” reads “[CLS]” {exact[IT, 0]:.3f}, “[SEP]” {exact[IT, -1]:.3f}"
    )


def test_a_click_pins_and_another_frees(cat: Harness, strip: Locator):
    token(strip, IT).click()
    assert cat.choice["query"] == IT
    expect(token(strip, IT)).to_have_attribute("aria-selected", "true")
    cat.page.mouse.move(5, 600)
    expect(strip.locator(".caption")).to_contain_text("“it” reads")
    token(strip, IT).click()
    assert cat.choice["query"] is None


def test_the_mouse_looks_at_others_while_one_is_pinned(cat: Harness, strip: Locator):
    cat.choose(query=IT)
    token(strip, 2).hover()
    expect(strip.locator(".caption")).to_contain_text("“cat” reads")
    assert cat.choice["query"] == IT


def test_the_keyboard_walks_pins_and_frees(cat: Harness, strip: Locator):
    token(strip, 0).focus()
    for key, place in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 16), ("Home", 0)):
        cat.page.keyboard.press(key)
        expect(token(strip, place)).to_be_focused()
    cat.page.keyboard.press("ArrowRight")
    assert cat.store("hover.query") == 1
    cat.page.keyboard.press("Enter")
    assert cat.choice["query"] == 1
    cat.page.keyboard.press("Escape")
    assert cat.choice["query"] is None
    expect(token(strip, 1)).to_be_focused()


def test_one_tab_enters_and_one_leaves(cat: Harness, strip: Locator):
    cat.choose(query=IT)
    cat.page.keyboard.press("Tab")
    expect(token(strip, IT)).to_be_focused()
    cat.page.keyboard.press("ArrowRight")
    cat.page.keyboard.press("Tab")
    expect(strip.get_by_role("radio", name="what it reads")).to_be_focused()
    assert cat.store("hover") is None
    cat.page.keyboard.press("Shift+Tab")
    expect(token(strip, IT + 1)).to_be_focused()


def test_arrows_go_up_and_down_between_lines(cat: Harness):
    strip = cat.mount("token_strip", width=300)
    first = token(strip, 2)
    first.focus()
    cat.page.keyboard.press("ArrowDown")
    below = strip.locator(".token:focus")
    here, there = first.bounding_box(), below.bounding_box()
    assert there["y"] > here["y"] + 20
    assert abs(there["x"] - here["x"]) < 80
    cat.page.keyboard.press("ArrowUp")
    assert abs(strip.locator(".token:focus").bounding_box()["y"] - here["y"]) < 5


def test_every_token_says_what_it_reads_most(cat: Harness, strip: Locator):
    expect(token(strip, IT)).to_have_attribute("aria-label", "“it” reads “[CLS]” most, 0.81")
    strip.get_by_role("radio", name="who reads it").check(force=True)
    record = minilm(SENTENCES["cat"])
    column = record.map("self", 2, 7).weights[:, 0]
    reader = record.layer("self", 2).keys[int(column.argmax())]
    expect(token(strip, 0)).to_have_attribute("aria-label", f"“[CLS]” is read most by “{reader}”, {column.max():.2f}")


def test_another_head_shades_the_pinned_token_anew(cat: Harness, strip: Locator):
    cat.choose(query=IT)
    cat.choose(layer=0, head=2)
    expect(strip.locator(".caption")).to_contain_text("“it” reads “because” ≈ ")


def test_hidden_special_tokens_vanish(cat: Harness, strip: Locator):
    cat.choose(query=IT)
    cat.settle(specials="hidden")
    assert strip.get_by_role("listbox").text_content() == SENTENCES["cat"].lower()
    expect(strip.locator(".caption")).to_contain_text("“it” reads “the” ≈ 0.03")
    cat.settle(specials="renormalised")
    expect(strip.locator(".caption")).to_contain_text("“it” reads “the” ≈ 0.2")
    cat.choose(query=0)
    expect(strip.locator(".caption")).to_contain_text("Point at a token")


def test_nothing_moves_when_a_token_is_pointed_at_or_pinned(cat: Harness):
    strip = cat.mount("token_strip", width=360)
    boxes = [strip.bounding_box(), token(strip, 12).bounding_box()]
    token(strip, IT).click()
    expect(strip.locator(".caption")).to_contain_text("“it” reads")
    assert [strip.bounding_box(), token(strip, 12).bounding_box()] == boxes
    cat.choose(direction="read")
    assert [strip.bounding_box(), token(strip, 12).bounding_box()] == boxes


def test_a_layer_on_its_way_is_said_so(harness: Harness):
    harness.settle(choice={"layer": 0, "query": 4})
    harness.shelve("thousand")
    harness.choose(layer=2)
    strip = harness.mount("token_strip")
    expect(strip.locator(".caption")).to_have_text("On its way …")
    expect(token(strip, 4)).to_have_attribute("aria-label", "word4")


def test_a_thousand_tokens_scroll_inside(harness: Harness):
    harness.settle(choice={"layer": 1, "head": 1})
    harness.shelve("thousand")
    strip = harness.mount("token_strip", width=800)
    assert strip.bounding_box()["height"] < 560
    token(strip, 0).focus()
    harness.page.keyboard.press("End")
    expect(token(strip, 999)).to_be_focused()
    room, last = strip.locator(".sentence").bounding_box(), token(strip, 999).bounding_box()
    assert last["y"] + last["height"] <= room["y"] + room["height"]
    assert harness.page.evaluate("scrollY") == 0


def test_one_token_alone(harness: Harness):
    harness.settle(specials="hidden", choice={"query": 1})
    harness.shelve("one")
    strip = harness.mount("token_strip")
    expect(strip.get_by_role("option")).to_have_count(1)
    expect(strip.locator(".caption")).to_contain_text("“hello” reads “hello”")


def test_a_text_from_right_to_left_runs_so_and_so_do_the_arrows(harness: Harness):
    harness.settle()
    harness.shelve("hebrew")
    strip = harness.mount("token_strip", width=760)
    assert strip.locator(".sentence").evaluate("element => getComputedStyle(element).direction") == "rtl"
    token(strip, 1).focus()
    harness.page.keyboard.press("ArrowLeft")
    expect(token(strip, 2)).to_be_focused()
    assert token(strip, 2).bounding_box()["x"] < token(strip, 1).bounding_box()["x"]


def test_parts_of_a_character_show_which_part_they_are(harness: Harness):
    harness.settle()
    harness.shelve("bytes")
    strip = harness.mount("token_strip")
    expect(token(strip, 4).locator("small")).to_have_text("2/3")
    expect(token(strip, 4)).to_have_text("猫2/3")


def test_chinese_comes_from_the_catalogue(harness: Harness):
    harness.settle(language="zh", choice={"layer": 2, "head": 7, "query": 3})
    harness.shelve("chinese")
    strip = harness.mount("token_strip")
    expect(strip.locator(".caption")).to_contain_text("“猫”在读 “[CLS]” ≈ 0.56、“，” ≈ 0.10")


def test_a_finger_pins_with_one_tap_and_frees_with_the_next(browser: Browser, address: str):
    page = browser.new_page(has_touch=True, viewport={"width": 390, "height": 800})
    phone = Harness(page, address)
    phone.settle(choice={"layer": 2, "head": 7})
    phone.shelve("cat")
    strip = phone.mount("token_strip")
    token(strip, IT).tap()
    assert phone.choice["query"] == IT
    expect(strip.locator(".caption")).to_contain_text("“it” reads")
    token(strip, IT).tap()
    assert phone.choice["query"] is None
    expect(strip.locator(".caption")).to_contain_text("Point at a token")
    assert strip.bounding_box()["width"] <= 390
    assert phone.complaints == []
    page.close()


HOSTILE: list[Any] = [
    "<img src=x onerror=alert(1)>",
    "</span><script>alert(1)</script>",
    "{token}",
    "${1}",
    "\u202egnirts",
]


def test_tokens_are_text_and_never_markup(cat: Harness, strip: Locator):
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
        assert token(strip, place).text_content() == label
    assert strip.locator("img, script").count() == 0
    expect(strip.locator(".caption")).to_contain_text("<img src=x")
