"""Tiny models of pictures and words with random weights, and the processors that their relatives use."""

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
import transformers
from transformers import (
    CONFIG_MAPPING,
    BlipImageProcessorPil,
    CLIPImageProcessorPil,
    DonutImageProcessorPil,
    Gemma3ImageProcessorPil,
    Idefics3ImageProcessorPil,
    PreTrainedModel,
    Qwen2VLImageProcessorPil,
    Siglip2ImageProcessorPil,
    SiglipImageProcessorPil,
    SmolVLMImageProcessorPil,
    ViltImageProcessorPil,
    ViTImageProcessorPil,
)

from attnviz.inputs import Picture, PictureAndText
from attnviz.models.loading import LoadedModel, wrap
from tests import pictures, tiny

LAYERS, QUERIES = 2, 5
TEXT = "The cat sat."
SIZE = (64, 96)  # of the picture that is given
SIDE, PATCH = 64, 16  # of the picture that most of the towers see
_SIZES = {"hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": 4, "intermediate_size": 40}
_TEXT = _SIZES | {"max_position_embeddings": 64, "initializer_range": 0.3, "projection_dim": 16}
_ROBERTA = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
_IMAGE = _SIZES | {"image_size": SIDE, "patch_size": PATCH}
_LM = _SIZES | {"num_key_value_heads": 2, "max_position_embeddings": 256, "pad_token_id": 0, "initializer_range": 0.3}
_GEMMA = _LM | {"head_dim": 8}
_ROPE = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e4}
QWEN = ("<|vision_start|>", "<|image_pad|>", "<|vision_end|>")

CHAT = (
    "{% for turn in messages %}<{{ turn.role }}> {% for part in turn.content %}"
    "{% if part.type == 'image' %}HERE{% else %}{{ part.text }}{% endif %}{% endfor %}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
CELLS = [f"<row_{row}_col_{col}>" for row in (1, 2) for col in (1, 2, 3)]
TILES = ("<fake_token_around_image>", "<image>", "<global-img>", *CELLS)

TOKENIZERS = {  # kind -> the tokenizer of its relatives, and the signs it knows beside words
    "altclip": ("bytes",),
    "blip": ("word pieces",),
    "blip-2": ("bytes", "<image>"),
    "chinese_clip": ("word pieces",),
    "clip": ("bytes",),
    "gemma3": ("fallback", "<boi>", "<image>", "<eoi>"),
    "idefics3": ("bytes", *TILES),
    "qwen2_5_vl": ("bytes", *QWEN),
    "qwen2_vl": ("bytes", *QWEN),
    "smolvlm": ("bytes", *TILES),
    "vilt": ("word pieces",),
    "vit + gpt2": ("bytes",),
}
CHATS = {"gemma3": "<boi>", "qwen2_vl": "".join(QWEN), "smolvlm": "<image>"}  # where their templates put a picture

_SQUARE = {"height": SIDE, "width": SIDE}
_CUTS = {"size": {"longest_edge": 96}, "max_image_size": {"longest_edge": 32}}
_FITS = {"patch_size": 14, "merge_size": 2, "min_pixels": 56 * 56, "max_pixels": 112 * 112}
PICTURES: dict[str, tuple[Any, dict[str, Any]]] = {
    "blip": (BlipImageProcessorPil, {"size": _SQUARE}),
    "blip-2": (BlipImageProcessorPil, {"size": _SQUARE}),
    "donut": (DonutImageProcessorPil, {"size": {"height": 64, "width": 96}, "do_align_long_axis": False}),
    "gemma3": (Gemma3ImageProcessorPil, {"size": _SQUARE}),
    "idefics3": (Idefics3ImageProcessorPil, _CUTS),
    "paligemma": (SiglipImageProcessorPil, {"size": _SQUARE}),
    "qwen2_5_vl": (Qwen2VLImageProcessorPil, _FITS),
    "qwen2_vl": (Qwen2VLImageProcessorPil, _FITS),
    "siglip": (SiglipImageProcessorPil, {"size": _SQUARE}),
    "siglip2": (Siglip2ImageProcessorPil, {"patch_size": PATCH, "max_num_patches": 16}),
    "smolvlm": (SmolVLMImageProcessorPil, _CUTS),
    "vilt": (ViltImageProcessorPil, {"size": {"shortest_edge": SIDE}, "size_divisor": 32}),
    "vit + gpt2": (ViTImageProcessorPil, {"size": _SQUARE}),
    "vit + trocr": (ViTImageProcessorPil, {"size": _SQUARE}),
}


@cache
def processors(kind: str) -> tuple[Any, Any]:
    """Give a model's tokenizer and image processor."""
    way, *signs = TOKENIZERS.get(kind, ("fallback", "<image>"))
    words = copy.deepcopy(tiny.tokenizer(way))
    words.add_special_tokens({"additional_special_tokens": signs})
    words.chat_template = CHAT.replace("HERE", CHATS[kind]) if kind in CHATS else None
    made, told = PICTURES.get(kind, (CLIPImageProcessorPil, {"size": {"shortest_edge": SIDE}, "crop_size": _SQUARE}))
    return words, made(**told)


def number(kind: str, token: str) -> int:
    """Say under which number a tokenizer knows a token."""
    return int(processors(kind)[0].convert_tokens_to_ids(token))


def _towers(kind: str) -> dict[str, Any]:
    text, image = dict(_TEXT), dict(_IMAGE)
    if kind == "altclip":
        text |= {"project_dim": 16, "max_position_embeddings": 66, **_ROBERTA}
    if kind == "siglip2":
        del image["image_size"]
        image |= {"num_patches": 16}
    if kind in ("metaclip_2", "clip", "clipseg"):
        text |= {"eos_token_id": 2}
    return {"text_config": text, "vision_config": image, "projection_dim": 16}


def _blip(kind: str) -> dict[str, Any]:
    text = _TEXT | {"encoder_hidden_size": 32, "bos_token_id": 2, "sep_token_id": 3, "pad_token_id": 0}
    return {"text_config": text, "vision_config": _IMAGE, "projection_dim": 16}


def _blip_2(kind: str) -> dict[str, Any]:
    queries = _SIZES | {"encoder_hidden_size": 32, "cross_attention_frequency": 2, "initializer_range": 0.3}
    text = {"model_type": "opt", "hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": 4}
    text |= {"ffn_dim": 40, "word_embed_proj_dim": 32, "init_std": 0.3, "max_position_embeddings": 64}
    own = {"text_config": text, "vision_config": _IMAGE, "qformer_config": queries, "num_query_tokens": QUERIES}
    return own | {"image_token_index": number(kind, "<image>")}


def _llava(kind: str) -> dict[str, Any]:
    text, image = _LM | {"model_type": "llama"}, _IMAGE | {"model_type": "clip_vision_model"}
    own = {"text_config": text, "vision_config": image, "image_token_index": number(kind, "<image>")}
    return own | {"llava": {"vision_feature_layer": -2}, "vipllava": {"vision_feature_layers": [-2, -1]}}[kind]


def _paligemma(kind: str) -> dict[str, Any]:
    text = _GEMMA | {"model_type": "gemma2", "sliding_window": 4}
    image = _IMAGE | {"model_type": "siglip_vision_model", "vision_use_head": False}
    return {
        "text_config": text,
        "vision_config": image,
        "projection_dim": 32,
        "image_token_index": number(kind, "<image>"),
    }


def _gemma3(kind: str) -> dict[str, Any]:
    ids = {"image_token_index": "<image>", "boi_token_index": "<boi>", "eoi_token_index": "<eoi>"}
    own = {"text_config": _GEMMA | {"sliding_window": 6}, "vision_config": _IMAGE | {"vision_use_head": False}}
    return own | {"mm_tokens_per_image": 4} | {name: number(kind, token) for name, token in ids.items()}


def _tiles(kind: str) -> dict[str, Any]:
    text = _LM | {"model_type": "llama", "max_position_embeddings": 512}
    image = _IMAGE | {"image_size": 32, "patch_size": 8}
    return {
        "text_config": text,
        "vision_config": image,
        "scale_factor": 2,
        "image_token_id": number(kind, "<image>"),
    }


def _qwen(kind: str) -> dict[str, Any]:
    image = {"depth": LAYERS, "num_heads": 4, "patch_size": 14, "spatial_merge_size": 2, "hidden_size": 32}
    if kind == "qwen2_vl":
        image |= {"embed_dim": 32}
    else:
        image |= {"intermediate_size": 40, "out_hidden_size": 32, "window_size": 56, "fullatt_block_indexes": [1]}
    names = ("vision_start_token_id", "image_token_id", "vision_end_token_id")
    ids = {name: number(kind, token) for name, token in zip(names, QWEN, strict=True)}
    return {"text_config": _LM | {"rope_parameters": _ROPE}, "vision_config": image} | ids


def _vilt(kind: str) -> dict[str, Any]:
    return _TEXT | _IMAGE


SETTINGS: dict[str, Callable[[str], dict[str, Any]]] = {
    "blip": _blip,
    "blip-2": _blip_2,
    "gemma3": _gemma3,
    "idefics3": _tiles,
    "llava": _llava,
    "paligemma": _paligemma,
    "qwen2_5_vl": _qwen,
    "qwen2_vl": _qwen,
    "smolvlm": _tiles,
    "vilt": _vilt,
    "vipllava": _llava,
}


def _config(kind: str) -> Any:
    own = SETTINGS.get(kind, _towers)(kind)
    known = {"vocab_size": len(processors(kind)[0])}
    if "text_config" in own:
        return CONFIG_MAPPING[kind](**own | {"text_config": own["text_config"] | known})
    return CONFIG_MAPPING[kind](**own, **known)


def _captioner(kind: str) -> Any:
    known = {"vocab_size": len(processors(kind)[0]), "is_decoder": True, "add_cross_attention": True}
    seq = {"d_model": 32, "decoder_layers": LAYERS, "decoder_attention_heads": 4, "decoder_ffn_dim": 40}
    seq |= {"max_position_embeddings": 32, "init_std": 0.3}
    gpt = {"n_embd": 32, "n_layer": LAYERS, "n_head": 4, "n_positions": 32}
    swin = pictures.SIZES["donut-swin"] | {"image_size": [64, 96]}
    parts: dict[str, tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]] = {
        "vit + gpt2": (("vit", _IMAGE), ("gpt2", gpt)),
        "vit + trocr": (("vit", _IMAGE), ("trocr", seq)),
        "donut": (("donut-swin", swin), ("mbart", seq)),
    }
    (sees, image), (writes, text) = parts[kind]
    made = transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(
        CONFIG_MAPPING[sees](**image), CONFIG_MAPPING[writes](**text, **known)
    )
    made.update({"decoder_start_token_id": 1, "pad_token_id": 0})
    return made


CLASSES = {
    "blip": "BlipForConditionalGeneration",
    "blip itm": "BlipForImageTextRetrieval",
    "blip-2": "Blip2ForConditionalGeneration",
    "llava": "LlavaForConditionalGeneration",
    "vipllava": "VipLlavaForConditionalGeneration",
    "paligemma": "PaliGemmaForConditionalGeneration",
    "gemma3": "Gemma3ForConditionalGeneration",
    "idefics3": "Idefics3ForConditionalGeneration",
    "smolvlm": "SmolVLMForConditionalGeneration",
    "qwen2_vl": "Qwen2VLForConditionalGeneration",
    "qwen2_5_vl": "Qwen2_5_VLForConditionalGeneration",
    "clip": "CLIPModel",
    "siglip": "SiglipModel",
    "siglip2": "Siglip2Model",
    "altclip": "AltCLIPModel",
    "chinese_clip": "ChineseCLIPModel",
    "metaclip_2": "MetaClip2Model",
    "clipseg": "CLIPSegModel",
    "owlvit": "OwlViTModel",
    "owlv2": "Owlv2Model",
    "vilt": "ViltModel",
    "vit + gpt2": "VisionEncoderDecoderModel",
    "vit + trocr": "VisionEncoderDecoderModel",
    "donut": "VisionEncoderDecoderModel",
}
CAPTIONERS = ("vit + gpt2", "vit + trocr", "donut")


@cache
def model(kind: str) -> PreTrainedModel:
    """Make a tiny model, the same at every call, with weights wide enough for rows that are far from even."""
    own = _captioner(kind) if kind in CAPTIONERS else _config(kind.removesuffix(" itm"))
    torch.manual_seed(0)
    made = getattr(transformers, CLASSES[kind])._from_config(own, attn_implementation="eager").eval()
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if parameter.ndim > 1:
                parameter.normal_(std=0.2)
            elif name.endswith("bias") or "class" in name:
                parameter.normal_(std=0.5)
    return made


class Both:
    """What a notebook holds: a tokenizer and an image processor."""

    def __init__(self, tokenizer: Any, image_processor: Any) -> None:
        self.tokenizer, self.image_processor = tokenizer, image_processor


@cache
def loaded(kind: str) -> LoadedModel:
    """Wrap a model with its processors."""
    return wrap(model(kind), Both(*processors(kind.removesuffix(" itm"))))


@cache
def picture() -> Picture:
    """Make a picture of noise, the same each time."""
    pixels = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    return Picture(SIZE, pixels.tobytes())


def given(text: str = TEXT) -> PictureAndText:
    """Give the picture with a text."""
    return PictureAndText(picture(), text)
