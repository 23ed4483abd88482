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


WAYS = {
    way: {
        "shares": [0, 0.5, 1],
        "spread": [0, 0.1, 0],
        "curves": {"most": [0.9, first, 0], "random": [0.9, 0.4, 0], "least": [0.9, 0.9 - first, 0]},
        "areas": {"most": first, "random": 0.4, "least": 0.9 - first},
    }
    for way, first in (("out", 0.2), ("in", 0.7))
}


def remounted(harness: Harness, **data: object) -> Locator:
    harness.unmount("patch_rail")
    return harness.mount("patch_rail", width=264, data={"proof": None, "pending": False, "refused": None, **data})


def test_any_class_can_be_typed_and_then_stands_among_the_likely_ones(harness: Harness, rail: Locator) -> None:
    names = ["tabby, tabby cat", "tiger cat", "lynx", "fox", "dog", "espresso", "cup"]
    classes = [[index, name, 0.5 / (index + 1)] for index, name in enumerate(names)]
    rail = remounted(harness, classes=classes)
    expect(rail.locator(".classes button")).to_have_count(5)
    another = rail.get_by_role("combobox", name="Another class")
    another.fill("nothing of the kind")
    another.press("Tab")
    assert harness.page.evaluate("harness.sight.choice.target") is None
    another.fill("cup")
    another.press("Tab")
    assert harness.page.evaluate("harness.sight.choice.target") == 6
    expect(rail.locator(".classes button")).to_have_count(6)
    expect(rail.get_by_role("button", name="cup")).to_have_attribute("aria-pressed", "true")


def test_what_matters_is_asked_with_every_patch_once_the_strongest_first(harness: Harness, rail: Locator) -> None:
    rail.get_by_role("button", name="Take them out").click()
    ((name, asked),) = harness.page.evaluate("harness.triggers")
    assert name == "matter"
    assert asked["order"][0] == at(3, 4)
    assert sorted(asked["order"]) == list(range(3, 27))  # all patches, and no token
    rail.get_by_role("button", name="Stop").click()
    assert harness.page.evaluate("harness.triggers")[1][0] == "stop"
    expect(rail.get_by_role("button", name="Take them out")).to_be_visible()


def test_deletion_and_insertion_are_drawn_with_the_area_under_each(harness: Harness, rail: Locator) -> None:
    rail.get_by_role("button", name="Take them out").click()
    name = harness.page.evaluate("harness.triggers")[0][1]["name"]
    matter = {"name": name, "label": "tabby, tabby cat", "ways": WAYS}
    rail = remounted(harness, classes=[[281, "tabby, tabby cat", 0.61]], matter=matter)
    lines = ["strongest first0.2000.700", "at random0.4000.400", "weakest first0.7000.200"]
    expect(rail.locator(".areas tbody tr")).to_have_text(lines)
    expect(rail.locator(".areas thead")).to_contain_text("Taken outPut in")
    expect(rail.locator(".matter figcaption")).to_have_count(2)
    expect(rail.locator(".matter .note")).to_contain_text("How likely “tabby” is while patches are taken out")
    harness.page.evaluate("harness.sight.choose({ query: 0 })")  # the answer was about another row
    expect(rail.locator(".areas")).to_be_hidden()
    expect(rail.get_by_role("button", name="Take them out")).to_be_visible()


def test_what_refuses_to_say_what_matters_says_why(harness: Harness, rail: Locator) -> None:
    rail.get_by_role("button", name="Take them out").click()
    name = harness.page.evaluate("harness.triggers")[0][1]["name"]
    refused = {"name": name, "refused": "These curves take 9,999 passes."}
    rail = remounted(harness, classes=[[281, "tabby, tabby cat", 0.61]], matter=refused)
    expect(rail.get_by_text("9,999 passes")).to_be_visible()
    expect(rail.locator(".areas")).to_be_hidden()


def test_what_a_detector_finds_is_listed_and_chosen_by_a_click(harness: Harness) -> None:
    harness.settle(of="pictures", choice={"stack": "cross", "query": 1})
    for packet in ("finder-picture", "finder-cross", "finder-found"):
        harness.shelve(packet)
    rail = harness.mount("patch_rail", width=264, data={"classes": [], "proof": None})
    lines = rail.locator(".classes button")
    expect(lines).to_have_text(["cat · 090.0 %"])  # the other query holds nothing likelier than its dog
    expect(rail.get_by_role("heading", name="Finds")).to_be_visible()
    lines.first.click()
    assert harness.page.evaluate("harness.sight.choice.query") == 0
    expect(lines.first).to_have_attribute("aria-pressed", "true")


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
