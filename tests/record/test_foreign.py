from typing import Any

import numpy as np
import pytest
import torch

from attnviz.errors import RecordError
from attnviz.record import SINK, AttentionRecord, ModelFacts
from tests import tiny
from tests.record.conftest import tokens

THIRDS = np.array([[[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]] * 2, np.float32)  # (head, query, key)
READ = ["it", "reads"], ["the", "red", "cat"]


def test_an_array_becomes_a_layer_with_the_labels_given():
    record = AttentionRecord.from_attentions([THIRDS, THIRDS[None]], *READ, stack="cross", text="the red cat")
    assert (record.stacks, record.heads("cross"), record.given.text) == ({"cross": 2}, 2, "the red cat")
    drawn = record.map("cross", 1, 0)
    assert (list(drawn.queries), list(drawn.keys)) == READ
    np.testing.assert_array_equal(drawn.weights, THIRDS[0])


def test_transformers_own_tuple_is_taken_as_it_comes():
    model = tiny.model("bert")
    with torch.inference_mode():
        attentions = model(torch.tensor([[2, 7, 8, 9, 3]]), output_attentions=True).attentions
    record = AttentionRecord.from_attentions(attentions, list("abcde"))
    assert record.stacks == {"self": tiny.LAYERS}
    np.testing.assert_array_equal(record.layer("self", 1).weights(), attentions[1][0].numpy())


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16, torch.float64])
def test_tensors_of_any_float_are_read(kind: torch.dtype):
    record = AttentionRecord.from_attentions([torch.tensor(THIRDS, dtype=kind, requires_grad=True)], *READ)
    np.testing.assert_allclose(record.layer("self", 0).weights(), THIRDS, rtol=0, atol=2e-3)


def test_what_is_taken_does_not_follow_its_source():
    source = torch.tensor(THIRDS)
    record = AttentionRecord.from_attentions([source], *READ)
    source[:] = 0
    assert record.map("self", 0, 0).weights.sum() == pytest.approx(2)


def test_what_a_row_lacks_goes_to_the_sink_only_where_it_is_asked_for():
    record = AttentionRecord.from_attentions([THIRDS / 2], *READ, sink=True)
    assert list(record.layer("self", 0).keys) == ["the", "red", "cat", SINK]
    np.testing.assert_allclose(record.row("self", 0, 0, 1), [0.05, 0.1, 0.35, 0.5], rtol=0, atol=1e-6)
    with pytest.raises(RecordError, match=r"sums to 0\.500"):
        AttentionRecord.from_attentions([THIRDS / 2], *READ)


def test_an_axis_and_the_facts_of_a_model_are_kept_as_they_are():
    axis, facts = tokens(3), ModelFacts("theirs", "1")
    record = AttentionRecord.from_attentions([np.eye(3)[None]], axis, model=facts)
    assert record.layer("self", 0).keys is record.layer("self", 0).queries is axis
    assert record.model is facts


@pytest.mark.parametrize(
    ("tensors", "axes", "says"),
    [
        ([], READ, "No layer was given"),
        ([THIRDS, None], READ, "Layer 1 is None"),
        ([np.stack([THIRDS, THIRDS])], READ, "batch of 2"),
        ([THIRDS[0]], READ, r"Layer 0 is \(2, 3\)"),
        ([THIRDS.transpose(0, 2, 1)], READ, r"Layer 0 is \(2, 3, 2\).*2 labels are given for its query axis"),
        ([THIRDS], (["it", "reads"], ["the"]), r"1 labels are given for its key axis"),
        ([THIRDS], (["it", "reads"],), r"2 labels are given for its key axis"),
        ([THIRDS, THIRDS[:, :, :2]], READ, "Layer 1 is"),
        ([THIRDS], (["it", "\ud83d"], READ[1]), "Label 1 holds half"),
        ([THIRDS * 1.2], READ, "sums to 1.2"),
        ([THIRDS * np.nan], READ, "sums to nan"),
    ],
)
def test_what_cannot_be_attention_is_refused_by_name(tensors: list[Any], axes: tuple[list[str], ...], says: str):
    with pytest.raises(RecordError, match=says):
        AttentionRecord.from_attentions(tensors, *axes)


def test_a_record_of_another_tool_saves_and_opens(tmp_path):
    record = AttentionRecord.from_attentions([THIRDS.astype(np.float16)], *READ)
    record.save(tmp_path / "theirs")
    opened = AttentionRecord.open(tmp_path / "theirs")
    np.testing.assert_array_equal(opened.row("self", 0, 1, 1), record.row("self", 0, 1, 1))
    assert opened.layer("self", 0).arrays["kept"].dtype == np.float16
