"""Attention distance, against closed forms."""

import numpy as np
import pytest

from attnviz import measures
from attnviz.errors import MeasureError


@pytest.mark.parametrize("count", [4, 16, 128])
def test_even_attention_lies_at_the_known_distance(record_of, count):
    scores = measures.distance(record_of(np.full((1, count, count), 1 / count)), "self")
    np.testing.assert_allclose(scores.values[0], (count**2 - 1) / (3 * count), rtol=1e-4)
    np.testing.assert_allclose(scores.chance[0], (count**2 - 1) / (3 * count), rtol=1e-4)


@pytest.mark.parametrize("count", [4, 16, 128])
def test_even_causal_attention_lies_at_the_known_distance(record_of, count):
    even = np.tril(np.ones((1, count, count))) / np.arange(1, count + 1)[None, :, None]
    scores = measures.distance(record_of(even, causal=True), "self")
    np.testing.assert_allclose(scores.values[0], (count - 1) / 4, rtol=1e-4)
    np.testing.assert_allclose(scores.chance[0], (count - 1) / 4, rtol=1e-4)


def test_a_worked_head_reads_less_than_half_a_token_away(record_of, toy):
    np.testing.assert_allclose(measures.distance(record_of(toy[0]), "self").values[0], [0.4333333], atol=1e-5)


def test_a_sink_is_no_position_and_changes_no_distance(record_of):
    without = measures.distance(record_of(np.full((1, 3, 3), 1 / 3)), "self")
    given = measures.distance(record_of(np.full((1, 3, 3), 0.2), sink=True), "self")
    np.testing.assert_allclose(given.values[0], without.values[0], rtol=1e-5)
    np.testing.assert_allclose(given.chance[0], without.chance[0], rtol=1e-5)


def test_cross_attention_has_no_distance(record_of):
    with pytest.raises(MeasureError, match="2 queries of one and 3 keys of another"):
        measures.distance(record_of(np.full((1, 2, 3), 1 / 3)), "self")
