"""Links in a real browser: deep, reloaded, back and forward, across pages, hostile."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab, running

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["/?v=1&t=Deep+link&l=0&h=2&q=1", "/text?v=1&t=Deep+link&l=0&h=2&q=1"])
def test_the_first_request_to_a_fresh_server_may_be_a_deep_link(open_tab: OpenTab, path: str) -> None:
    with running() as served:
        tab = open_tab(served).open(path).drawn()
        expect(tab.text_box()).to_have_value("Deep link")
        assert tab.store("choice.layer") == 0
        assert tab.store("choice.query") == 1
        tab.leave()


def test_the_first_request_to_a_fresh_server_may_be_another_page(open_tab: OpenTab) -> None:
    with running() as served:
        tab = open_tab(served).open("/models?v=1&t=Kept")
        expect(tab.page.get_by_role("heading", name="Models")).to_be_visible(timeout=60_000)
        tab.page.get_by_role("link", name="Text").click()
        expect(tab.text_box()).to_have_value("Kept")
        tab.drawn().leave()


def test_a_reload_shows_the_same_view(open_tab: OpenTab) -> None:
    tab = open_tab().open("/?v=1&l=3&h=1").drawn().write("Reload me")
    expect(tab.page).to_have_url(re.compile("t=Reload\\+me"))
    tab.page.reload()
    tab.drawn()
    expect(tab.text_box()).to_have_value("Reload me")
    assert tab.store("choice.layer") == 3


def test_changing_the_view_leaves_one_entry_in_the_history(open_tab: OpenTab) -> None:
    tab = open_tab().open("/").drawn()
    before = tab.page.evaluate("history.length")
    tab.write("One more")
    expect(tab.page).to_have_url(re.compile("t=One\\+more"))
    assert tab.page.evaluate("history.length") == before


def test_back_and_forward_walk_the_pages_and_keep_the_view(open_tab: OpenTab) -> None:
    tab = open_tab().open("/?v=1&t=Walk&l=1").drawn()
    tab.page.get_by_role("link", name="Models").click()
    expect(tab.page.get_by_role("heading", name="Models")).to_be_visible()
    tab.page.go_back()
    expect(tab.text_box()).to_have_value("Walk")
    tab.settled()
    assert tab.store("choice.layer") == 1
    tab.page.go_forward()
    expect(tab.page.get_by_role("heading", name="Models")).to_be_visible()


def test_a_text_typed_before_the_menu_is_there_after_it(open_tab: OpenTab) -> None:
    tab = open_tab().open("/").drawn().write("Typed before")
    expect(tab.page.get_by_role("option").filter(has_text="typed")).to_be_visible()
    tab.page.get_by_role("link", name="Models").click()
    expect(tab.page.get_by_role("heading", name="Models")).to_be_visible()
    tab.page.get_by_role("link", name="Text").click()
    expect(tab.text_box()).to_have_value("Typed before")
    expect(tab.page).to_have_url(re.compile("t=Typed\\+before"))


@pytest.mark.parametrize(
    "query",
    [
        "v=1&l=99&h=-4&q=1e9&s=cross&a=sum&x=%00&d=up&sp=2&sc=log&tk=x&lang=xx",
        "v=7&t=Newer",
        "v=1&z=eNrTrash",
        "v=1&m=../../etc/passwd&r=zz",
        "v=1&t=%ED%A0%80&l=%F0%9F%98%80",
        "&&&===&v",
    ],
)
def test_a_hostile_link_opens_on_the_nearest_view_with_a_note(open_tab: OpenTab, query: str) -> None:
    tab = open_tab().open(f"/?{query}").drawn()
    expect(tab.page.get_by_test_id("stException")).to_have_count(0)
    if query.startswith("v="):
        expect(tab.page.locator(".attnviz-message").first).to_be_visible()


def test_a_fresh_server_says_what_it_is_doing_until_it_can_draw(open_tab: OpenTab) -> None:
    with running() as served:
        tab = open_tab(served)
        tab.page.goto(served)
        expect(tab.page.get_by_text(re.compile("Starting: "))).to_be_visible()
        tab.drawn()
        expect(tab.page.get_by_text(re.compile("Starting: "))).to_have_count(0)
        tab.leave()
