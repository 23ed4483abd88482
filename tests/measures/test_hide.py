"""Maps without their special tokens."""

import numpy as np
import pytest

from attnviz import measures
from attnviz.errors import MeasureError
from attnviz.record import AttentionMap, ScoreMap

ROWS = [[0.7, 0.1, 0.2], [0.5, 0.3, 0.2], [0.6, 0.2, 0.2]]


@pytest.fixture
def attention(record_of):
    return record_of(np.array([ROWS]), special=[0]).map("self", 0, 0)


def test_what_remains_keeps_its_numbers_and_says_that_they_are_scores(attention):
    hidden = measures.hide(attention, renormalise=False)
    assert isinstance(hidden.map, ScoreMap)
    assert hidden.map.unit == "fraction of a row, specials left out"
    np.testing.assert_allclose(hidden.map.scores, [[0.3, 0.2], [0.2, 0.2]], atol=1e-6)


def test_what_remains_shares_one_when_renormalised(attention):
    hidden = measures.hide(attention, renormalise=True)
    assert isinstance(hidden.map, AttentionMap)
    np.testing.assert_allclose(hidden.map.weights, [[0.6, 0.4], [0.5, 0.5]], atol=1e-6)


@pytest.mark.parametrize("renormalise", [True, False])
def test_the_share_left_out_is_that_of_each_remaining_row(attention, renormalise):
    np.testing.assert_allclose(measures.hide(attention, renormalise=renormalise).share, [0.5, 0.6], atol=1e-6)


def test_the_axes_name_what_remains_and_where_it_lies(attention):
    keys = measures.hide(attention, renormalise=True).map.keys
    assert list(keys) == ["b", "c"]
    assert keys.spans == ((2, 3), (4, 5))
    assert keys.special == (False, False)


def test_a_text_of_special_tokens_alone_cannot_be_hidden(record_of):
    attention = record_of(np.array([ROWS]), special=[0, 1, 2]).map("self", 0, 0)
    with pytest.raises(MeasureError, match="nothing remains"):
        measures.hide(attention, renormalise=False)


def test_a_row_that_reads_special_tokens_alone_cannot_be_scaled(record_of):
    attention = record_of(np.array([[[1, 0, 0], [1, 0, 0], [0, 0, 1]]]), special=[0]).map("self", 0, 0)
    with pytest.raises(MeasureError, match="'b' gives all of its attention to special tokens"):
        measures.hide(attention, renormalise=True)
    np.testing.assert_allclose(measures.hide(attention, renormalise=False).share, [1, 0], atol=1e-6)
