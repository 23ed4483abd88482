"""The text screen as a reader meets it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab

pytestmark = pytest.mark.browser


def test_the_page_opens_with_the_example_drawn_and_asks_no_other_host(open_tab: OpenTab) -> None:
    tab = open_tab().open().drawn()
    expect(tab.text_box()).to_have_value("The cat sat on the mat because it was tired after chasing the mouse.")
    expect(tab.page.get_by_role("option").filter(has_text="mouse")).to_be_visible()
    assert tab.complaints == []


def test_hovering_and_walking_heads_ask_the_server_nothing_while_the_hand_moves(open_tab: OpenTab) -> None:
    tab = open_tab().open().drawn()
    before = tab.sent
    for word in ("cat", "mat", "tired"):
        tab.page.get_by_role("option").filter(has_text=word).first.hover()
        assert tab.store("query") is not None
    assert tab.sent == before


def test_a_head_is_drawn_before_the_server_hears_of_it_and_then_stands_in_the_address(open_tab: OpenTab) -> None:
    tab = open_tab().open().drawn()
    first = tab.store("map.weights[0]")
    tab.store("choose({ layer: 0, head: 2 })")
    assert tab.store("map.exact") is False
    assert tab.store("map.weights[0]") != first
    expect(tab.page).to_have_url(re.compile("l=0&h=2"))
    tab.settled()
    assert tab.store("map.exact") is True


def test_a_new_sentence_is_drawn_with_every_token(open_tab: OpenTab) -> None:
    tab = open_tab().open().drawn().write("Attention reads 猫 and 🙂.")
    expect(tab.page.get_by_role("option").filter(has_text="attention")).to_be_visible()
    expect(tab.page.get_by_role("option").filter(has_text="猫")).to_be_visible()


def test_everything_can_be_done_with_the_keyboard(open_tab: OpenTab) -> None:
    tab = open_tab().open().drawn()
    tab.walk_to("option")
    assert tab.store("query") == 8
    tab.press("ArrowRight", "Enter")
    assert tab.store("choice.query") == 9
    tab.press("Escape")
    assert tab.store("choice.query") is None
    tab.walk_to("application")  # the heat map
    tab.press("ArrowDown", "ArrowDown", "Enter")
    assert tab.store("choice.query") is not None
    tab.walk_to("gridcell")  # the atlas
    tab.press("ArrowUp", "ArrowLeft")
    assert (tab.store("choice.layer"), tab.store("choice.head")) == (2, 0)
    expect(tab.page).to_have_url(re.compile("l=2&h=0"))


def test_the_screen_fits_a_phone(open_tab: OpenTab) -> None:
    tab = open_tab(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).open().drawn()
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    token = tab.page.get_by_role("option").filter(has_text="cat").first
    token.tap()
    assert tab.store("query") == 2


def test_dark_is_dark_and_the_share_button_can_be_read(open_tab: OpenTab) -> None:
    tab = open_tab(color_scheme="dark").open().drawn()
    background = tab.page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert background == "rgb(15, 19, 28)"
    button = tab.page.locator(".st-key-share button")
    ink, paper = (button.evaluate(f"b => getComputedStyle(b).{name}") for name in ("color", "backgroundColor"))
    assert _contrast(ink, paper) >= 4.5


def test_chinese_from_the_browsers_language_and_by_the_switch(open_tab: OpenTab) -> None:
    tab = open_tab(locale="zh-CN").open().drawn()
    expect(tab.page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(tab.page.get_by_label("文本", exact=True)).to_be_visible()
    tab.page.get_by_text("English", exact=True).click()
    expect(tab.page.get_by_label("Text", exact=True)).to_be_visible()


def test_the_proof_answers_when_asked(open_tab: OpenTab) -> None:
    tab = open_tab().open("/?v=1&l=0&h=2&q=4").drawn()
    tab.page.get_by_role("button", name="Check against the model").click()
    expect(tab.page.get_by_text("10⁻")).to_be_visible()


def test_the_shared_link_opens_on_the_same_picture(open_tab: OpenTab) -> None:
    tab = open_tab().open("/?v=1&t=Hello+there&l=4&h=3&q=1&sp=hidden").drawn()
    tab.page.locator(".st-key-share button").click()
    link = tab.page.get_by_label("Link to this view").input_value()
    other = open_tab()
    other.page.goto(link)
    other.drawn()
    assert other.store("choice") == tab.store("choice")
    assert other.store("map.weights[5]") == tab.store("map.weights[5]")
    assert other.store("settings.specials") == "hidden"


def _contrast(*colours: str) -> float:
    """The contrast of two CSS colours, after WCAG 2.2."""

    def luminance(colour: str) -> float:
        channels = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted(map(luminance, colours))
    return (light + 0.05) / (dark + 0.05)
