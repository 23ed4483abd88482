"""The chapters and the glossary in a real browser: mouse, keyboard, phone, and where their links lead."""

import pytest
from playwright.sync_api import Locator, expect

from attnviz.share.view import CHOICES
from tests.browser.conftest import OpenTab, Tab

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def heading(tab: Tab) -> Locator:
    return tab.page.locator(".chapters h1")


def line(tab: Tab) -> Locator:
    return tab.page.locator(".chapters .line")


def chip(tab: Tab, name: str) -> Locator:
    return tab.page.locator(".chapters .chip", has=tab.page.get_by_text(name, exact=True))


def canvas(tab: Tab, part: str) -> Locator:
    return tab.page.locator(f".chapters .{part} canvas").first


def point(tab: Tab, part: str, right: float, down: float) -> None:
    """Point at a place of a canvas, as a share of its sides."""
    canvas(tab, part).scroll_into_view_if_needed()
    box = canvas(tab, part).bounding_box()
    assert box
    tab.page.mouse.move(box["x"] + right * box["width"], box["y"] + down * box["height"])


@pytest.fixture
def read(open_tab: OpenTab):
    def opened(chapter: str, **options: object) -> Tab:
        tab = open_tab(**options).open(f"/chapters?v=1&ch={chapter}")
        expect(tab.page.locator(f"html[data-attnviz-chapter={chapter}]")).to_be_attached()
        return tab

    return opened


def test_a_click_and_the_keys_choose_the_token_that_reads(read):
    tab = read("why")
    expect(line(tab)).to_have_text("“it” gives 54.5 % of its attention to “cat”.")
    chip(tab, "tired").click()
    expect(line(tab)).to_contain_text("“tired” gives")
    tab.press("ArrowRight")
    expect(line(tab)).to_contain_text("“after” gives")
    tab.press("Home")
    expect(line(tab)).to_contain_text("“[CLS]” gives")


def test_the_list_and_the_steps_lead_on_and_the_chapter_is_in_the_address(read, open_tab):
    tab = read("why")
    tab.page.locator(".chapters .steps a", has_text="Query, key, value").click()
    expect(heading(tab)).to_have_text("Query, key, value")
    tab.page.wait_for_url("**/chapters?*ch=vectors*")
    tab.page.locator(".chapters .list a", has_text="Speech").click()
    expect(heading(tab)).to_have_text("Speech")
    tab.page.wait_for_url("**/chapters?*ch=speech*")
    expect(tab.page.locator(".chapters .list [aria-current=page]")).to_have_text("Speech")
    again = open_tab().open(tab.page.url.removeprefix(tab.address))
    expect(heading(again)).to_have_text("Speech")


def test_the_keyboard_alone_goes_from_the_first_chapter_to_the_second(read):
    tab = read("why")
    tab.page.locator(".chapters .list a").first.focus()
    tab.press("Tab", "Enter")
    expect(heading(tab)).to_have_text("Query, key, value")
    expect(heading(tab)).to_be_focused()


def test_a_bar_of_a_vector_says_its_arithmetic(read):
    tab = read("vectors")
    expect(line(tab)).to_contain_text("21.86 / √32 = 3.86")
    chip(tab, "mat").click()
    expect(line(tab)).to_contain_text("a weight of 0.095")
    tab.page.locator(".chapters .strips").focus()
    tab.press("ArrowRight", "ArrowRight")
    expect(line(tab)).to_contain_text("Number 1:")


def test_the_slider_changes_the_temperature(read):
    tab = read("softmax")
    expect(line(tab)).to_contain_text("Entropy 2.30 of 4.09 bits")
    tab.page.locator(".chapters input[type=range]").focus()
    tab.press("Home", "ArrowRight")
    expect(tab.page.locator(".chapters output")).to_have_text("T = 0.1768")
    expect(line(tab)).to_contain_text("“cat”: 99.")


def test_the_cells_of_a_table_answer_the_hand_and_the_keys(read):
    tab = read("heads")
    canvas(tab, "table").focus()
    tab.press("ArrowDown", "ArrowRight")
    expect(line(tab)).to_have_text("L3 H1: “it” gives 4.0 % of its attention to “the”.")
    tab.press("Enter")
    expect(line(tab)).to_contain_text("what “the” reads")
    point(tab, "table", 0.9, 0.9)
    expect(line(tab)).to_contain_text("L3 H")


def test_a_letter_that_comes_later_is_masked(read):
    tab = read("masks")
    point(tab, "table", 0.95, 0.2)
    expect(line(tab)).to_contain_text("comes later")
    tab.page.locator(".chapters input[type=range]").focus()
    tab.press("Home", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
    expect(tab.page.locator(".chapters output")).to_have_text("k q x b k")
    expect(tab.page.locator(".chapters .next .name").first).to_have_text("q")


def test_panels_are_chosen_and_counted_against_chance(read):
    tab = read("found")
    tab.page.locator(".chapters input[value=induction]").check()
    expect(tab.page.locator(".chapters .about")).to_contain_text("L1 H1: 99")


def test_a_click_on_a_patch_lets_it_read(read):
    tab = read("patches")
    expect(line(tab)).to_have_text("“[CLS]” gives 77.9 % of its attention to “row 5, column 1”.")
    point(tab, "picture", 0.04, 0.04)
    tab.page.mouse.down()
    tab.page.mouse.up()
    expect(line(tab)).to_contain_text("“row 0, column 0” gives")
    tab.page.get_by_role("button", name="[CLS], the class token").click()
    tab.page.mouse.move(5, 5)
    expect(line(tab)).to_contain_text("“[CLS]” gives 77.9 %")


def test_a_digit_is_heard_in_its_seconds(read):
    tab = read("speech")
    chip(tab, "5").click()
    expect(line(tab)).to_contain_text("“5” is said from 1.38 to 1.77 s; 100.0 %")
    tab.page.get_by_role("button", name="Listen").click()
    canvas(tab, "sound").focus()
    tab.press("ArrowRight")
    expect(line(tab)).to_contain_text("At 1.40 s")


def test_a_patch_is_lit_in_all_four_and_another_thing_has_another_answer(read):
    tab = read("care")
    point(tab, "picture", 0.12, 0.46)
    expect(line(tab)).to_contain_text("Here: raw")
    of_cake = line(tab).inner_text()
    tab.page.locator(".chapters .segments label", has_text="tree").click()
    expect(line(tab)).to_contain_text("“tree”")
    point(tab, "picture", 0.12, 0.46)
    expect(line(tab)).to_contain_text("Here: raw")
    of_tree = line(tab).inner_text()
    assert of_cake.split(", relevance")[0] == of_tree.split(", relevance")[0]
    assert of_cake != of_tree


def test_what_is_tried_opens_on_the_exact_view(read):
    tab = read("masks")
    tab.page.locator(".chapters .tries").click()
    tab.page.wait_for_url("**m=repeats-2**")
    tab.drawn()
    assert (tab.store("choice.layer"), tab.store("choice.head"), tab.store("choice.query")) == (1, 1, 12)


def test_a_word_of_a_chapter_leads_to_its_term(read):
    tab = read("found")
    tab.page.locator(".chapters .words a", has_text="induction head").click()
    term = tab.page.locator(".glossary #induction-head")
    expect(term).to_be_in_viewport()
    expect(term).to_be_focused()


@pytest.mark.parametrize("chapter", CHOICES["chapter"])
def test_a_phone_shows_every_chapter_and_nothing_runs_out_of_it(read, chapter):
    tab = read(chapter, locale="zh-CN", **PHONE)
    expect(tab.page.locator(".chapters figure")).to_be_visible()
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_list_folds_on_a_phone(read):
    tab = read("why", **PHONE)
    link = tab.page.locator(".chapters .list a", has_text="Positions")
    expect(link).to_be_hidden()
    tab.page.locator(".chapters summary").tap()
    link.tap()
    expect(heading(tab)).to_have_text("Positions")
    expect(link).to_be_hidden()


def test_typing_finds_terms_in_both_languages(open_tab):
    tab = open_tab().open("/glossary")
    field = tab.page.get_by_role("searchbox", name="Find a term")
    field.fill("注意力汇")
    expect(tab.page.locator(".glossary dl > div:visible .name")).to_have_text(["attention sink"])
    field.fill("no such word")
    expect(tab.page.locator(".glossary .count")).to_have_text("No term holds “no such word”.")
    field.press("Escape")
    expect(tab.page.locator(".glossary .count")).to_contain_text("66 terms")


def test_a_term_has_a_link_of_its_own(open_tab):
    tab = open_tab().open("/glossary?v=1#softmax")
    expect(tab.page.locator(".glossary #softmax")).to_be_in_viewport()
    tab.page.locator(".glossary #softmax .here").click()
    assert tab.page.url.endswith("/glossary?v=1#softmax")
    tab.page.locator(".glossary #softmax .see a").click()
    tab.page.wait_for_url("**/learn?v=1")


def test_a_caption_of_the_text_screen_leads_to_its_term(open_tab):
    tab = open_tab().open("/").drawn()
    with tab.page.expect_popup() as opened:
        tab.page.locator(".reading-rail a.term", has_text="Entropy").first.click()
    expect(opened.value.locator(".glossary #entropy")).to_be_in_viewport()


def test_a_phone_reads_the_glossary(open_tab):
    tab = open_tab(locale="zh-CN", **PHONE).open("/glossary")
    expect(tab.page.locator(".glossary dl > div").first).to_be_visible()
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 390
