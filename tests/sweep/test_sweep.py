"""Every type of model that transformers lists is in the table of the sweep, and what the table says of it holds."""

import math
import time

import pytest
import torch
import transformers

from attnviz.families import FAMILIES
from tests.sweep import table
from tests.sweep.shrink import WAYS, shrunk, widened
from tests.sweep.sweep import swept
from tests.sweep.trial import OUTCOMES, UNMADE, VERIFIED, WRONG, every_type, made, tried

COUNTED, FOUND = table.read(table.PATH.read_text(encoding="utf-8"))
QUICK = (
    "bert",
    "llama",
    "gpt_oss",
    "granite_swa",  # reports its weights before the sink's share
    "align_text_model",  # sdpa would take its missing mask for a causal one
    "t5",
    "git",  # a hand-written text model beside a tower of the interface
    "clip",
    "siglip_vision_model",
    "swin",
    "paligemma",
    "qwen2_vl",
    "smolvlm",
    "wav2vec2",
    "whisper",
    "resnet",
    "reformer",
    "deformable_detr",  # weighs points, not pairs
    "glm5_next_text",  # mixes streams by tables whose rows sum to 1 as well
)
A_SAMPLE = every_type()[::23]


def test_every_type_of_the_installed_version_is_in_the_table():
    assert f"transformers {transformers.__version__} " in table.PATH.read_text(encoding="utf-8")
    assert sorted(FOUND) == sorted(every_type())


def test_the_counts_of_the_table_add_up():
    assert sum(COUNTED.values()) == len(every_type())
    assert {name: list(FOUND.values()).count(name) for name in OUTCOMES} == COUNTED


def test_not_one_map_is_wrong():
    assert COUNTED[WRONG] == 0


def test_every_type_that_a_family_lists_is_verified():
    listed = {name for family in FAMILIES for name in family.model_types} & set(FOUND)
    assert {name: FOUND[name] for name in listed if FOUND[name] not in (VERIFIED, UNMADE)} == {}


def test_the_table_reads_back_as_it_was_written():
    rows = [tried("resnet").as_dict(), tried("bert").as_dict()]
    text = table.written(rows, "0.0", "0.0")
    assert text == table.written(rows[::-1], "0.0", "0.0")
    counted, found = table.read(text)
    assert found == {"bert": VERIFIED, "resnet": "no attention"}
    assert (counted[VERIFIED], counted["no attention"], counted[WRONG]) == (1, 1, 0)


@pytest.mark.parametrize("name", QUICK)
def test_what_the_table_says_of_a_type_holds(name: str):
    assert tried(name).outcome == FOUND[name]


def test_a_child_that_takes_too_long_is_ended_and_said_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tests.sweep.sweep.SECONDS", 0.0)
    monkeypatch.setattr("tests.sweep.sweep._bounded", lambda name: time.sleep(600))  # in forks
    (result,) = swept(["bert"], at_once=1)
    assert (result["outcome"], "took longer" in result["reason"]) == (UNMADE, True)


@pytest.mark.slow
def test_a_sample_of_types_comes_out_as_the_table_says():
    found = {result["name"]: result["outcome"] for result in swept(A_SAMPLE, at_once=2)}
    assert found == {name: FOUND[name] for name in A_SAMPLE}


def test_a_shrunken_configuration_is_small_in_every_part():
    config = shrunk("clip", WAYS[0])
    for part in (config.text_config, config.vision_config):
        assert (part.num_hidden_layers, part.num_attention_heads, part.hidden_size) == (2, 4, 32)
    assert config.vision_config.image_size == 4 * config.vision_config.patch_size
    assert 0 <= config.text_config.eos_token_id < config.text_config.vocab_size


def test_each_kind_of_layer_stays_when_layers_are_left_out():
    kinds = shrunk("qwen3_next", WAYS[0]).layer_types
    assert set(kinds) == {"linear_attention", "full_attention"}


def test_wide_weights_make_rows_that_are_far_from_even():
    model = made("bert", WAYS[0])
    with torch.no_grad():
        weights = model(torch.arange(1, 9)[None], output_attentions=True).attentions[1]
        widened(model, 0.0)
        even = model(torch.arange(1, 9)[None], output_attentions=True).attentions[1]
    assert float((weights - 1 / 8).abs().max()) > 0.3
    assert math.isclose(float((even - 1 / 8).abs().max()), 0, abs_tol=1e-3)
