"""Tiny towers of vision with random weights, and what became of one changed pixel on the way through them."""

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import nn
from transformers import CONFIG_MAPPING, AutoModel, PreTrainedModel, ResNetConfig

LAYERS = 2
_SMALL = {"hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": 4, "intermediate_size": 40}
_SQUARE = _SMALL | {"image_size": 64, "patch_size": 16}
_STAGES = {"depths": [2, 2], "num_heads": [2, 4], "embed_dim": 16, "window_size": 4, "patch_size": 4, "image_size": 64}
_PYRAMID = {"hidden_sizes": [8, 16, 16, 32], "num_attention_heads": [1, 2, 2, 4], "depths": [1, 2, 1, 1]}
_QWEN = {"depth": LAYERS, "num_heads": 4, "patch_size": 14, "spatial_merge_size": 2}
_RESNET = ResNetConfig(embedding_size=8, hidden_sizes=[8, 8, 8, 16], depths=[1, 1, 1, 1], out_features=["stage4"])
_DETR = {"d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_ffn_dim": 40, "decoder_ffn_dim": 40}
_DETR |= {"encoder_attention_heads": 4, "decoder_attention_heads": 4, "num_queries": 7, "use_timm_backbone": False}
_DETR |= {"backbone_config": _RESNET, "use_pretrained_backbone": False, "backbone": None}

SIZES: dict[str, dict[str, Any]] = {
    "vit": _SQUARE,
    "deit": _SQUARE,
    "beit": _SQUARE,
    "data2vec-vision": _SQUARE,
    "vit_mae": _SQUARE | {"mask_ratio": 0.25},
    "vit_msn": _SQUARE,
    "ijepa": _SQUARE,
    "dinov2": _SQUARE,
    "dinov2_with_registers": _SQUARE | {"num_register_tokens": 4},
    "dinov3_vit": _SQUARE | {"num_register_tokens": 3},
    "yolos": _SQUARE | {"image_size": [64, 96], "num_detection_tokens": 10},
    "dpt": _SQUARE,
    "mlcd_vision_model": _SQUARE,
    "clip_vision_model": _SQUARE,
    "chinese_clip_vision_model": _SQUARE,
    "altclip_vision_model": _SQUARE,
    "metaclip_2_vision_model": _SQUARE,
    "clipseg_vision_model": _SQUARE,
    "git_vision_model": _SQUARE,
    "kosmos_2_vision_model": _SQUARE,
    "owlvit_vision_model": _SQUARE,
    "owlv2_vision_model": _SQUARE,
    "flava_image_model": _SQUARE,
    "blip_vision_model": _SQUARE,
    "blip_2_vision_model": _SQUARE,
    "instructblip_vision_model": _SQUARE,
    "internvl_vision": _SQUARE | {"image_size": [64, 64], "patch_size": [16, 16]},
    "janus_vision_model": _SQUARE,
    "siglip_vision_model": _SQUARE,
    "siglip2_vision_model": _SMALL | {"num_patches": 16, "patch_size": 16},
    "idefics2_vision": _SQUARE,
    "idefics3_vision": _SQUARE,
    "smolvlm_vision": _SQUARE,
    "pixtral": _SQUARE,
    "swin": _STAGES,
    "swinv2": _STAGES,
    "donut-swin": _STAGES,
    "segformer": _PYRAMID,
    "pvt": _PYRAMID | {"image_size": 64},
    "pvt_v2": _PYRAMID,
    "detr": _DETR,
    "conditional_detr": _DETR,
    "table-transformer": _DETR,
    "qwen2_vl_vision": _QWEN | {"embed_dim": 32, "hidden_size": 32},
    "qwen2_5_vl_vision": _QWEN
    | {
        "hidden_size": 32,
        "intermediate_size": 40,
        "out_hidden_size": 32,
        "window_size": 56,
        "fullatt_block_indexes": [1],
    },
}


@cache
def config(kind: str) -> Any:
    """Make the configuration of a tiny tower."""
    return CONFIG_MAPPING[kind](**SIZES[kind])


def tower(kind: str, **changes: Any) -> PreTrainedModel:
    """Make a tiny tower, the same at every call, with weights wide enough for rows that are far from even."""
    own = CONFIG_MAPPING[kind](**(SIZES[kind] | changes)) if changes else config(kind)
    torch.manual_seed(0)
    made = _class_of(own)._from_config(own, attn_implementation="eager").eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.normal_(std=0.2)
    return made


def _class_of(own: Any) -> Any:
    if type(own) in AutoModel._model_mapping:
        return AutoModel._model_mapping[type(own)]
    models = vars(importlib.import_module(type(own).__module__.replace("configuration_", "modeling_"))).values()
    kinds = [kind for kind in models if isinstance(kind, type) and issubclass(kind, PreTrainedModel)]
    return next(kind for kind in kinds if vars(kind).get("config") is type(own) or _annotated(kind) is type(own))


def _annotated(kind: type) -> Any:
    return vars(kind).get("config_class") or vars(kind).get("__annotations__", {}).get("config")


def attention_modules(model: nn.Module) -> list[nn.Module]:
    """List the modules that attend, in the order of the pass, without those that merely hold another."""
    named = [module for module in model.modules() if type(module).__name__.endswith(("Attention", "AttentionLayer"))]
    return [
        module for module in named if not any(other in set(module.modules()) for other in named if other is not module)
    ]


@contextmanager
def inputs_of(modules: Sequence[nn.Module]) -> Iterator[list[torch.Tensor]]:
    """Collect the first tensor that each module is given, in the order of the pass."""
    seen: list[torch.Tensor] = []

    def keep(module: nn.Module, given: tuple, named: dict) -> None:
        tensors = [each for each in (*given, *named.values()) if isinstance(each, torch.Tensor)]
        seen.append(tensors[0].detach().clone())

    handles = [module.register_forward_pre_hook(keep, with_kwargs=True) for module in modules]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def silent(modules: Sequence[nn.Module]) -> Iterator[None]:
    """Let attention give nothing, so that no token learns of another."""

    def mute(module: nn.Module, given: tuple, given_back: Any) -> Any:
        if isinstance(given_back, tuple):
            return (given_back[0] * 0, *given_back[1:])
        return given_back * 0

    handles = [module.register_forward_hook(mute) for module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def moved(before: torch.Tensor, after: torch.Tensor) -> list[int]:
    """List the positions at which two tensors (…, channel) differ, counted over all dimensions but the last."""
    return torch.nonzero((before != after).any(dim=-1).flatten()).flatten().tolist()


def noise(size: tuple[int, int], box: tuple[float, float, float, float] | None = None) -> torch.Tensor:
    """Make a picture of noise, the same each time, in which the pixels of one box are changed."""
    pixels = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1))
    if box is not None:
        top, left, bottom, right = (int(side) for side in box)
        pixels[:, :, top:bottom, left:right] += 1
    return pixels
