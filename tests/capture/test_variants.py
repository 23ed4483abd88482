"""Settings under which a type of model attends otherwise: the maps stay its own."""

from typing import Any

import numpy as np
import pytest
import torch
from transformers import CONFIG_MAPPING, AutoModel, AutoModelForCausalLM

from attnviz.capture import capture
from attnviz.encode import encode
from attnviz.families import family_for
from attnviz.inputs import Text
from attnviz.models.loading import wrap
from tests import tiny

GIVEN = Text(tiny.TEXT)
WINDOW = {"sliding_window": tiny.WINDOW}
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("albert", {"inner_group_num": 2}),
    ("bert", {"is_decoder": True}),
    ("convbert", {"head_ratio": 2}),
    ("deberta", {"relative_attention": False, "position_biased_input": True}),
    ("deberta-v2", {"pos_att_type": ["c2p"]}),
    ("esm", {"position_embedding_type": "rotary"}),
    ("falcon", {"alibi": True}),
    ("falcon", {"new_decoder_architecture": True, "num_kv_heads": 2}),
    ("gemma3_text", {"use_bidirectional_attention": True}),
    ("gpt2", {"reorder_and_upcast_attn": True, "scale_attn_by_inverse_layer_idx": True}),
    ("gpt_bigcode", {"multi_query": False}),
    ("gpt_neox", {"use_parallel_residual": False, "rotary_pct": 1.0}),
    ("llama4_text", {"attn_temperature_tuning": True, "floor_scale": 2}),
    ("ministral3", WINDOW),
    ("mixtral", WINDOW),
    ("modernbert", {"layer_types": ["full_attention", "sliding_attention"]}),
    ("mpt", {"attn_config": {"alibi": False}}),
    ("phi3", WINDOW),
    ("qwen2", {"use_sliding_window": True, "max_window_layers": 1} | WINDOW),
    ("smollm3", {"no_rope_layers": [1, 0]}),
    ("stablelm", {"qk_layernorm": True, "use_parallel_residual": True}),
    ("xlm", {"causal": True}),
    ("xlnet", {"attn_type": "uni"}),
]


@pytest.mark.parametrize(("kind", "settings"), VARIANTS, ids=[f"{kind} {next(iter(told))}" for kind, told in VARIANTS])
def test_a_setting_changes_the_maps_as_it_changes_the_model(kind: str, settings: dict[str, Any]):
    tokenizer, sizes = tiny.MODELS[kind]
    config = CONFIG_MAPPING[kind](**{"vocab_size": len(tiny.tokenizer(tokenizer))} | sizes | settings)
    torch.manual_seed(0)
    door = AutoModelForCausalLM if family_for(kind).causal else AutoModel
    own = door.from_config(config, attn_implementation="eager").eval()
    model = wrap(own, tiny.tokenizer(tokenizer))
    record, tensors = capture(model, GIVEN), encode(model, GIVEN).tensors
    with torch.no_grad():
        plain, ours = own(**tensors, output_attentions=True), model.model(**tensors)
    assert len(plain.attentions) == record.stacks["self"]
    for layer, weights in enumerate(plain.attentions):
        np.testing.assert_allclose(record.layer("self", layer).weights(), weights[0].numpy(), rtol=0, atol=1e-5)
    np.testing.assert_allclose(ours[0], plain[0], rtol=1e-5, atol=1e-5)
