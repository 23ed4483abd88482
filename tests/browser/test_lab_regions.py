"""The lessons on a picture as values and on costs in a real browser: mouse, keyboard, phone."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenTab, Tab

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "locale": "zh-CN"}
LIGHT = """([x, y]) => {
  const seen = document.querySelector(".stApp").querySelectorAll("*");
  const root = [...seen].map((each) => each.shadowRoot).find((each) => each?.querySelector(".lab-regions")) ?? document;
  const canvas = root.querySelector('[data-name="recomposed"] canvas');
  return [...canvas.getContext("2d").getImageData(x * canvas.width, y * canvas.height, 1, 1).data.slice(0, 3)];
}"""


def place(tab: Tab, at: int) -> Locator:
    return tab.page.locator(f'.lab-regions .places [data-at="{at}"]')


def weight(tab: Tab, at: int) -> Locator:
    return tab.page.locator(".lab-regions .labels span").nth(at)


def line(tab: Tab) -> Locator:
    return tab.page.locator(".lab-regions .line")


def linked(tab: Tab, name: str) -> str:
    return parse_qs(urlsplit(tab.page.url).query)[name][0]


@pytest.fixture
def regions(open_tab: OpenTab) -> Tab:
    tab = open_tab().open("/learn?v=1&le=regions")
    expect(weight(tab, 4)).to_have_text("0.2500")
    return tab


def test_a_digit_sets_a_part_and_the_link_opens_on_it(regions, open_tab):
    place(regions, 1).click()
    regions.press("8")
    expect(weight(regions, 1)).to_have_text("0.3333")
    expect(regions.page.locator(".lab-regions .total")).to_have_text("Σ wᵢ = 1.0000")
    regions.page.wait_for_url("**/learn?*lr=*")
    again = open_tab().open(regions.page.url.removeprefix(regions.address))
    expect(weight(again, 1)).to_have_text("0.3333")


def test_a_drag_up_makes_a_region_heavier_and_brighter(regions):
    assert regions.page.evaluate(LIGHT, [0.5, 0.1]) == [0, 0, 0]
    box = place(regions, 1).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    regions.page.mouse.move(x, y)
    regions.page.mouse.down()
    regions.page.mouse.move(x, y - 50)
    regions.page.mouse.up()
    expect(weight(regions, 1)).to_have_text("0.2000")
    regions.page.wait_for_url("**w1,4,0,4*")
    assert min(regions.page.evaluate(LIGHT, [0.5, 0.1])) > 40


def test_the_slider_and_the_number_set_the_part_of_the_chosen_region(regions):
    place(regions, 8).click()
    number = regions.page.locator(".lab-regions .on-cell .seed")
    number.fill("17")
    expect(weight(regions, 8)).to_have_text("0.5312")
    number.fill("many")
    expect(line(regions)).to_have_text("Write a number from 0 to 99.")
    expect(number).to_have_value("many")


def test_the_keyboard_alone_walks_the_regions_and_weighs_them(regions):
    place(regions, 0).focus()
    regions.press("ArrowDown", "ArrowRight")
    expect(line(regions)).to_have_text("w[1, 1] = 4 / 16 = 0.25")
    regions.press("+", "+", "+", "+")
    expect(weight(regions, 4)).to_have_text("0.4000")


def test_a_query_region_is_clicked_and_its_softmax_is_said(regions):
    regions.page.locator(".lab-regions input[value=query]").check()
    place(regions, 4).click()
    expect(line(regions)).to_contain_text("q·k / √3")
    expect(line(regions)).to_contain_text("w[1, 1] = e^")
    regions.page.wait_for_url("**oquery_q4*")


def test_a_head_of_the_model_weighs_the_regions_and_its_class_token_beside_them(regions):
    regions.page.locator(".lab-regions input[value=model]").check()
    expect(regions.page.locator(".lab-regions .total")).to_contain_text("[CLS]")
    expect(place(regions, 143)).to_be_attached()
    regions.page.locator(".lab-regions .head input[value='1']").check()
    place(regions, 77).click()
    regions.page.wait_for_url("**omodel_l5.1_k78*")
    expect(regions.page.locator(".lab-regions .total")).to_contain_text("= 1.0000")
    regions.page.get_by_role("button", name="[CLS]").click()
    regions.page.wait_for_url(lambda url: url.endswith("l5.1") or "l5.1&" in url)


def test_another_picture_and_another_grid_keep_what_was_weighed(regions):
    regions.page.get_by_role("radio", name="Cat").check(force=True)
    regions.page.get_by_role("button", name="One row more").click()
    regions.page.wait_for_url("**pcat_g4.3_w*")
    expect(regions.page.locator(".lab-regions .labels > div")).to_have_count(12)
    regions.page.get_by_role("button", name="All alike").click()
    expect(weight(regions, 11)).to_have_text("0.0833")


def test_on_a_phone_a_region_is_tapped_and_nothing_runs_out_of_it(open_tab):
    tab = open_tab(**PHONE).open("/learn?v=1&le=regions")
    expect(weight(tab, 4)).to_have_text("0.2500")
    place(tab, 2).tap()
    tab.page.locator(".lab-regions .on-cell .seed").fill("4")
    expect(weight(tab, 2)).to_have_text("0.2000")
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.fixture
def costs(open_tab: OpenTab) -> Tab:
    tab = open_tab().open("/learn?v=1&le=costs")
    expect(tab.page.locator(".lab-costs .sentence")).to_contain_text("72.5 GB")
    return tab


def test_a_size_is_written_and_the_sentence_follows_and_the_link(costs, open_tab):
    costs.page.locator(".lab-costs .seed[data-size=tokens]").fill("1024")
    expect(costs.page.locator(".lab-costs .sentence")).to_contain_text(
        "At 1,024 tokens the maps of all heads take 1.1 GB"
    )
    costs.page.wait_for_url("**lc=n1024_d576*")
    again = open_tab().open(costs.page.url.removeprefix(costs.address))
    expect(again.page.locator(".lab-costs .seed[data-size=tokens]")).to_have_value("1,024")


def test_a_slider_goes_by_doublings_and_a_model_sets_every_size(costs):
    slider = costs.page.locator(".lab-costs input[type=range][data-size=tokens]")
    slider.focus()
    costs.press(*["ArrowLeft"] * 4)
    expect(costs.page.locator(".lab-costs .sentence")).to_contain_text("At 4,096 tokens")
    costs.page.get_by_role("button", name="Llama 3 8B").click()
    expect(costs.page.locator(".lab-costs .sentence")).to_contain_text("274.9 GB")
    costs.page.locator(".lab-costs input[value=bfloat16]").check()
    expect(costs.page.locator(".lab-costs .result[data-name=maps_bytes]")).to_have_text("137.4 GB")


def test_heads_that_do_not_fit_are_said_and_what_was_written_stays(costs):
    heads = costs.page.locator(".lab-costs .seed[data-size=heads]")
    heads.fill("7")
    expect(costs.page.locator(".lab-costs .refused")).to_contain_text("576 numbers cannot be shared by 7 heads")
    expect(heads).to_have_value("7")


def test_a_click_on_a_curve_chooses_its_size(costs):
    costs.page.locator('.lab-costs [data-name="memory"] svg').click(position={"x": 120, "y": 100})
    costs.page.wait_for_url("**lc=n*")
    assert 16 < int(linked(costs, "lc").split("_")[0][1:]) < 8_192


def test_the_clock_is_read_on_a_click(costs):
    expect(costs.page.locator('.lab-costs [data-name="measured"]')).to_be_hidden()
    costs.page.get_by_role("button", name="Measure on this machine").click()
    expect(costs.page.locator('.lab-costs [data-name="measured"] polyline')).to_have_count(3)
    expect(costs.page.locator(".lab-costs .clock .note")).to_contain_text("1,024 tokens, 64 numbers a head")


def test_on_a_phone_the_costs_stay_within_the_screen(open_tab):
    tab = open_tab(**PHONE).open("/learn?v=1&le=costs")
    expect(tab.page.locator(".lab-costs .sentence")).to_contain_text("72.5 GB")
    tab.page.locator(".lab-costs .seed[data-size=tokens]").fill("2048")
    expect(tab.page.locator(".lab-costs .sentence")).to_contain_text("2,048")
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 390
