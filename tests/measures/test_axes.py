"""Which measures count positions along one input: those whose queries and keys are the same positions."""

from dataclasses import replace

import numpy as np
import pytest

from attnviz import measures
from attnviz.errors import MeasureError
from attnviz.inputs import TextPair
from attnviz.measures.axes import reads_itself
from attnviz.record import AttentionRecord, ModelFacts, with_sink
from tests.measures.conftest import layer_of, tokens
from tests.record.test_sink import behind

PREVIOUS = np.array([[[1, 0, 0], [0.98, 0.02, 0], [0, 0.98, 0.02]]], np.float32)  # row i reads place i - 1


@pytest.fixture
def decoder() -> AttentionRecord:
    """Two layers of a decoder: rows are named by what they write, keys by what was read."""
    layer = replace(layer_of(PREVIOUS, causal=True), keys=behind(tokens(3)))
    return AttentionRecord(ModelFacts("toy"), TextPair("x", "a b c"), {"decoder": (layer, layer)})


def test_a_decoder_that_names_its_rows_by_what_they_write_reads_itself(decoder: AttentionRecord):
    layer = decoder.layer("decoder", 0)
    assert (list(layer.queries), list(layer.keys)) == (["a", "b", "c"], ["<s>", "a", "b"])
    assert reads_itself(layer.queries, layer.keys)
    assert reads_itself(tokens(3), with_sink(tokens(3)))
    assert not reads_itself(tokens(3), tokens(4))


def test_rollout_of_a_decoder_names_what_was_written_and_what_was_read(decoder: AttentionRecord):
    flow = measures.rollout(decoder, "decoder")
    step = 0.5 * np.eye(3) + 0.5 * PREVIOUS[0]
    np.testing.assert_allclose(flow.weights, step @ step, rtol=0, atol=1e-6)
    assert (list(flow.queries), list(flow.keys)) == (["a", "b", "c"], ["<s>", "a", "b"])


def test_distance_of_a_decoder_is_counted_in_places_and_not_in_names(decoder: AttentionRecord):
    """Row 0 reads its own place; rows 1 and 2 the place before, for 0.98 of what they give: 1.96 / 3."""
    np.testing.assert_allclose(measures.distance(decoder, "decoder").values[0], [1.96 / 3], rtol=1e-5)


def test_the_character_of_a_decoders_head_is_told(decoder: AttentionRecord):
    assert measures.character(decoder, "decoder")[1][0].kind == "previous"


def test_a_decoder_with_a_learned_sink_is_no_rollout(decoder: AttentionRecord):
    layer = decoder.layer("decoder", 0)
    sunk = replace(layer, keys=with_sink(layer.queries), sinks=np.zeros(1, np.float32))
    with pytest.raises(MeasureError, match="3 queries and 4 other keys"):
        measures.rollout(AttentionRecord(ModelFacts("toy"), TextPair("x", "a"), {"decoder": (sunk,)}), "decoder")
