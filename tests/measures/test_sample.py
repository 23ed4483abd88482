"""A few queries that stand for many."""

import numpy as np
import pytest

from attnviz import measures
from attnviz.axes import Tokens
from attnviz.inputs import Text
from attnviz.measures.sample import sample, sampled
from attnviz.record import AttentionRecord, Layer, ModelFacts, Visibility


def test_up_to_1024_queries_every_one_is_weighed():
    assert sample(1) == ((0, 1),)
    assert sample(1024) == ((0, 1024),)


@pytest.mark.parametrize("queries", [1025, 8192, 131_072])
def test_of_more_four_neighbours_in_the_middle_of_each_of_32_stretches(queries):
    spans = sample(queries)
    assert len(spans) == 32
    assert all(end - start == 4 for start, end in spans)
    assert spans[0][0] > 0
    assert spans[-1][1] < queries
    steps = np.diff([start for start, _ in spans])
    assert steps.min() >= queries // 32
    assert steps.max() <= queries // 32 + 1


def long_layer(length: int, towards: int) -> Layer:
    """One head, each query of which reads the key so many positions on: a turn of a circle tells positions apart."""
    labels = tuple(map(str, range(length)))
    axis = Tokens("", labels, labels, (None,) * length, (False,) * length, (None,) * length)
    angle = 2 * np.pi * np.arange(length) / length
    k = np.stack([np.cos(angle), np.sin(angle)], axis=1)[None].astype(np.float32)
    q = np.roll(k, -towards, axis=1) * np.float32(3e6)
    return Layer(axis, axis, q, k, 1.0, Visibility.full(length, length))


def test_the_sampled_rows_are_the_rows_of_those_queries():
    layer, spans = long_layer(1500, 0), sample(1500)
    rows = np.concatenate([np.arange(*span) for span in spans])
    np.testing.assert_array_equal(sampled(layer, spans), layer.weights()[:, rows])


@pytest.mark.parametrize(("towards", "kind"), [(-1, "previous"), (0, "self"), (1, "next")])
def test_a_head_of_a_long_text_is_known_by_its_sample(towards, kind):
    record = AttentionRecord(ModelFacts("toy"), Text(""), {"self": (long_layer(1500, towards),)})
    head = measures.character(record, "self")[0][0]
    assert head.kind == kind
    assert head.score > 0.9
    assert head.chance == pytest.approx(1 / 1500, rel=0.01)
