"""The lab in a real browser: mouse, keyboard, paste, phone, and what the server makes of it."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenTab, Tab

pytestmark = pytest.mark.browser


def cell(tab: Tab, name: str, row: int, col: int) -> Locator:
    return tab.page.locator(f'.lab-bench [data-name="{name}"] [data-row="{row}"][data-col="{col}"]')


def line(tab: Tab) -> Locator:
    return tab.page.locator(".lab-bench .line")


def bench(tab: Tab) -> str:
    return parse_qs(urlsplit(tab.page.url).query)["lab"][0]


@pytest.fixture
def lab(open_tab: OpenTab) -> Tab:
    tab = open_tab().open("/learn")
    expect(cell(tab, "output", 2, 0)).to_have_text("8.948")
    return tab


def test_an_edit_is_worked_out_and_the_link_opens_on_it(lab, open_tab):
    cell(lab, "q", 0, 0).fill("0")
    expect(cell(lab, "weights", 0, 0)).to_have_text("0.3333")
    expect(cell(lab, "output", 0, 0)).to_have_text("8")
    lab.page.wait_for_url("**/learn?*lab=*")
    again = open_tab().open(lab.page.url.removeprefix(lab.address))
    expect(cell(again, "q", 0, 0)).to_have_value("0")
    expect(cell(again, "weights", 0, 2)).to_have_text("0.3333")


def test_a_cell_says_its_arithmetic_and_lights_what_it_is_made_of(lab):
    cell(lab, "scores", 2, 1).hover()
    expect(line(lab)).to_have_text("S[2, 1] = 3·5 = 15")
    assert [each.get_attribute("data-row") for each in lab.page.locator('[data-name="q"] .lit').all()] == ["2"]
    assert [each.get_attribute("data-col") for each in lab.page.locator('[data-name="k"] .lit').all()] == ["1"]


def test_the_keyboard_alone_reads_the_arithmetic_of_every_cell(lab):
    cell(lab, "weights", 0, 0).focus()
    expect(line(lab)).to_contain_text("e^4 / (e^4 + e^5 + e^6) = 0.09003")
    lab.press("ArrowDown", "ArrowRight")
    expect(line(lab)).to_contain_text("W[1, 1]")


def test_steps_go_forward_and_back_and_a_term_of_the_formula_leads_to_its_step(lab):
    lab.page.locator(".lab-bench .term[data-step=scaled]").click()
    expect(cell(lab, "scaled", 0, 0)).to_have_text("4")
    expect(cell(lab, "weights", 0, 0)).to_have_text("")
    lab.page.get_by_role("button", name="One step on").click()
    expect(cell(lab, "masked", 0, 0)).to_have_text("4")
    lab.page.get_by_role("button", name="All steps").click()
    expect(cell(lab, "output", 2, 0)).to_have_text("8.948")


def test_a_click_closes_a_cell_and_the_row_shares_anew(lab):
    cell(lab, "masked", 0, 2).click()
    expect(cell(lab, "weights", 0, 2)).to_have_text("0")
    expect(cell(lab, "weights", 0, 1)).to_have_text("0.7311")
    cell(lab, "masked", 0, 1).click()
    expect(cell(lab, "weights", 0, 0)).to_have_text("1.0000")
    cell(lab, "masked", 0, 0).click()
    expect(lab.page.locator(".lab-bench .refused")).to_contain_text("Query 0 may read no key")
    cell(lab, "masked", 0, 0).click()
    expect(cell(lab, "weights", 0, 0)).to_have_text("1.0000")


def test_what_is_no_number_stays_as_it_was_typed_and_is_said(lab):
    cell(lab, "q", 1, 0).fill("two")
    expect(line(lab)).to_contain_text("Write a number such as -2.5")
    expect(cell(lab, "q", 1, 0)).to_have_value("two")
    expect(cell(lab, "output", 2, 0)).to_have_text("8.948")


def test_a_table_from_a_spreadsheet_is_pasted_whole(lab):
    cell(lab, "q", 0, 0).focus()
    lab.page.evaluate("""() => {
      let input = document.activeElement;
      while (input.shadowRoot?.activeElement) input = input.shadowRoot.activeElement;
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "0,5\\t-1\\n2\\t3\\n");
      const goes = { clipboardData, bubbles: true, cancelable: true, composed: true };
      input.dispatchEvent(new ClipboardEvent("paste", goes));
    }""")
    expect(lab.page.locator(".lab-bench .refused")).to_contain_text("query of 2 numbers")
    expect(cell(lab, "q", 0, 1)).to_have_value("−1")
    lab.page.get_by_role("button", name="More: numbers of K").click()
    expect(cell(lab, "scores", 0, 0)).to_have_text("1")


def test_examples_masks_and_random_numbers_reach_the_server(lab):
    lab.page.get_by_role("button", name="One vector of three").click()
    expect(cell(lab, "scaled", 0, 0)).to_have_text("18.48")
    lab.page.get_by_role("button", name="Three scalars").click()
    lab.page.locator(".lab-bench input[value=causal]").check()
    expect(cell(lab, "masked", 0, 1)).to_have_text("−∞")
    lab.page.get_by_role("button", name="Draw").click()
    lab.page.wait_for_url(lambda url: "mcausal" in url and "q1;2;3" not in url)
    first = bench(lab)
    lab.page.get_by_role("button", name="Three scalars").click()
    expect(cell(lab, "output", 2, 0)).to_have_text("8.948")
    lab.page.get_by_role("button", name="Draw").click()
    lab.page.wait_for_url("**lab=**")
    assert bench(lab) == first.removesuffix("_mcausal")


def test_the_notebook_of_the_bench_is_taken_away(lab):
    with lab.page.expect_download() as taken:
        lab.page.get_by_role("button", name="Open as notebook").click()
    cells = json.loads(taken.value.path().read_text(encoding="utf-8"))["cells"]
    assert "Q = np.array([[1.], [2.], [3.]])" in cells[1]["source"]


def test_a_phone_shows_the_step_in_view_and_nothing_runs_out_of_it(open_tab):
    tab = open_tab(viewport={"width": 390, "height": 844}, has_touch=True, locale="zh-CN").open("/learn")
    expect(cell(tab, "output", 2, 0)).to_have_text("8.948")
    expect(cell(tab, "scores", 0, 0)).to_be_hidden()
    tab.page.get_by_role("button", name="后退一步").tap()
    expect(cell(tab, "weights", 0, 0)).to_be_visible()
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 390
