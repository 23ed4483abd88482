"""The budget of one query: every key counted once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz import measures
from attnviz.axes import Tokens
from attnviz.errors import MeasureError
from attnviz.record import AttentionMap

ROW = [0.4, 0.1, 0.2, 0.05, 0.25]


def budget(attention, query):
    return {part.kind: pytest.approx(part.share) for part in measures.reading(attention, query).budget}


@pytest.fixture
def attention(record_of):
    return record_of(np.tile(ROW, (1, 5, 1)), special=[0, 4]).map("self", 0, 0)


def test_a_query_in_the_middle_has_four_parts(attention):
    assert budget(attention, 2) == {"special": 0.65, "itself": 0.2, "previous": 0.1, "rest": 0.05}


def test_a_special_token_before_the_query_counts_as_special(attention):
    assert budget(attention, 1) == {"special": 0.65, "itself": 0.1, "previous": 0, "rest": 0.25}


def test_a_special_query_counts_itself_as_special(attention):
    assert budget(attention, 4) == {"special": 0.65, "itself": 0, "previous": 0.05, "rest": 0.3}


def test_the_first_query_has_no_token_before_it(record_of):
    attention = record_of(np.tile(ROW, (1, 5, 1))).map("self", 0, 0)
    assert budget(attention, 0) == {"special": 0, "itself": 0.4, "previous": 0, "rest": 0.6}


def test_between_two_sentences_no_key_is_the_query(record_of):
    attention = record_of(np.tile(ROW, (1, 4, 1))).map("self", 0, 0)
    assert budget(attention, 2) == {"special": 0, "itself": 0, "previous": 0, "rest": 1}


def test_a_sink_counts_as_special(record_of):
    attention = record_of(np.full((1, 3, 3), 0.2), sink=True).map("self", 0, 0)
    assert budget(attention, 1) == {"special": 0.4, "itself": 0.2, "previous": 0.2, "rest": 0.2}


def test_top_keys_are_named_with_their_position_and_weight(attention):
    first, second = measures.reading(attention, 2, top=2).top
    assert (first.position, first.label, first.weight) == (0, "a", pytest.approx(0.4))
    assert (second.position, second.label, second.weight) == (4, "e", pytest.approx(0.25))


def test_equal_weights_stay_in_the_order_of_the_text(record_of):
    even = record_of(np.full((1, 4, 4), 0.25)).map("self", 0, 0)
    assert [key.position for key in measures.reading(even, 3, top=9).top] == [0, 1, 2, 3]


def test_entropy_stands_beside_the_most_there_could_be(record_of):
    causal = np.tril(np.ones((1, 4, 4))) / np.arange(1, 5)[None, :, None]
    read = measures.reading(record_of(causal, causal=True).map("self", 0, 0), 1)
    assert (read.entropy_bits, read.most_bits) == (pytest.approx(1), pytest.approx(1))


def test_the_mask_can_say_how_many_keys_could_be_read(attention):
    assert measures.reading(attention, 2, reachable=8).most_bits == 3


@pytest.mark.parametrize("query", [-1, 5])
def test_a_query_outside_the_text_is_refused_with_its_bounds(attention, query):
    with pytest.raises(MeasureError, match="outside 0 to 4"):
        measures.reading(attention, query)


@given(st.data())
def test_the_budget_of_any_query_sums_to_one(data):
    count = data.draw(st.integers(1, 12))
    special = tuple(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    row = data.draw(st.lists(st.floats(0.01, 1), min_size=count, max_size=count))
    labels = tuple("x" * count)
    axis = Tokens("", labels, labels, (None,) * count, special, (None,) * count)
    weights = np.tile(np.array(row) / sum(row), (count, 1))
    read = measures.reading(AttentionMap(weights, axis, axis), data.draw(st.integers(0, count - 1)))
    assert sum(part.share for part in read.budget) == pytest.approx(1, abs=1e-5)
    assert read.entropy_bits <= read.most_bits + 1e-4
