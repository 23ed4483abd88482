"""The inside of a head in a real browser: mouse, keyboard, phone, and the way into the lab."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenTab, Tab

pytestmark = pytest.mark.browser

LETTERS = "/inside?v=1&m=repeats-2&t=k+q+x+b+k+q+x+b+k&l=1&h=1&q=8"


def step(tab: Tab, name: str) -> Locator:
    return tab.page.locator(f".inside .step[data-step={name}]")


def table(tab: Tab, name: str) -> Locator:
    return tab.page.locator(f".inside .now .table[data-name={name}] canvas")


def line(tab: Tab) -> Locator:
    return tab.page.locator(".inside .line")


def term(tab: Tab, name: str) -> Locator:
    return tab.page.locator(f".inside .term[data-step={name}]").first


@pytest.fixture
def head(open_tab: OpenTab) -> Tab:
    tab = open_tab().open(LETTERS)
    expect(tab.page.locator(".inside h1")).to_have_text("Inside L1 H1, for “b”")
    return tab


def test_pointing_at_a_number_reads_it_exactly_and_a_click_chooses_its_row(head):
    box = table(head, "W").bounding_box()
    last = {"x": box["width"] - 40, "y": box["height"] - 8}
    table(head, "W").hover(position=last)
    expect(line(head)).to_contain_text("“k” gives “k” e^(")
    table(head, "W").click(position=last)
    expect(head.page.locator(".inside h1")).to_have_text("Inside L1 H1, for “k”")
    head.page.wait_for_url("**/inside?*q=9*")


def test_the_keyboard_alone_reads_every_number_of_a_table(head):
    table(head, "W").focus()
    head.press("ArrowRight")
    expect(line(head)).to_contain_text("“b” gives “k” e^(")
    head.press("ArrowUp")
    expect(line(head)).to_contain_text("“x” gives “k” e^(")
    head.press("Enter")
    expect(head.page.locator(".inside h1")).to_have_text("Inside L1 H1, for “x”")
    head.page.wait_for_url("**/inside?*q=7*")
    head.press("ArrowRight")
    expect(line(head)).to_contain_text("“x” gives “q” e^(")


def test_steps_go_forward_and_back_and_light_their_terms(head):
    expect(term(head, "weights")).to_have_attribute("aria-pressed", "true")
    head.page.get_by_role("button", name="One step on").click()
    expect(term(head, "mixed")).to_have_attribute("aria-pressed", "true")
    expect(step(head, "joined").locator("canvas")).to_have_count(0)
    head.page.get_by_role("button", name="All steps").click()
    expect(step(head, "joined").locator("canvas")).to_have_count(1)
    head.page.get_by_role("button", name="From the start").click()
    expect(step(head, "embedded")).to_have_class("step now")
    expect(head.page.get_by_role("button", name="One step back")).to_be_disabled()
    term(head, "scores").click()
    expect(table(head, "S")).to_be_visible()


def test_a_step_is_opened_by_its_name_with_every_matrix_and_its_shape(head):
    step(head, "projected").get_by_role("button").click()
    shapes = head.page.locator(".inside .now .shape")
    expect(shapes).to_have_text(["10 × 16"] * 3)
    expect(head.page.locator(".inside .rail pre")).to_contain_text("q = heads(N @ W_Q + b_Q)")
    head.page.locator(".inside .rail input[value=torch]").check()
    expect(head.page.locator(".inside .rail pre")).to_contain_text("unflatten")


def test_arrows_in_the_atlas_choose_layer_and_head_and_the_steps_follow(head):
    head.page.locator(".atlas .cell.chosen").focus()
    head.press("ArrowRight")
    expect(head.page.locator(".inside h1")).to_have_text("Inside L1 H2, for “b”")
    head.press("ArrowUp")
    expect(head.page.locator(".inside h1")).to_have_text("Inside L0 H2, for “b”")
    head.page.wait_for_url("**/inside?*l=0&h=2*")


def test_the_same_step_opens_in_the_lab_on_the_slice(head):
    expect(head.page.locator(".inside .lab-link")).to_have_attribute(
        "href",
        r"/learn?v=1&lab=q-0.787,0.413,2.169,1.453;"
        "2.364,-2.76,-2.332,-1.894;2.374,2.38,-2.632,5.053;-3.988,-4.488,3.015,2.118_k-3.64,-4.109,2.702,2.171;"
        "-2.393,-6.25,4.512,0.814;1.448,-1.925,-2.161,6.881;1.029,-1.211,-3.652,7.235_v-0.855,0.519;-4.158,-1.999;"
        "-1.727,0.583;1.071,-1.076_t2_mcausal",
    )
    with head.page.context.expect_page() as opened:
        head.page.locator(".inside .lab-link").click()
    expect(opened.value.locator('.lab-bench [data-name="weights"]').first).to_be_visible()


def test_the_text_page_leads_inside_the_head_in_view(open_tab):
    tab = open_tab().open(LETTERS.replace("/inside", "/"))
    tab.page.get_by_role("link", name="Inside this head, step by step").click()
    expect(tab.page.locator(".inside h1")).to_have_text("Inside L1 H1, for “b”")


def test_a_step_that_cannot_be_drawn_leaves_a_sentence(open_tab):
    tab = open_tab().open("/inside?v=1&t=" + "cat+" * 129)
    expect(tab.page.locator(".attnviz-message")).to_contain_text("follows 128 of them step by step. Shorten it by 3.")
    expect(tab.page.locator(".atlas")).to_be_visible()


def test_a_phone_shows_every_step_and_nothing_runs_out_of_it(open_tab):
    tab = open_tab(viewport={"width": 390, "height": 844}, has_touch=True, locale="zh-CN").open(LETTERS)
    expect(tab.page.locator(".inside h1")).to_have_text("走进 L1 H1，看“b”")
    step(tab, "residual").get_by_role("button").tap()
    expect(table(tab, "R")).to_be_visible()
    table(tab, "R").tap()
    expect(line(tab)).to_contain_text("的 R，第")
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 390
