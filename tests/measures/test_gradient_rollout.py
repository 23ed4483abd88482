"""Gradient rollout in the right order, and in the one that was published."""

import dataclasses

import numpy as np
import pytest

from attnviz import measures
from attnviz.errors import MeasureError, RecordError
from attnviz.measures.gradient_rollout import guided
from attnviz.measures.rollout import follow


def test_each_layer_goes_with_its_own_gradient(published):
    flow = measures.gradient_rollout(published.gradients).weights
    np.testing.assert_allclose(flow[0, 1:], [0.226592, 0.051401, 0.049581, 0.122860], atol=2e-6)
    np.testing.assert_allclose(flow.sum(axis=1), 1, atol=1e-6)


def test_with_gradients_in_the_published_order_the_published_numbers_come_out(published):
    pairs = zip(published.weights, reversed(published.slopes), strict=True)
    flow = follow(guided(weights, slopes) for weights, slopes in pairs)
    np.testing.assert_allclose(flow[0, 1:], [0.266509, 0.080662, 0.010343, 0.159666], atol=2e-6)


def test_vit_explain_also_divides_columns(published):
    flow = measures.gradient_rollout_as_published(published.gradients)
    np.testing.assert_allclose(flow.scores[0, 1:], [0.328602, 0.089394, 0.013443, 0.188502], atol=2e-6)
    assert "columns" in flow.unit


def test_what_takes_from_the_target_counts_as_nothing():
    weights, slopes = np.full((2, 1, 2), 0.5, np.float32), np.array([[[1, 1]], [[1, -3]]], np.float32)
    np.testing.assert_array_equal(guided(weights, slopes), [[0.5, 0]])


def test_without_any_slope_every_position_stays_itself(published):
    still = [np.zeros_like(each) for each in published.slopes]
    flow = measures.gradient_rollout(dataclasses.replace(published, slopes=still).gradients).weights
    np.testing.assert_array_equal(flow, np.eye(5))


def test_discarding_spares_the_class_token_in_ours_alone(published):
    own = measures.gradient_rollout(published.gradients, discard=0.9).weights
    theirs = measures.gradient_rollout_as_published(published.gradients, discard=0.9).scores
    assert (own[1:, 0] > 0).sum() > (theirs[1:, 0] > 0).sum()


def test_a_stack_that_is_not_there_is_refused(published):
    with pytest.raises(RecordError, match="no stack 'cross'"):
        measures.gradient_rollout(published.gradients, "cross")


def test_layers_of_another_length_are_refused(published):
    shorter = dataclasses.replace(published.axis, labels=published.axis.labels[:4], cells=published.axis.cells[:4])
    layer = published.gradients.stack("self")[0]
    wrong = dataclasses.replace(layer, keys=shorter, weights=layer.weights[..., :4], gradients=layer.gradients[..., :4])
    broken = dataclasses.replace(published.gradients, layers={"self": (layer, wrong)})
    with pytest.raises(MeasureError, match="layer 1 of 'self' has 5 queries and 4 keys"):
        measures.gradient_rollout(broken)
