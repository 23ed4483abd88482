import dataclasses

import numpy as np
import pytest

from attnviz.capture import capture, proof
from attnviz.errors import RecordError
from attnviz.inputs import Text
from attnviz.record import AttentionRecord
from tests import tiny

GIVEN = Text(tiny.TEXT)


@pytest.fixture
def record() -> AttentionRecord:
    return capture(tiny.loaded("llama"), GIVEN)


def test_a_true_map_differs_by_rounding_alone(record: AttentionRecord):
    shown = proof(tiny.loaded("llama"), record, "self", 1, 3)
    assert 0 <= shown.difference <= 1e-6
    assert shown.row_sum_error <= 1e-6


def test_a_false_map_is_found_out_with_its_place(record: AttentionRecord):
    layer = record.layer("self", 1)
    q = layer.q.copy()
    q[2, 5] *= -3
    broken = dataclasses.replace(record, layers={"self": (record.layer("self", 0), dataclasses.replace(layer, q=q))})
    shown = proof(tiny.loaded("llama"), broken, "self", 1, 2)
    apart = np.abs(broken.map("self", 1, 2).weights - record.map("self", 1, 2).weights)
    assert shown.query == 5
    assert shown.key == apart[5].argmax()
    assert shown.difference == pytest.approx(apart.max(), abs=1e-5)
    assert proof(tiny.loaded("llama"), broken, "self", 1, 1).difference <= 1e-6


def test_the_proof_stops_after_the_layer_it_is_asked_for(record: AttentionRecord, monkeypatch: pytest.MonkeyPatch):
    ran: list[str] = []
    block = type(tiny.model("llama").model.layers[0])
    forward = block.forward

    def watched(self, *given, **named):
        result = forward(self, *given, **named)
        ran.append("finished")
        return result

    monkeypatch.setattr(block, "forward", watched)
    proof(tiny.loaded("llama"), record, "self", 1, 0)
    assert ran == ["finished"]


def test_the_model_is_as_before(record: AttentionRecord):
    model = tiny.loaded("llama")
    proof(model, record, "self", 0, 0)
    assert model.model.config._attn_implementation == "attnviz"
    assert not any(module._forward_hooks for module in model.model.modules())
    np.testing.assert_array_equal(capture(model, GIVEN).map("self", 1, 1).weights, record.map("self", 1, 1).weights)


def test_another_models_record_is_refused(record: AttentionRecord):
    with pytest.raises(RecordError, match=r"made with LlamaForCausalLM .* this is BertModel"):
        proof(tiny.loaded("bert"), record, "self", 0, 0)


def test_a_head_that_is_not_there_is_refused(record: AttentionRecord):
    with pytest.raises(RecordError, match="heads 0 to 3"):
        proof(tiny.loaded("llama"), record, "self", 0, 4)
