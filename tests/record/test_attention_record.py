import numpy as np
import pytest

from attnviz.errors import RecordError
from attnviz.inputs import Text
from attnviz.record import AttentionRecord, ModelFacts
from tests.record.conftest import random_layer


def test_a_record_tells_its_stacks_and_heads(record: AttentionRecord):
    assert record.stacks == {"self": 2}
    assert record.heads("self") == 4
    assert record.layer("self", 1).scaling == 0.7


def test_map_row_and_tile_speak_of_the_same_head(record: AttentionRecord):
    drawn = record.map("self", 1, 3)
    assert drawn.weights.shape == (5, 8)
    assert (len(drawn.queries), len(drawn.keys)) == (5, 8)
    np.testing.assert_allclose(record.row("self", 1, 3, query=2), drawn.weights[2], rtol=0, atol=1e-6)
    np.testing.assert_allclose(record.tile("self", 1, 3), drawn.weights, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda record: record.layer("cross", 0), "no stack 'cross'; it has self"),
        (lambda record: record.layer("self", 2), "layers 0 to 1; 2 was"),
        (lambda record: record.layer("self", -1), "layers 0 to 1; -1 was"),
        (lambda record: record.map("self", 0, 4), "heads 0 to 3; 4 was"),
        (lambda record: record.tile("self", 0, -1), "heads 0 to 3; -1 was"),
        (lambda record: record.row("self", 0, 0, query=5), "0 to 4; 5 was"),
        (lambda record: record.tile("self", 0, 0, shape=(0, 4)), "at least one row"),
        (lambda record: record.tile("self", 0, 0, pool="sum"), "'max' or 'mean'"),
        (lambda record: record.tile("self", 0, 0, keys=slice(0, 9)), "outside 0 to 8"),
    ],
)
def test_what_a_record_does_not_hold_is_refused_with_what_it_does(record: AttentionRecord, ask, says: str):
    with pytest.raises(RecordError, match=says):
        ask(record)


def test_a_record_without_a_layer_is_none():
    with pytest.raises(RecordError, match="at least one"):
        AttentionRecord(ModelFacts("toy"), Text(""), {})
    with pytest.raises(RecordError, match="at least one"):
        AttentionRecord(ModelFacts("toy"), Text(""), {"self": ()})


def test_what_layers_share_is_counted_once():
    layer = random_layer()
    one = AttentionRecord(ModelFacts("toy"), Text(""), {"self": (layer,)})
    two = AttentionRecord(ModelFacts("toy"), Text(""), {"self": (layer, layer)})
    assert one.nbytes == two.nbytes == (4 * 5 * 3 + 2 * 8 * 3) * 4 + 2 * 5 * 4


def test_its_stacks_cannot_be_changed(record: AttentionRecord):
    with pytest.raises(TypeError):
        record.layers["cross"] = ()  # type: ignore[index]
