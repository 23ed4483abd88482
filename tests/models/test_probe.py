"""A model is tried with what it takes: tokens, pictures in its own form, and as many stand-ins as it makes of them."""

import pytest
import torch

from attnviz.inputs import Generated, Picture, PictureAndText, Sound, SoundAndText, Text, TextPair
from attnviz.models.discovery import discover, reads_of
from attnviz.models.noise import features_shape, pictures, sides
from attnviz.models.probe import PROBE_TOKENS, probe
from tests import tiny
from tests.sweep.trial import made

KINDS = {  # type -> what it reads, and the shape of what it is given
    "vit": ((Picture,), {"pixel_values": (1, 3, 64, 64)}),
    "siglip2_vision_model": (
        (Picture,),
        {"pixel_values": (1, 14, 768), "pixel_attention_mask": (1, 14), "spatial_shapes": (1, 2)},
    ),
    "vivit": ((Picture,), {"pixel_values": (1, 32, 3, 64, 64)}),
    "wav2vec2": ((Sound,), {"input_values": (1, 320 * 41)}),
    "clip": (
        (PictureAndText, Generated),
        {"pixel_values": (1, 3, 128, 128), "input_ids": (1, 8), "attention_mask": (1, 8)},
    ),
    "llava": (
        (PictureAndText, Generated),
        {"pixel_values": (1, 3, 56, 56), "input_ids": (1, 8 + 16), "attention_mask": (1, 8 + 16)},
    ),
    "idefics3": (
        (PictureAndText, Generated),
        {"pixel_values": (1, 1, 3, 128, 128), "input_ids": (1, 8 + 4), "attention_mask": (1, 8 + 4)},
    ),
    "t5": ((TextPair, Generated), {"input_ids": (1, 8), "attention_mask": (1, 8), "decoder_input_ids": (1, 5)}),
    "whisper": ((SoundAndText, Generated), {"input_features": (1, 80, 60), "decoder_input_ids": (1, 5)}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_is_given_what_it_takes(kind: str):
    model = made(kind, "smallest")
    reads, shapes = KINDS[kind]
    assert reads_of(model) == reads
    assert {name: tuple(each.shape) for name, each in probe(model, reads, causal=False).items()} == shapes


def test_as_many_tokens_stand_for_a_picture_as_the_model_makes_of_it():
    model = made("qwen2_vl", "smallest")
    given = probe(model, (PictureAndText,), causal=True)
    rows, cols = given["image_grid_thw"][0, 1:].tolist()
    stand_ins = int((given["input_ids"] == model.config.image_token_id).sum())
    assert (rows, cols, stand_ins) == (4, 6, 4 * 6 // 2**2)  # the model merges patches two by two
    assert torch.equal(given["mm_token_type_ids"], (given["input_ids"] == model.config.image_token_id).long())


def test_no_token_of_the_text_stands_for_a_picture():
    model = made("llava", "smallest")
    model.config.image_token_id = model.config.get_text_config().vocab_size // 10
    assert (probe(model, (Text,), causal=True)["input_ids"] != model.config.image_token_id).all()


def test_the_same_probe_comes_again():
    model = made("clip", "smallest")
    first, second = (probe(model, (PictureAndText,), causal=False) for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_text_model_is_given_tokens_alone():
    assert set(probe(tiny.model("gpt2"), (Text,), causal=True)) == {"input_ids", "attention_mask"}
    assert probe(tiny.model("bert"), (Text,), causal=False)["input_ids"].shape == (1, PROBE_TOKENS)


def test_a_model_that_takes_no_sound_it_is_tried_with_is_one_of_text():
    """Music Flamingo wants its sounds in stretches that nobody here makes; its text is read all the same."""
    model = made("musicflamingo", "smallest")
    assert SoundAndText in reads_of(model)
    found = discover(model)
    assert list(found.stacks) == ["self"]
    assert SoundAndText not in found.reads


def test_forms_of_pictures_and_sounds_follow_the_names_in_a_signature():
    config = made("siglip2_vision_model", "smallest").config
    first = next(pictures(config, {"pixel_values", "spatial_shapes"}))
    assert set(first) == {"pixel_values", "pixel_attention_mask", "spatial_shapes"}
    assert sides(config) == (64, 96)
    assert features_shape(made("whisper", "smallest").config) == (1, 80, 60)
