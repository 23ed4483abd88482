"""A model of a type that no family lists works when what it shows is proven, and is refused with what failed if not."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import CONFIG_MAPPING, AutoModel, AutoModelForCausalLM, PreTrainedModel

from attnviz.capture import capture
from attnviz.errors import ModelError, UnknownFamily, WeightsUnavailable
from attnviz.families import family_for, listed
from attnviz.inputs import Text
from attnviz.models.discovery import discover, is_decoder
from attnviz.models.loading import load_folder, wrap
from attnviz.record import SINK
from tests import tiny
from tests.sweep.trial import made as made_small
from tests.tiny_sizes import BERT, OWN_DIM

GIVEN = Text(tiny.TEXT)


def made(kind: str, **sizes) -> PreTrainedModel:
    assert listed(kind) is None
    settings = {"vocab_size": len(tiny.tokenizer("bytes"))} | (OWN_DIM if is_decoder(kind) else BERT) | sizes
    torch.manual_seed(0)
    door = AutoModelForCausalLM if is_decoder(kind) else AutoModel
    return door.from_config(CONFIG_MAPPING[kind](**settings), attn_implementation="eager").eval()


def test_transformers_tells_which_types_go_on_with_a_text():
    assert is_decoder("doge")
    assert not is_decoder("bert")
    assert not is_decoder("nobody")


@pytest.mark.parametrize("kind", ["doge", "ultrabert"])
def test_an_unlisted_model_that_proves_itself_is_read(kind: str):
    own = made(kind)
    model = wrap(own, tiny.tokenizer("bytes"))
    assert (model.family.name, model.family.weighs) == (kind, False)
    record = capture(model, GIVEN)
    with torch.no_grad():
        ids = torch.tensor([tiny.tokenizer("bytes")(tiny.TEXT)["input_ids"]])
        told = own(ids, attention_mask=torch.ones_like(ids), output_attentions=True).attentions
    assert len(told) == record.stacks["self"]
    for layer, weights in enumerate(told):
        np.testing.assert_allclose(record.layer("self", layer).weights(), weights[0].numpy(), rtol=0, atol=1e-5)


BY_HAND = {"big_bird", "longformer"}  # over parts of the input: they show no table of pairs


@pytest.mark.parametrize("kind", sorted(BY_HAND))
def test_what_shows_no_table_of_pairs_is_found_by_nobody(kind: str):
    with pytest.raises(UnknownFamily):
        discover(tiny.model(kind))


@pytest.mark.parametrize("kind", sorted({*tiny.MODELS} - BY_HAND - {"xlnet", "bert-generation"}))
def test_what_is_found_out_is_what_the_families_say(kind: str):
    """But for XLNet, whose layout nobody could guess, and BERT's generator, which transformers lists as a decoder."""
    found, said = discover(tiny.model(kind)), family_for(kind)
    assert (found.weighs, found.causal) == (said.weighs, said.causal)
    assert found.modules <= said.modules


def test_a_folder_of_an_unlisted_model_opens(tmp_path: Path):
    made("ultrabert").save_pretrained(tmp_path)
    tiny.tokenizer("bytes").save_pretrained(tmp_path)
    assert capture(load_folder(tmp_path, "found"), GIVEN).stacks == {"self": tiny.LAYERS}


def test_masks_that_sdpa_would_guess_are_spelled_out():
    """Splinter hands over no mask and no flag: sdpa takes that for a causal mask, its own eager code for none."""
    model = wrap(made("splinter"), tiny.tokenizer("bytes"))
    assert model.family.explicit
    weights = capture(model, GIVEN).layer("self", 0).weights()
    assert weights.shape[1] > 2
    assert (weights > 0).all()  # the first token reads the last


def test_a_share_that_eager_code_forgets_to_report_is_taken_from_what_it_makes():
    """Granite SWA reports weights of before its sink takes a share; what its output is made of has it taken."""
    own = made("granite_swa")
    with torch.no_grad():
        for name, parameter in own.named_parameters():
            if "sink" in name:
                parameter.fill_(1.0)
    record = capture(wrap(own, tiny.tokenizer("bytes")), GIVEN)
    whole = record.map("self", 0, 1)
    assert whole.keys[len(whole.keys) - 1] == SINK
    assert (whole.weights[:, -1] > 0).all()
    np.testing.assert_allclose(whole.weights.sum(axis=1), 1, rtol=0, atol=1e-5)


def test_tables_of_something_else_are_no_layers():
    """GLM-5-Next mixes streams by tables whose rows sum to 1; Deformable DETR weighs points that it samples."""
    streams = wrap(made_small("glm5_next_text", "smallest"), None)
    assert streams.layers == {"self": 1}
    with pytest.raises(UnknownFamily, match="of 6 layers of weights that this one reports, 4 are of no module"):
        wrap(made_small("deformable_detr", "smallest"), None)


def test_windows_that_are_read_one_by_one_are_one_layer():
    """Qwen3-ASR's encoder calls its attention once for each stretch of sound, within one run of the module."""
    found = wrap(made_small("qwen3_asr_encoder", "smallest"), None)
    assert found.family.stacks["self"].windows
    assert found.layers == {"self": 2}


REFUSED = {
    "diffllama": ({}, WeightsUnavailable, "no weights even in eager"),  # its maps are subtracted
    "squeezebert": (
        {"embedding_size": 32}
        | dict.fromkeys(["q_groups", "k_groups", "v_groups"], 1)
        | dict.fromkeys(["post_attention_groups", "intermediate_groups", "output_groups"], 1),
        UnknownFamily,
        "shows no attention: of 2 layers",
    ),  # it reports scores, not weights
    "decision_transformer": ({}, UnknownFamily, "cannot read a short text"),  # it reads states of a game
    "lfm3": ({}, UnknownFamily, "shows no attention: of 0 layers"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_an_unlisted_model_that_fails_is_refused_with_what_failed(kind: str):
    sizes, error, says = REFUSED[kind]
    own = made(kind, **sizes)
    with torch.no_grad():
        for name, parameter in own.named_parameters():
            if "sink" in name:
                parameter.normal_()
    with pytest.raises(error, match=says) as refused:
        wrap(own, tiny.tokenizer("bytes"))
    assert isinstance(refused.value, ModelError)
