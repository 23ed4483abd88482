"""Predict, then reveal, in a real browser: from the first question to the score by mouse, by keyboard and by touch."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenTab, Tab

pytestmark = pytest.mark.browser

SET = "all-easy-17-5"


def card(tab: Tab) -> Locator:
    return tab.page.locator(".quiz .card")


def choices(tab: Tab) -> Locator:
    return tab.page.locator(".quiz button.choice")


def told(tab: Tab) -> Locator:
    return tab.page.locator(".quiz [role=status]")


def button(tab: Tab, name: str) -> Locator:
    return tab.page.get_by_role("button", name=name, exact=True)


def opened(open_tab: OpenTab, spelled: str = SET, **options: object) -> Tab:
    tab = open_tab(**options).open(f"/predict?v=1&qz={spelled}")
    expect(choices(tab).first).to_be_visible()
    return tab


def test_a_set_is_answered_by_mouse_to_its_score(open_tab):
    tab = opened(open_tab)
    for number in range(1, 6):
        expect(tab.page.locator(".quiz .where")).to_contain_text(f"Question {number} of 5")
        assert tab.page.locator(".quiz .truth").count() == 0
        choices(tab).first.click()
        expect(tab.page.locator(".quiz .verdict")).to_be_visible()
        expect(tab.page.locator(".quiz .truth")).to_have_count(1)
        button(tab, "See the score" if number == 5 else "Next question").click()
    expect(card(tab).locator("h2")).to_contain_text("of 5 right")
    expect(card(tab).locator("li")).to_have_count(5)
    assert parse_qs(urlsplit(tab.page.url).query) == {"v": ["1"], "qz": [SET]}


def test_a_set_is_answered_by_keyboard_alone(open_tab):
    tab = opened(open_tab)
    choices(tab).first.focus()
    for number in range(1, 6):
        expect(tab.page.locator(".quiz .where")).to_contain_text(f"Question {number} of 5")
        expect(choices(tab).first).to_be_focused()
        tab.press("ArrowRight")
        expect(choices(tab).nth(1)).to_be_focused()
        tab.press("ArrowLeft", "ArrowLeft")
        expect(choices(tab).last).to_be_focused()
        tab.press("Home", "Enter")
        expect(tab.page.locator(".quiz .act.main")).to_be_focused()
        expect(told(tab)).to_contain_text("margin")
        tab.press("Enter")
    expect(told(tab)).to_contain_text("of 5 right")
    expect(button(tab, "Another set").first).to_be_focused()


def test_a_phone_in_chinese_answers_by_touch_and_nothing_runs_out_of_it(open_tab):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "locale": "zh-CN"}
    tab = opened(open_tab, "picture-medium-4-5", **phone)
    for number in range(1, 6):
        expect(tab.page.locator(".quiz .where")).to_contain_text(f"第 {number} 题，共 5 题")
        choices(tab).nth(number % 4).tap()
        expect(tab.page.locator(".quiz .verdict")).to_be_in_viewport(ratio=0.9)
        assert tab.page.evaluate("document.documentElement.scrollWidth") == 390
        button(tab, "看得分" if number == 5 else "下一题").tap()
    expect(card(tab).locator("h2")).to_contain_text("5 题答对")
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_link_of_an_answer_opens_the_real_map(open_tab):
    tab = opened(open_tab, "text-easy-17-3")
    choices(tab).first.click()
    link = tab.page.get_by_role("link", name="Look at it in the model")
    address = link.get_attribute("href")
    assert address.startswith(f"{tab.address}/?v=1&")
    assert link.get_attribute("target") == "_blank"
    again = open_tab().open(address.removeprefix(tab.address)).drawn()
    assert again.page.locator(".attnviz-message").count() == 0


def test_a_skipped_question_is_answered_at_the_end_and_a_set_can_be_taken_again(open_tab):
    tab = opened(open_tab, "series-easy-3-5")
    for number in range(1, 6):
        expect(tab.page.locator(".quiz .where")).to_contain_text(f"Question {number} of 5")
        button(tab, "Skip").click()
    expect(card(tab).locator("h2")).to_have_text("0 of 5 right")
    expect(card(tab).locator("li .numbers").first).to_contain_text("Answer: repeats-2")
    button(tab, "The same set again").click()
    expect(tab.page.locator(".quiz .where")).to_contain_text("Question 1 of 5")


def test_two_visitors_of_a_link_get_the_same_questions_and_another_set_has_a_link_of_its_own(open_tab):
    first, second = opened(open_tab), opened(open_tab)
    asked = [each.page.locator(".quiz h2").inner_text() for each in (first, second)]
    assert asked[0] == asked[1]
    first.page.locator(".quiz .setting input[value=picture]").check()
    first.page.locator(".quiz .setting input[value=hard]").check()
    first.page.locator(".quiz .seed").fill("23")
    expect(first.page.locator(".quiz .setting .note").first).to_contain_text("80 % to 95 %")
    button(first, "Start").click()
    first.page.wait_for_url("**qz=picture-hard-23-5")
    expect(first.page.locator(".quiz .scene")).to_be_visible()
    button(first, "Another set").click()
    first.page.wait_for_url(lambda url: "picture-hard-" in url and "picture-hard-23-5" not in url)


def test_a_question_outlasts_a_change_of_language_and_a_visit_to_another_page(open_tab):
    tab = opened(open_tab)
    choices(tab).first.click()
    button(tab, "Next question").click()
    expect(tab.page.locator(".quiz .where")).to_contain_text("Question 2 of 5")
    tab.page.get_by_text("中文").click()
    expect(tab.page.locator(".quiz .where")).to_contain_text("第 2 题，共 5 题")
