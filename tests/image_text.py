"""Tiny models of pictures and words with random weights, and the processors that their relatives use."""

import copy
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

LAYERS = 2
SIZE = (64, 96)  # of the picture that is given
SIDE, PATCH = 64, 16  # of the picture that most of the towers see
_TEXT = {"hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": 4, "intermediate_size": 40}
_TEXT |= {"max_position_embeddings": 64, "initializer_range": 0.3, "projection_dim": 16}
_ROBERTA = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
_IMAGE = {"hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": 4, "intermediate_size": 40}
_IMAGE |= {"image_size": SIDE, "patch_size": PATCH}
_LM = _TEXT | {"num_key_value_heads": 2, "max_position_embeddings": 256, "pad_token_id": 0}
_GEMMA = _LM | {"head_dim": 8}
_TILE = _IMAGE | {"image_size": 32, "patch_size": 8}
_ROPE = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e4}
_QWEN = {"depth": LAYERS, "num_heads": 4, "patch_size": 14, "spatial_merge_size": 2}
_IDS = {"qwen": ("<|vision_start|>", "<|image_pad|>", "<|vision_end|>"), "gemma3": ("<boi>", "<image>", "<eoi>")}

CHAT = (
    "{% for turn in messages %}<{{ turn.role }}> {% for part in turn.content %}"
    "{% if part.type == 'image' %}HERE{% else %}{{ part.text }}{% endif %}{% endfor %}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
TILES = ("<fake_token_around_image>", "<image>", "<global-img>", *(f"<row_{r}_col_{c}>" for r in (1, 2) for c in (1, 2, 3)))


def _words(kind: str, *more: str, chat: str | None = None) -> Any:
    words = copy.deepcopy(tiny.tokenizer(kind))
    words.add_special_tokens({"additional_special_tokens": list(more)})
    words.chat_template = CHAT.replace("HERE", chat) if chat else None
    return words


def _square(side: int = SIDE) -> dict[str, int]:
    return {"height": side, "width": side}


def _clip() -> Any:
    return CLIPImageProcessorPil(size={"shortest_edge": SIDE}, crop_size=_square())


def _siglip() -> Any:
    return SiglipImageProcessorPil(size=_square())


_QWEN_WORDS = ("bytes", *_IDS["qwen"])
_QWEN_CHAT = "".join(_IDS["qwen"])


@cache
def processors(kind: str) -> tuple[Any, Any]:
    """Give a model's tokenizer and image processor."""
    tokenizer = {
        "chinese_clip": ("word pieces",),
        "blip": ("word pieces",),
        "vilt": ("word pieces",),
        "altclip": ("bytes",),
        "blip-2": ("bytes", "<image>"),
        "idefics3": ("bytes", *TILES),
        "smolvlm": ("bytes", *TILES),
        "gemma3": ("fallback", *_IDS["gemma3"]),
        "qwen2_vl": _QWEN_WORDS,
        "qwen2_5_vl": _QWEN_WORDS,
        "vit + gpt2": ("bytes",),
        "clip": ("bytes",),
    }.get(kind, ("fallback", "<image>"))
    chat = {"qwen2_vl": _QWEN_CHAT, "qwen2_5_vl": _QWEN_CHAT, "gemma3": "<boi>", "llava": "<image>\n"}
    chat |= {"smolvlm": "<image>", "idefics3": "<image>"}
    return _words(*tokenizer, chat=chat.get(kind)), _pictures(kind)


def _pictures(kind: str) -> Any:
    tiles = {"size": {"longest_edge": 96}, "max_image_size": {"longest_edge": 32}}
    fits = {"min_pixels": 56 * 56, "max_pixels": 112 * 112}
    match kind:
        case "siglip" | "paligemma":
            return _siglip()
        case "siglip2":
            return Siglip2ImageProcessorPil(patch_size=PATCH, max_num_patches=16)
        case "blip" | "blip itm" | "blip-2":
            return BlipImageProcessorPil(size=_square())
        case "vilt":
            return ViltImageProcessorPil(size={"shortest_edge": SIDE}, size_divisor=32)
        case "gemma3":
            return Gemma3ImageProcessorPil(size=_square())
        case "idefics3":
            return Idefics3ImageProcessorPil(**tiles)
        case "smolvlm":
            return SmolVLMImageProcessorPil(**tiles)
        case "qwen2_vl" | "qwen2_5_vl":
            return Qwen2VLImageProcessorPil(patch_size=14, merge_size=2, **fits)
        case "vit + gpt2" | "vit + trocr":
            return ViTImageProcessorPil(size=_square())
        case "donut":
            return DonutImageProcessorPil(size={"height": 64, "width": 96}, do_align_long_axis=False)
    return _clip()


def _ids(kind: str) -> dict[str, int]:
    words = processors(kind)[0]
    names = {"boi_token_index": "<boi>", "eoi_token_index": "<eoi>"} if kind == "gemma3" else {}
    if kind.startswith("qwen"):
        image = words.convert_tokens_to_ids("<|image_pad|>")
        start, end = (words.convert_tokens_to_ids(name) for name in ("<|vision_start|>", "<|vision_end|>"))
        return {"image_token_id": image, "vision_start_token_id": start, "vision_end_token_id": end}
    key = "image_token_id" if kind in ("idefics3", "smolvlm") else "image_token_index"
    return {key: words.convert_tokens_to_ids("<image>")} | {
        name: words.convert_tokens_to_ids(token) for name, token in names.items()
    }


def _config(kind: str) -> Any:
    count = len(processors(kind)[0])
    text, image = _TEXT | {"vocab_size": count}, dict(_IMAGE)
    lm = _LM | {"vocab_size": count}
    made = CONFIG_MAPPING[kind] if kind in CONFIG_MAPPING else None
    match kind:
        case "clip" | "metaclip_2" | "clipseg" | "owlvit" | "owlv2" | "siglip2" | "siglip" | "altclip" | "chinese_clip":
            if kind == "altclip":
                text |= {"project_dim": 16, "max_position_embeddings": 66, **_ROBERTA}
            if kind == "siglip2":
                image = {name: value for name, value in image.items() if name != "image_size"} | {"num_patches": 16}
            ends = {"eos_token_id": 2} if kind in ("metaclip_2", "clip", "clipseg") else {}
            return made(text_config=text | ends, vision_config=image, projection_dim=16)
        case "blip":
            text |= {"encoder_hidden_size": 32, "bos_token_id": 2, "sep_token_id": 3, "pad_token_id": 0}
            return made(text_config=text, vision_config=image, projection_dim=16)
        case "blip-2":
            queries = {"hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": 4, "intermediate_size": 40}
            queries |= {"encoder_hidden_size": 32, "cross_attention_frequency": 2, "initializer_range": 0.3}
            own = {"model_type": "opt", "vocab_size": count, "hidden_size": 32, "num_hidden_layers": LAYERS, "ffn_dim": 40}
            own |= {"num_attention_heads": 4, "word_embed_proj_dim": 32, "init_std": 0.3, "max_position_embeddings": 64}
            return made(
                text_config=own, vision_config=image, qformer_config=queries, num_query_tokens=5, **_ids(kind)
            )
        case "vilt":
            return made(**(text | image))
        case "llava" | "vipllava":
            more = {"vision_feature_layers": [-2, -1]} if kind == "vipllava" else {"vision_feature_layer": -2}
            vision = image | {"model_type": "clip_vision_model"}
            return made(text_config=lm | {"model_type": "llama"}, vision_config=vision, **_ids(kind), **more)
        case "paligemma":
            text = _GEMMA | {"vocab_size": count, "model_type": "gemma2", "sliding_window": 4}
            vision = image | {"model_type": "siglip_vision_model", "vision_use_head": False}
            return made(text_config=text, vision_config=vision, projection_dim=32, **_ids(kind))
        case "gemma3":
            text = _GEMMA | {"vocab_size": count, "sliding_window": 6}
            vision = image | {"vision_use_head": False}
            return made(text_config=text, vision_config=vision, mm_tokens_per_image=4, **_ids(kind))
        case "idefics3" | "smolvlm":
            text = lm | {"model_type": "llama", "max_position_embeddings": 512}
            return made(text_config=text, vision_config=_TILE, scale_factor=2, **_ids(kind))
        case "qwen2_vl":
            vision = _QWEN | {"embed_dim": 32, "hidden_size": 32}
            return made(text_config=lm | {"rope_parameters": _ROPE}, vision_config=vision, **_ids(kind))
        case "qwen2_5_vl":
            vision = _QWEN | {"hidden_size": 32, "intermediate_size": 40, "out_hidden_size": 32}
            vision |= {"window_size": 56, "fullatt_block_indexes": [1]}
            return made(text_config=lm | {"rope_parameters": _ROPE}, vision_config=vision, **_ids(kind))
    raise KeyError(kind)


def _captioner(kind: str) -> Any:
    count = len(processors(kind)[0])
    start = {"decoder_start_token_id": 1, "pad_token_id": 0}
    cross = {"is_decoder": True, "add_cross_attention": True}
    if kind == "donut":
        encoder = pictures.SIZES["donut-swin"] | {"image_size": [64, 96]}
        own = {"d_model": 32, "decoder_layers": LAYERS, "decoder_attention_heads": 4, "decoder_ffn_dim": 40}
        own |= {"vocab_size": count, "max_position_embeddings": 32, "encoder_layers": 0, "init_std": 0.3}
        parts = CONFIG_MAPPING["donut-swin"](**encoder), CONFIG_MAPPING["mbart"](**own, **cross)
    else:
        name = kind.removeprefix("vit + ")
        own = {"n_embd": 32, "n_layer": LAYERS, "n_head": 4, "n_positions": 32}
        if name == "trocr":
            own = {"d_model": 32, "decoder_layers": LAYERS, "decoder_attention_heads": 4, "decoder_ffn_dim": 40}
            own |= {"max_position_embeddings": 32}
        parts = CONFIG_MAPPING["vit"](**_IMAGE), CONFIG_MAPPING[name](**own, vocab_size=count, **cross)
    made = transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(*parts)
    made.update(start)
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
        for parameter in made.parameters():
            parameter.normal_(std=0.2)
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


def given(text: str = "The cat sat.") -> PictureAndText:
    """Give the picture with a text."""
    return PictureAndText(picture(), text)
