"""Rollout against the published recursion, worked by hand and by the reference implementation."""

import numpy as np
import pytest

from attnviz import measures
from attnviz.errors import MeasureError
from attnviz.measures.rollout import discarded, follow


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


@pytest.mark.parametrize(
    ("fuse", "discard", "expected"),
    [
        ("mean", 0, [0.185462, 0.106860, 0.109269, 0.195169]),
        ("mean", 0.5, [0.230456, 0, 0.103075, 0.168669]),
        ("max", 0, [0.225739, 0.129761, 0.132970, 0.184756]),
        ("max", 0.5, [0.285044, 0.081632, 0.041908, 0.164515]),
        ("min", 0, [0.089200, 0.057105, 0.076374, 0.220400]),
        ("min", 0.5, [0.055066, 0.024957, 0.056353, 0.243368]),
    ],
)
def test_heads_are_fused_and_small_entries_discarded_as_published_with_rows_that_sum_to_one(
    published, fuse, discard, expected
):
    flow = measures.rollout(published.record, "self", fuse=fuse, discard=discard).weights
    np.testing.assert_allclose(flow[0, 1:], expected, atol=2e-6)
    np.testing.assert_allclose(flow.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    ("fuse", "discard", "expected"),
    [
        ("max", 0, [0.229199, 0.139542, 0.134826, 0.185559]),
        ("min", 0.5, [0.055595, 0.022088, 0.058390, 0.256474]),
        ("mean", 0, [0.185462, 0.106860, 0.109269, 0.195169]),
    ],
)
def test_the_numbers_of_vit_explain_are_offered_beside_ours(published, fuse, discard, expected):
    flow = measures.rollout_as_published(published.record, "self", fuse=fuse, discard=discard)
    np.testing.assert_allclose(flow.scores[0, 1:], expected, atol=2e-6)
    assert "columns" in flow.unit


def test_what_vit_explain_divides_are_columns_so_its_rows_miss_one(published):
    sums = measures.rollout_as_published(published.record, "self", fuse="max").scores.sum(axis=1)
    assert abs(sums - 1).max() > 0.03


def test_of_equal_entries_the_first_are_discarded_and_spared_ones_stay():
    even, spared = np.full((2, 4), 0.25, np.float32), np.array([[True, False, False, False]])
    np.testing.assert_array_equal(discarded(even, 0.5, spared), [[0.25, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]])


def test_a_text_without_special_tokens_spares_no_column(record_of, toy):
    given = measures.rollout(record_of(*toy), "self", discard=0.4).weights
    spared = measures.rollout(record_of(*toy, special=(0,)), "self", discard=0.4).weights
    assert not np.allclose(given, spared, atol=0.01)


@pytest.mark.parametrize("discard", [-0.1, 1, float("nan")])
def test_no_more_than_all_can_be_discarded(published, discard):
    with pytest.raises(MeasureError, match="from 0 up to less than 1"):
        measures.rollout(published.record, "self", discard=discard)


def test_a_row_of_which_nothing_is_left_is_refused():
    with pytest.raises(MeasureError, match="Row 1 gives nothing"):
        follow([np.array([[0.5, 0.5], [0, 0]], np.float32)], residual=0)


def test_heads_are_fused_in_three_ways_and_no_other(published):
    with pytest.raises(MeasureError, match="mean, max, min; 'sum'"):
        measures.rollout(published.record, "self", fuse="sum")
