"""Chefer's rules, against their fixtures and by hand."""

import dataclasses

import numpy as np
import pytest

from attnviz import measures
from attnviz.axes import Named
from attnviz.errors import MeasureError
from attnviz.measures.relevance import across, normalised, spread, step_of
from attnviz.record import GradientLayer, Gradients, ModelFacts


def test_two_layers_equal_the_fixture(published):
    scores = measures.relevance(published.gradients).scores
    np.testing.assert_allclose(scores[0, 1:], [0.447462, 0.099499, 0.098883, 0.234173], atol=2e-6)


def test_later_starts_leave_out_earlier_layers(published):
    late = measures.relevance(published.gradients, start=1).scores
    np.testing.assert_allclose(late, np.eye(5) + step_of(published.gradients.stack("self")[1]), atol=1e-6)
    with pytest.raises(MeasureError, match="layers 0 to 1; relevance was to start at 2"):
        measures.relevance(published.gradients, start=2)


def test_what_takes_from_the_target_is_left_out_head_by_head(published):
    weights, slopes = np.full((2, 5, 5), 0.2, np.float32), np.ones((2, 5, 5), np.float32)
    slopes[1] = -3
    layer = GradientLayer(published.axis, published.axis, weights, slopes)
    np.testing.assert_allclose(step_of(layer), 0.1)


def test_relevance_passes_from_what_is_read_to_what_reads_it():
    rss, rqq = np.eye(3) + 0.1, np.eye(4) + 0.2 * np.arange(16).reshape(4, 4) / 16
    found = across(rss, np.arange(12).reshape(3, 4) / 12, rqq)
    np.testing.assert_allclose(found[0], [0.749780, 1.027700, 1.305630, 1.583550], atol=1e-5)


def test_rows_without_relevance_stay_themselves_and_are_numbers():
    np.testing.assert_array_equal(normalised(np.eye(3)), np.eye(3))
    mixed = np.eye(2) + np.array([[0, 0], [1, 3]])
    np.testing.assert_allclose(normalised(mixed), [[1, 0], [0.25, 1.75]])


def test_a_decoder_carries_relevance_to_what_its_encoder_read():
    rng = np.random.default_rng(0)

    def layer(queries: int, keys: int) -> GradientLayer:
        names = [Named(tuple(f"{side}{at}" for at in range(count))) for side, count in (("q", queries), ("k", keys))]
        axes = (names[0], names[0] if queries == keys else names[1])
        return GradientLayer(*axes, rng.dirichlet(np.ones(keys), (2, queries)), rng.normal(size=(2, queries, keys)))

    encoder, decoder, cross = [layer(4, 4), layer(4, 4)], [layer(3, 3), layer(3, 3)], [layer(3, 4), layer(3, 4)]
    stacks = {"encoder": tuple(encoder), "decoder": tuple(decoder), "cross": tuple(cross)}
    found = measures.cross_relevance(Gradients(ModelFacts("toy"), "cat", 1.0, stacks)).scores

    rqq, rss, rsq = spread([step_of(each) for each in encoder]), np.eye(3), np.zeros((3, 4))
    for own, other in zip(decoder, cross, strict=True):
        rsq = rsq + step_of(own) @ rsq
        rss = rss + step_of(own) @ rss
        rsq = rsq + normalised(rss).T @ step_of(other) @ normalised(rqq)
    np.testing.assert_allclose(found, rsq, rtol=1e-5)

    with pytest.raises(MeasureError, match="reads itself in 2 layers and its encoder in 1"):
        measures.cross_relevance(Gradients(ModelFacts("toy"), "cat", 1.0, {**stacks, "cross": tuple(cross[:1])}))


def test_cross_attention_alone_has_no_rule_six(published):
    keys = Named(("a", "b", "c"))
    wide = GradientLayer(published.axis, keys, np.zeros((1, 5, 3)), np.zeros((1, 5, 3)))
    with pytest.raises(MeasureError, match="5 queries and 3 keys"):
        measures.relevance(dataclasses.replace(published.gradients, layers={"self": (wide,)}))
