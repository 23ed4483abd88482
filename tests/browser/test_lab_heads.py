"""The lessons on several heads and on ways to score, in a real browser: mouse, keyboard, phone."""

import json

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenTab, Tab

pytestmark = pytest.mark.browser


def cell(tab: Tab, name: str, row: int, col: int, within: str = ".lab-wide") -> Locator:
    return tab.page.locator(f'{within} [data-name="{name}"]:not([hidden]) [data-row="{row}"][data-col="{col}"]')


def line(tab: Tab) -> Locator:
    return tab.page.locator(".lab-wide .line")


def choose(tab: Tab, name: str, value: str) -> None:
    tab.page.locator(f'.lab-wide fieldset.{name} input[value="{value}"]').check(force=True)


@pytest.fixture
def heads(open_tab: OpenTab) -> Tab:
    tab = open_tab().open("/learn?le=heads")
    expect(cell(tab, "output", 0, 0)).to_have_text("1.943")
    return tab


@pytest.fixture
def scoring(open_tab: OpenTab) -> Tab:
    tab = open_tab().open("/learn?le=scoring")
    expect(cell(tab, "scores", 0, 1, ".way-card.dot")).to_have_text("6")
    return tab


def test_an_edit_is_worked_out_in_every_head_and_the_link_opens_on_it(heads, open_tab):
    cell(heads, "o", 0, 0).fill("0")
    expect(cell(heads, "output", 0, 0)).to_have_text("0")
    heads.page.wait_for_url("**/learn?*lh=*")
    again = open_tab().open(heads.page.url.removeprefix(heads.address))
    expect(cell(again, "o", 0, 0)).to_have_value("0")
    expect(cell(again, "output", 0, 0)).to_have_text("0")


def test_a_cell_says_its_arithmetic_and_lights_what_it_is_made_of(heads):
    cell(heads, "scores", 2, 2).hover()
    expect(line(heads)).to_have_text("S₀[2, 2] = 0·0 + 2·2 = 4; 4 / √2 = 2.828")
    assert {each.get_attribute("data-row") for each in heads.page.locator('[data-name="part_q"] .lit').all()} == {"2"}
    assert {each.get_attribute("data-col") for each in heads.page.locator('[data-name="part_k"] .lit').all()} == {"2"}
    cell(heads, "output", 1, 3).hover()
    expect(line(heads)).to_contain_text("Out[1, 3] = 1.943·0 + 0.05741·0 + 0.05741·0 + 1.943·1 = 1.943")


def test_another_head_is_looked_at_and_the_keyboard_reads_its_cells(heads):
    heads.page.get_by_role("button", name="Head 1").focus()
    heads.press("Enter")
    expect(cell(heads, "weights", 0, 0)).to_have_text("0.8943")
    expect(heads.page.get_by_role("button", name="Head 1")).to_be_focused()
    cell(heads, "weights", 0, 0).focus()
    heads.press("ArrowDown", "ArrowRight")
    expect(line(heads)).to_contain_text("W₁[1, 1]")


def test_query_heads_that_share_keys_are_drawn_over_them_and_their_tables_follow(heads):
    choose(heads, "heads", "4")
    expect(heads.page.locator('[data-name="a"] .shape')).to_have_text("4 × 8")
    expect(heads.page.locator(".lab-heads .key-head")).to_have_count(2)
    choose(heads, "keys", "1")
    expect(heads.page.locator('[data-name="b"] .shape')).to_have_text("4 × 2")
    expect(heads.page.locator(".lab-heads .key-head")).to_have_count(1)
    expect(heads.page.locator(".lab-heads")).to_contain_text("keeps 4 numbers of each token")
    choose(heads, "keys", "3")
    expect(heads.page.locator(".lab-heads .refused")).to_contain_text("4 query heads cannot share 3 key heads")
    choose(heads, "keys", "2")
    choose(heads, "heads", "2")
    expect(cell(heads, "output", 0, 0)).to_have_text("1.943")  # no number was lost on the way


def test_keys_come_from_other_tokens_and_the_mask_closes(heads):
    choose(heads, "cross", "other")
    expect(heads.page.locator('[data-name="weights"] .shape')).to_have_text("3 × 4")
    heads.page.get_by_role("button", name="Less: rows of Y").click()
    choose(heads, "mask", "causal")
    expect(cell(heads, "scores", 0, 2)).to_have_text("−∞")
    heads.page.get_by_role("button", name="Less: rows of Y").click()
    expect(heads.page.locator(".lab-heads .refused")).to_contain_text("Query 0 may read no key")


def test_queries_keys_and_values_may_be_written_by_hand(heads):
    choose(heads, "source", "vectors")
    expect(cell(heads, "q", 0, 0)).to_have_value("2")
    cell(heads, "q", 0, 0).fill("0")
    expect(cell(heads, "weights", 0, 0)).to_have_text("0.3333")
    choose(heads, "source", "tokens")
    expect(cell(heads, "weights", 0, 0)).to_have_text("0.4856")


def test_steps_go_back_and_a_term_of_the_formula_leads_to_its_step(heads):
    heads.page.locator(".lab-heads .term[data-step=scores]").first.click()
    expect(cell(heads, "scores", 0, 0)).to_have_text("2.828")
    expect(cell(heads, "weights", 0, 0)).to_have_text("")
    heads.page.get_by_role("button", name="One step on").click()
    expect(cell(heads, "weights", 0, 0)).to_have_text("0.4856")
    expect(heads.page.locator(".lab-heads code")).to_contain_text("raised = np.exp(scores")


def test_the_notebook_of_the_heads_is_taken_away(heads):
    heads.page.get_by_role("button", name="Grouped queries").click()
    expect(heads.page.locator(".lab-heads .key-head")).to_have_count(2)
    with heads.page.expect_download() as taken:
        heads.page.get_by_role("button", name="Open as notebook").click()
    cells = json.loads(taken.value.path().read_text(encoding="utf-8"))["cells"]
    assert "heads, key_heads = 4, 2" in cells[1]["source"]


def test_the_same_numbers_are_scored_side_by_side(scoring):
    cell(scoring, "q", 0, 0).fill("3")
    expect(cell(scoring, "scores", 0, 1, ".way-card.dot")).to_have_text("12")
    expect(cell(scoring, "scores", 0, 1, ".way-card.scaled")).to_have_text("8.485")
    expect(cell(scoring, "scores", 0, 0, ".way-card.cosine")).to_have_text("0.8944")
    scoring.page.wait_for_url("**/learn?*ls=q3,1;2,0_*")


def test_a_score_says_its_arithmetic_and_the_network_shows_its_pair(scoring):
    cell(scoring, "scores", 1, 2, ".way-card.additive").hover()
    expect(line(scoring)).to_contain_text("1·tanh(2 + 0) + 1·tanh(0 + 2) + −1·tanh(2 + 2)")
    expect(scoring.page.get_by_role("img", name="Query 1 with key 2 is scored 0.9287")).to_be_visible()
    cell(scoring, "e", 0, 2).fill("0")
    expect(cell(scoring, "scores", 1, 2, ".way-card.additive")).to_have_text("1.928")


def test_keys_are_states_of_an_encoder(scoring):
    choose(scoring, "source", "recurrent")
    expect(cell(scoring, "states", 1, 0)).to_have_text("0.3634")
    cell(scoring, "states", 1, 0).hover()
    expect(line(scoring)).to_contain_text("h[1, 0] = tanh(1·0 + 0·1 + 0.5·0.7616 + 0·0 = 0.3808) = 0.3634")
    choose(scoring, "source", "convolution")
    expect(scoring.page.locator('[data-name="c"] .shape')).to_have_text("2 × 6")
    choose(scoring, "source", "given")
    expect(cell(scoring, "k", 1, 1)).to_have_value("3")


def test_a_way_that_does_not_fit_says_why_and_the_others_go_on(scoring):
    scoring.page.get_by_role("button", name="Unequal widths").click()
    expect(scoring.page.locator(".way-card.dot .refused")).to_contain_text("query of 3 numbers")
    expect(cell(scoring, "scores", 0, 1, ".way-card.general")).to_have_text("15")


def test_the_code_is_that_of_the_chosen_way_by_keyboard(scoring):
    scoring.page.locator(".lab-scoring .term[data-step=scores]").first.click()
    scoring.page.get_by_role("button", name="Cosine", exact=True).focus()
    scoring.press("Enter")
    expect(scoring.page.locator(".lab-scoring code")).to_contain_text("unit(Q) @ unit(K).T")


def test_values_are_pooled_without_a_query(scoring):
    cell(scoring, "pooled", 0, 1).hover()
    expect(line(scoring)).to_contain_text("A[1] = 0.2414·0 + 0.2414·1 + 0.5171·1 = 0.7586")


@pytest.mark.parametrize("lesson", ["heads", "scoring"])
def test_nothing_runs_out_of_a_phone(open_tab, lesson):
    phone = open_tab(viewport={"width": 390, "height": 844}, has_touch=True, locale="zh-CN")
    tab = phone.open(f"/learn?le={lesson}")
    expect(tab.page.locator(".lab-wide .where")).to_contain_text("共")
    tab.page.get_by_role("button", name="后退一步").tap()
    expect(tab.page.locator(".lab-wide .about")).to_contain_text("拼接" if lesson == "heads" else "不同的只是打分方式")
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_phone_shows_the_place_where_the_step_is_done(open_tab):
    tab = open_tab(viewport={"width": 390, "height": 844}, has_touch=True).open("/learn?le=heads")
    expect(cell(tab, "output", 0, 0)).to_be_visible()
    expect(cell(tab, "x", 0, 0)).to_be_hidden()
    tab.page.locator(".lab-heads .term[data-step=vectors]").first.tap()
    expect(cell(tab, "x", 0, 0)).to_be_visible()
    expect(cell(tab, "output", 0, 0)).to_be_hidden()
