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
from tests import tiny
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


@pytest.mark.parametrize("kind", sorted({*tiny.MODELS} - {"xlnet", "bert-generation"}))
def test_what_is_found_out_is_what_the_families_say(kind: str):
    """But for XLNet, whose layout nobody could guess, and BERT's generator, which transformers lists as a decoder."""
    found, said = discover(tiny.model(kind)), family_for(kind)
    assert (found.weighs, found.causal) == (said.weighs, said.causal)
    assert found.modules <= said.modules


def test_a_folder_of_an_unlisted_model_opens(tmp_path: Path):
    made("ultrabert").save_pretrained(tmp_path)
    tiny.tokenizer("bytes").save_pretrained(tmp_path)
    assert capture(load_folder(tmp_path, "found"), GIVEN).stacks == {"self": tiny.LAYERS}


REFUSED = {
    "diffllama": ({}, WeightsUnavailable, "2 layers and 4 showed"),  # its maps are subtracted from each other
    "splinter": ({}, WeightsUnavailable, "away from"),  # transformers' sdpa makes it causal, its eager code does not
    "granite_swa": ({}, WeightsUnavailable, "away from"),  # its eager code reports weights before the sink's share
    "squeezebert": (
        {"embedding_size": 32}
        | dict.fromkeys(["q_groups", "k_groups", "v_groups"], 1)
        | dict.fromkeys(["post_attention_groups", "intermediate_groups", "output_groups"], 1),
        UnknownFamily,
        "shows no attention: of 2 layers",
    ),  # it reports scores, not weights
    "tapas": ({}, UnknownFamily, "cannot read a short text"),  # its segments are cells of a table
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
