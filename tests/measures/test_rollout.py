"""Rollout against the published recursion, worked by hand and by the reference implementation."""

import numpy as np
import pytest

from attnviz import measures
from attnviz.errors import MeasureError
from attnviz.measures.rollout import follow


def test_one_uniform_layer_keeps_half_and_shares_half():
    np.testing.assert_allclose(follow([np.full((2, 2), 0.5, np.float32)]), [[0.75, 0.25], [0.25, 0.75]])


def test_three_layers_equal_the_reference_implementation(record_of, toy):
    flow = measures.rollout(record_of(*toy), "self").weights
    expected = [[0.389375, 0.27725, 0.333375], [0.339875, 0.39025, 0.269875], [0.2803125, 0.284375, 0.4353125]]
    np.testing.assert_allclose(flow, expected, atol=1e-6)


def test_later_layers_read_the_result_of_earlier_ones(toy):
    first, second = toy[0][0], toy[1][0]
    np.testing.assert_allclose(follow([first, second]), follow([second]) @ follow([first]), rtol=1e-5)
    assert not np.allclose(follow([first, second]), follow([second, first]), atol=0.01)


def test_without_the_residual_path_layers_are_multiplied_as_they_are(record_of, toy):
    flow = measures.rollout(record_of(*toy), "self", residual=0).weights
    np.testing.assert_allclose(flow[0], [0.355, 0.328, 0.317], atol=1e-6)


def test_heads_are_averaged_before_layers_are_multiplied(record_of, toy):
    both = np.concatenate([toy[0], toy[1]])
    mean = both.mean(axis=0, keepdims=True)
    np.testing.assert_allclose(
        measures.rollout(record_of(both, toy[2]), "self").weights,
        measures.rollout(record_of(mean, toy[2]), "self").weights,
        atol=1e-6,
    )


def test_rows_still_sum_to_one_after_many_layers(record_of):
    layers = np.random.default_rng(0).dirichlet(np.ones(7), size=(24, 2, 7))
    np.testing.assert_allclose(measures.rollout(record_of(*layers), "self").weights.sum(axis=1), 1, atol=1e-5)


def test_the_result_is_named_by_the_axes_of_the_text(record_of, toy):
    flow = measures.rollout(record_of(*toy), "self")
    assert list(flow.queries) == list(flow.keys) == ["a", "b", "c"]


def test_cross_attention_is_refused_with_both_lengths(record_of):
    with pytest.raises(MeasureError, match="2 queries and 3 other keys"):
        measures.rollout(record_of(np.full((1, 2, 3), 1 / 3)), "self")


def test_a_learned_sink_is_refused_as_it_is_no_position(record_of):
    with pytest.raises(MeasureError, match="3 queries and 4 other keys"):
        measures.rollout(record_of(np.full((1, 3, 3), 0.3), sink=True), "self")


def test_layers_of_two_lengths_are_refused():
    with pytest.raises(MeasureError, match="one length"):
        follow([np.eye(2, dtype=np.float32), np.eye(3, dtype=np.float32)])


def test_no_layer_is_refused():
    with pytest.raises(MeasureError, match="at least one layer"):
        follow([])
