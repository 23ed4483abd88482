"""The reading rail in Chromium, and its arithmetic against the measures'."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator
from streamlit.testing.v1 import AppTest

from attnviz import measures
from attnviz.measures.entropy import entropy_bits
from tests.components.conftest import Harness
from tests.components.harness.material import SENTENCES, minilm

browser = pytest.mark.browser

WIDTH = 260
CALL = """async ([name, given]) => {
  const reading = await import("/modules/common/reading.js");
  return reading[name](...given);
}"""
ROWS = """async ({ weights, special, cols }) => {
  const { budget, distance, entropyBits, greatest, rowOf } = await import("/modules/common/reading.js");
  const map = { weights: Float32Array.from(weights), cols };
  return special.map((_, query) => {
    const row = rowOf(map, query);
    const wide = { bits: entropyBits(row), distance: distance(row, query) };
    return { budget: budget(row, special, query), top: greatest(row, 5), ...wide };
  });
}"""
PROOF = {"id": "cat", "shown": "self 2.7", "row_sum_error": 1.2e-7, "difference": 2.98e-7}


def call(harness: Harness, name: str, *given: Any) -> Any:
    return harness.page.evaluate(CALL, [name, list(given)])


def mounted(harness: Harness, **data: Any) -> Locator:
    return harness.mount("reading_rail", width=WIDTH, data={"proof": None, "pending": False, "refused": None, **data})


@pytest.fixture
def rail(cat: Harness) -> Locator:
    """The exact map of L2 H7, "it" pinned."""
    cat.shelve("cat-exact")
    view = mounted(cat)
    cat.choose(query=8)
    return view


def budget_of(view: Locator) -> list[str]:
    return view.locator(".shares .amount").all_inner_texts()


def fact(view: Locator, section: str, name: str) -> str:
    part = view.locator("section", has=view.page.get_by_role("heading", name=section, exact=True))
    return part.locator("div", has=view.page.get_by_text(name, exact=True)).locator("dd").inner_text()


# Arithmetic


@browser
@pytest.mark.parametrize(("layer", "head"), [(2, 7), (0, 2), (5, 11)])
def test_every_row_of_minilm_reads_as_the_measures_read_it(harness, layer, head):
    attention = minilm(SENTENCES["cat"]).map("self", layer, head)
    weights = attention.weights
    given = {"weights": weights.ravel().tolist(), "special": list(attention.keys.special), "cols": weights.shape[1]}
    for query, found in enumerate(harness.page.evaluate(ROWS, given)):
        expected = measures.reading(attention, query)
        assert found["budget"] == pytest.approx({part.kind: part.share for part in expected.budget}, abs=1e-6)
        assert found["top"] == [key.position for key in expected.top]
        assert found["bits"] == pytest.approx(expected.entropy_bits, abs=1e-5)
        assert found["distance"] == pytest.approx(float(weights[query] @ np.abs(np.arange(17) - query)), abs=1e-5)


@browser
def test_a_special_token_counts_as_special_even_when_it_is_the_query(harness):
    shares = call(harness, "budget", [0.5, 0.2, 0.2, 0.1], [True, False, False, False], 0)
    assert shares == pytest.approx({"special": 0.5, "itself": 0, "previous": 0, "rest": 0.5})


@browser
def test_the_token_before_counts_only_when_it_is_not_special(harness):
    shares = call(harness, "budget", [0.4, 0.3, 0.2, 0.1], [True, False, False, False], 1)
    assert shares == pytest.approx({"special": 0.4, "itself": 0.3, "previous": 0, "rest": 0.3})


@browser
@pytest.mark.parametrize(
    ("numbers", "rounded"),
    [
        ([1, 1, 1], [33.4, 33.3, 33.3]),
        ([0.8478, 0.0075, 0.0049, 0.1398], [84.8, 0.7, 0.5, 14.0]),
        ([1, 0, 0, 0], [100, 0, 0, 0]),
        ([0, 0], [0, 0]),
    ],
)
def test_percents_are_rounded_so_that_they_are_100_together(harness, numbers, rounded):
    assert call(harness, "percents", numbers) == pytest.approx(rounded)


@browser
def test_a_uniform_row_has_the_bits_of_its_keys_and_a_single_one_none(harness):
    assert call(harness, "entropyBits", [1 / 16] * 16) == pytest.approx(4)
    assert call(harness, "entropyBits", [0, 1, 0]) == 0


@browser
def test_a_causal_map_is_bounded_by_what_each_query_may_read(harness):
    weights = np.tril(np.ones((4, 4))) / np.arange(1, 5)[:, None]
    whole = harness.page.evaluate(
        """async (weights) => {
          const { wholeMap } = await import("/modules/common/reading.js");
          return wholeMap({ weights: Float32Array.from(weights), rows: 4, cols: 4 });
        }""",
        weights.ravel().tolist(),
    )
    assert whole["causal"]
    assert whole["most"] == pytest.approx(np.log2([1, 2, 3, 4]).mean())
    assert whole["entropy"] == pytest.approx(whole["most"], abs=1e-6)  # each query reads all it may read alike
    assert whole["distance"] == pytest.approx((4 - 1) / 4, abs=1e-6)  # Vig & Belinkov: (n - 1) / 4


@browser
@pytest.mark.parametrize(
    ("number", "text"), [(2.98e-7, "3.0 × 10⁻⁷"), (0, "0"), (0.0123, "1.2 × 10⁻²"), (9.96e-8, "1.0 × 10⁻⁷")]
)
def test_small_numbers_are_written_with_a_power(harness, number, text):
    written = harness.page.evaluate("async (n) => (await import('/modules/common/numbers.js')).smallText(n)", number)
    assert written == text


# What a token reads


@browser
def test_the_budget_says_where_the_attention_of_the_pinned_token_goes(rail):
    expected = measures.reading(minilm(SENTENCES["cat"]).map("self", 2, 7), 8)
    assert rail.locator(".title").inner_text() == "“it” reads"
    assert rail.locator(".shares .name").all_inner_texts() == [
        "[CLS] and [SEP]",
        "itself",
        "the token before",
        "the rest",
    ]
    percents = [float(text.removesuffix(" %")) for text in budget_of(rail)]
    assert percents == pytest.approx([100 * part.share for part in expected.budget], abs=0.1)
    assert sum(percents) == pytest.approx(100, abs=1e-9)


@browser
def test_the_bar_is_as_long_as_the_shares(rail):
    widths = rail.locator(".budget > .bar span").evaluate_all(
        "parts => parts.map((part) => part.getBoundingClientRect().width)"
    )
    percents = [float(text.removesuffix(" %")) for text in budget_of(rail)]
    assert np.array(widths) / sum(widths) * 100 == pytest.approx(percents, abs=1)


@browser
def test_the_top_keys_are_named_with_their_weights(rail):
    expected = measures.reading(minilm(SENTENCES["cat"]).map("self", 2, 7), 8).top
    assert rail.locator("ol .name").all_inner_texts() == [key.label for key in expected]
    assert rail.locator("ol .amount").all_inner_texts() == [f"{key.weight:.3f}" for key in expected]


@browser
def test_numbers_that_came_as_bytes_say_that_they_are_about_right(cat):
    view = mounted(cat)
    cat.choose(query=8)
    assert budget_of(view)[0] == "≈ 85 %"
    assert view.locator("ol .amount").first.inner_text() == "≈ 0.81"
    assert fact(view, "Proof", "Row sum") == "–"


@browser
@pytest.mark.parametrize("hand", ["mouse", "keyboard", "click"])
def test_a_top_key_points_at_its_cell(cat, rail, hand):
    second = rail.get_by_role("button").nth(1)
    {"mouse": second.hover, "keyboard": second.focus, "click": second.click}[hand]()
    key = measures.reading(minilm(SENTENCES["cat"]).map("self", 2, 7), 8).top[1].position
    assert cat.store("hover") == {"query": 8, "key": key}
    assert rail.locator("ol li.lit").count() == 1


@browser
def test_the_rail_follows_the_mouse_and_comes_back_to_the_pinned_token(cat, rail):
    cat.point({"query": 2, "key": 5})
    assert rail.locator(".title").inner_text() == "“cat” reads"
    cat.point(None)
    assert rail.locator(".title").inner_text() == "“it” reads"


@browser
def test_the_focus_stays_on_its_key_when_the_head_changes(cat, rail):
    rail.get_by_role("button").nth(2).focus()
    cat.choose(head=3)
    assert rail.get_by_role("button").nth(2).evaluate("button => button.getRootNode().activeElement === button")


@browser
def test_hidden_tokens_are_no_top_keys_but_keep_their_share_of_the_budget(cat, rail):
    cat.settle(specials="renormalised")
    assert "[CLS]" not in rail.locator("ol .name").all_inner_texts()
    weights = minilm(SENTENCES["cat"]).map("self", 2, 7).weights[8, 1:16]
    assert rail.locator("ol .amount").first.inner_text() == f"{weights.max() / weights.sum():.3f}"
    assert budget_of(rail)[0].startswith("84.")


@browser
def test_a_text_without_special_tokens_has_no_line_for_them(harness):
    harness.settle(choice={"layer": 0, "head": 1, "query": 2})
    harness.shelve("strong")
    view = mounted(harness)
    assert view.locator(".shares .name").all_inner_texts() == ["itself", "the token before", "the rest"]


# Who reads it


@browser
def test_who_reads_it_lists_the_readers_and_no_budget(cat, rail):
    cat.choose(direction="read")
    weights = minilm(SENTENCES["cat"]).map("self", 2, 7).weights[:, 8]
    readers = np.argsort(-weights, kind="stable")[:5]
    labels = minilm(SENTENCES["cat"]).map("self", 2, 7).keys.labels
    assert rail.locator(".title").inner_text() == "Who reads “it”"
    assert not rail.locator(".budget").is_visible()
    assert rail.locator("ol .name").all_inner_texts() == [labels[reader] for reader in readers]
    assert f"Together {weights.sum():.2f}. A column need not sum to 1" in rail.locator(".view").inner_text()


@browser
def test_a_reader_points_at_its_cell(cat, rail):
    cat.choose(direction="read")
    rail.get_by_role("button").first.hover()
    reader = int(minilm(SENTENCES["cat"]).map("self", 2, 7).weights[:, 8].argmax())
    assert cat.store("hover") == {"query": reader, "key": 8}
    assert rail.locator(".title").inner_text() == "Who reads “it”"


# The head


@browser
def test_the_row_and_the_head_say_how_wide_and_how_far_they_read(rail):
    weights = minilm(SENTENCES["cat"]).map("self", 2, 7).weights
    bits = entropy_bits(weights)
    apart = np.abs(np.arange(17)[:, None] - np.arange(17))
    assert fact(rail, "This row", "Entropy") == f"{bits[8]:.1f} bits of 4.1"
    assert fact(rail, "This row", "Distance") == f"{(weights * apart).sum(axis=1)[8]:.1f} tokens"
    assert fact(rail, "This head", "Entropy") == f"{bits.mean():.1f} bits of 4.1"
    assert fact(rail, "This head", "Distance") == f"{(weights * apart).sum() / 17:.1f} tokens"


@browser
def test_the_head_s_character_is_said_in_words(rail):
    assert "reads [CLS]" in rail.locator(".character").inner_text()


@browser
def test_nothing_pinned_leaves_a_hint_and_the_head_s_own_facts(cat):
    view = mounted(cat)
    assert "Point at a token" in view.locator(".view").inner_text()
    assert fact(view, "This head", "Entropy").endswith("bits of 4.1")
    assert not view.locator(".budget").is_visible()
    assert not view.get_by_role("list").first.is_visible()


@browser
def test_an_average_says_how_many_heads_it_has(cat, rail):
    cat.choose(average="heads")
    assert rail.locator(".character").inner_text() == "The mean or mix of 12 heads"


@browser
def test_chinese_has_every_phrase(harness):
    harness.settle(choice={"layer": 2, "head": 7, "query": 3}, language="zh")
    harness.shelve("chinese")
    view = mounted(harness, proof=PROOF | {"id": "chinese"})
    text = view.locator(".view").text_content()
    harness.choose(direction="read", query=None)
    assert "rail." not in text + view.locator(".view").text_content()


# The proof


@browser
def test_the_row_sum_has_seven_decimals(cat, rail):
    total = minilm(SENTENCES["cat"]).map("self", 2, 7).weights[8].astype(np.float64).sum()
    assert fact(rail, "Proof", "Row sum") == f"{total:.7f}"
    cat.choose(query=None)
    assert fact(rail, "Proof", "Row sums").startswith("1 ± ")


@browser
def test_the_visitor_asks_and_sees_that_it_is_being_checked(cat):
    cat.shelve("cat-exact")
    cat.page.evaluate(
        """async () => {
          await harness.mount("reading_rail", { data: {} });
          const host = document.querySelector('[data-view="reading_rail"]');
          const { render } = await import("/modules/reading_rail/view.js");
          window.asked = [];
          const setTriggerValue = (name, value) => asked.push([name, value]);
          render({ data: {}, parentElement: host.shadowRoot, setTriggerValue });
        }"""
    )
    view = cat.page.locator('[data-view="reading_rail"]')
    view.get_by_role("button", name="Check against the model").click()
    assert view.get_by_role("button", name="Checking …").is_visible()
    assert cat.page.evaluate("asked") == [["prove", {"shown": "self 2.7", "id": "cat"}]]
    cat.choose(head=3)
    assert view.get_by_role("button", name="Check against the model").is_visible()


@browser
def test_a_proof_says_how_small_the_difference_is(cat):
    cat.shelve("cat-exact")
    view = mounted(cat, proof=PROOF)
    assert fact(view, "Proof", "Against the model") == "3.0 × 10⁻⁷"
    assert "The picture is the model’s own eager attention." in view.locator(".view").inner_text()
    assert view.locator(".right").count() == 1
    assert not view.locator(".prove").is_visible()


@browser
def test_a_difference_that_is_too_large_is_said_in_words(cat):
    view = mounted(cat, proof=PROOF | {"difference": 2e-3})
    assert view.locator(".wrong dd").inner_text() == "2.0 × 10⁻³"
    assert "The picture differs" in view.locator(".view").inner_text()


@browser
@pytest.mark.parametrize("other", [{"id": "another text"}, {"shown": "self 2.8"}])
def test_a_proof_is_shown_with_its_own_map_only(cat, other):
    view = mounted(cat, proof=PROOF | other)
    assert view.get_by_text("Against the model", exact=True).count() == 0
    assert view.get_by_role("button", name="Check against the model").is_visible()


@browser
def test_a_proof_comes_back_with_its_head(cat):
    view = mounted(cat, proof=PROOF)
    cat.choose(head=3)
    assert view.locator(".right").count() == 0
    cat.choose(head=7)
    assert view.locator(".right").count() == 1


@browser
def test_a_refusal_is_said_and_may_be_tried_again(cat):
    view = mounted(cat, refused="Every worker is busy.")
    assert view.get_by_text("Every worker is busy.").is_visible()
    assert view.get_by_role("button", name="Check against the model").is_visible()


def test_the_door_says_whether_the_visitor_has_asked():
    def script():
        import streamlit as st

        from attnviz.components.reading_rail import reading_rail

        asked = reading_rail({"proof": None, "pending": False, "refused": None}, key="rail")
        st.text(f"asked: {asked}")

    app = AppTest.from_function(script).run()
    assert not app.exception
    assert app.text[0].value == "asked: False"
