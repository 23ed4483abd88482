"""The reading rail of a picture: numbers that can be checked by hand."""

from math import hypot

import pytest
from playwright.sync_api import Locator, expect

from tests.components.conftest import Harness
from tests.components.harness.pictures import at

pytestmark = pytest.mark.browser


@pytest.fixture
def rail(harness: Harness) -> Locator:
    harness.settle(of="pictures", choice={"query": at(1, 2)})
    for packet in ("plain-picture", "plain", "plain-exact"):
        harness.shelve(packet)
    data = {
        "proof": None,
        "pending": False,
        "refused": None,
        "classes": [[281, "tabby, tabby cat", 0.61], [282, "tiger cat", 0.2]],
    }
    return harness.mount("patch_rail", width=264, data=data)


def test_the_budget_of_a_row_says_where_its_attention_goes(rail: Locator) -> None:
    """0.8 to r3 c4; the other 26 keys share 0.2, 0.77 % each: two registers, eight neighbours, 14 of the rest."""
    parts = ["class token0.8 %", "registers1.5 %", "itself0.8 %", "its neighbours6.1 %", "the rest90.8 %"]  # 100 %
    expect(rail.locator(".shares li")).to_have_text(parts)


def test_the_top_patches_are_named_by_place_and_point_at_it(harness: Harness, rail: Locator) -> None:
    first = rail.locator("ol button").first
    expect(first).to_contain_text("r3 c4")
    expect(first).to_contain_text("80.0 %")
    first.hover()
    assert harness.page.evaluate("harness.sight.hover.key") == at(3, 4)


def test_entropy_and_distance_are_told_with_their_units(rail: Locator) -> None:
    expect(rail.get_by_text("bits of 4.8")).to_be_visible()  # log2 of 27
    each, apart = 0.2 / 26, [16 * hypot(row - 1, col - 2) for row in range(4) for col in range(6)]
    far = (each * sum(apart) + (0.8 - each) * 16 * hypot(2, 2)) / (0.8 + 23 * each)  # tokens have no place
    expect(rail.get_by_text(f"{far:.0f} px")).to_be_visible()


def test_row_sums_are_of_exact_weights(harness: Harness, rail: Locator) -> None:
    expect(rail.get_by_text("1.0000000")).to_be_visible()
    harness.page.evaluate("harness.sight.choose({ query: null })")
    expect(rail.get_by_text("1 ±")).to_be_visible()


def test_predicted_classes_have_their_probability(rail: Locator) -> None:
    lines = rail.locator(".classes button")
    expect(lines).to_have_text(["tabby61.0 %", "tiger cat20.0 %"])
    expect(lines.first).to_have_attribute("aria-pressed", "true")


def test_a_click_on_a_class_lets_lenses_be_about_it(harness: Harness, rail: Locator) -> None:
    rail.get_by_role("button", name="tiger cat").click()
    assert harness.page.evaluate("harness.sight.choice.target") == 282
    expect(rail.get_by_role("button", name="tiger cat")).to_have_attribute("aria-pressed", "true")


def test_scores_have_neither_budget_nor_proof(harness: Harness, rail: Locator) -> None:
    harness.settle(of="pictures", lens="relevance", epoch="first")
    harness.shelve("plain-relevance")
    expect(rail.locator(".shares")).to_be_hidden()
    expect(rail.get_by_role("button", name="Check against the model")).to_be_hidden()
    expect(rail.locator("ol button").first).to_contain_text("2.5")


def test_a_region_says_that_it_is_a_mean(harness: Harness, rail: Locator) -> None:
    harness.page.evaluate(f"harness.sight.choose({{ corner: {at(2, 3)} }})")
    expect(rail.get_by_text("The mean of the rows of these patches.")).to_be_visible()


def test_who_reads_a_patch_has_no_budget_for_a_column_shares_nothing(harness: Harness, rail: Locator) -> None:
    harness.page.evaluate(f"harness.sight.choose({{ direction: 'read', query: {at(3, 4)} }})")
    expect(rail.locator(".shares")).to_be_hidden()
    expect(rail.locator("ol button").first).to_contain_text("r1 c2")
    expect(rail.get_by_text("A column need not sum to 1")).to_be_visible()


def test_the_proof_is_asked_for_and_shown(harness: Harness, rail: Locator) -> None:
    expect(rail.get_by_role("button", name="Check against the model")).to_be_visible()
