"""A model whose record is not what its own eager code computes does not get past the door."""

import pytest
import torch
from torch import nn

from attnviz.errors import WeightsUnavailable
from attnviz.families import DECODER, TEXT_ENCODER
from attnviz.inputs import Text
from attnviz.models import attention
from attnviz.models.attention import IMPLEMENTATION
from attnviz.models.calls import Call
from attnviz.models.places import name_places
from attnviz.models.probe import PROBE_TOKENS, probe
from attnviz.models.twin import twin
from attnviz.models.verify import verify
from tests import tiny

LAYERS = {"self": tiny.LAYERS}


def ours(kind: str):
    own = twin(tiny.model(kind), IMPLEMENTATION)
    name_places(own.base_model)
    return own


def test_the_probe_is_spread_over_the_vocabulary():
    ids = probe(tiny.model("gpt2"), [Text], causal=True)["input_ids"][0]
    words = tiny.model("gpt2").config.vocab_size
    assert len(set(ids.tolist())) == PROBE_TOKENS
    assert 0 < int(ids.min()) < int(ids.max()) < words


def test_a_model_that_is_recorded_as_it_computes_passes():
    verify(ours("bert"), TEXT_ENCODER, LAYERS)
    verify(ours("llama"), DECODER, LAYERS)
    verify(tiny.loaded("xlnet").model, tiny.loaded("xlnet").family, LAYERS)


def test_a_layer_too_few_is_refused():
    with pytest.raises(WeightsUnavailable, match="has 3 layers and 2 showed"):
        verify(ours("bert"), TEXT_ENCODER, {"self": 3})


def test_a_wrong_scaling_is_refused_with_its_distance(monkeypatch: pytest.MonkeyPatch):
    made = attention._call

    def wrong(*given) -> Call:
        call = made(*given)
        return Call(call.module, call.place, call.q, call.k, call.scaling * 1.5, call.visible)

    monkeypatch.setattr(attention, "_call", wrong)
    with pytest.raises(WeightsUnavailable, match=r"L0 of BertModel is 0\.\d+ away .* up to 0\.001"):
        verify(ours("bert"), TEXT_ENCODER, LAYERS)


def test_numbers_that_are_none_are_refused():
    broken = ours("bert")
    query = broken.encoder.layer[1].attention.self.query
    broken.encoder.layer[1].attention.self.query = nn.Linear(query.in_features, query.out_features)
    with torch.no_grad():
        broken.encoder.layer[1].attention.self.query.weight.fill_(float("nan"))
    with pytest.raises(WeightsUnavailable, match="no attention that can be shown"):
        verify(broken, TEXT_ENCODER, LAYERS)
