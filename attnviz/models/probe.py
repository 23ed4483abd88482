"""A short input for any model, made of its configuration alone: enough to see how it attends, and to check that."""

import inspect
from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from attnviz.inputs import Input
from attnviz.models.backbone import backbone_of
from attnviz.models.processors import HEARD, SEEN
from attnviz.models.taken import taken

PROBE_TOKENS = 8
WRITTEN_TOKENS = 5
PATCHES_A_SIDE = 3  # at least, where a model reads pictures of any size
SOUND_FRAMES = 40


def probe(model: PreTrainedModel, reads: Collection[type[Input]], *, causal: bool) -> dict[str, Tensor]:
    """Make a short input of the kinds that a model shall read: tokens of its vocabulary, a picture or a sound of noise.

    Shape   as the model takes them, one input alone.
    """
    asked = frozenset(inspect.signature(backbone_of(model).forward).parameters)
    noise = torch.Generator().manual_seed(0)
    given: dict[str, Tensor] = {}
    if "pixel_values" in asked and SEEN & set(reads):
        given["pixel_values"] = torch.randn(picture_shape(model.config), generator=noise)
    if "input_features" in asked and HEARD & set(reads):
        given["input_features"] = torch.randn(features_shape(model), generator=noise)
    if "input_values" in asked and HEARD & set(reads):
        given["input_values"] = torch.randn(values_shape(model.config), generator=noise)
    if "input_ids" in asked and not ("decoder_input_ids" in asked and given):
        given |= taken(backbone_of(model), spread(model, PROBE_TOKENS), causal=causal)
    if "decoder_input_ids" in asked:
        given["decoder_input_ids"] = spread(model, WRITTEN_TOKENS)
    return {name: _fitted(tensor, model) for name, tensor in given.items()}


def spread(model: PreTrainedModel, count: int) -> Tensor:
    """Take tokens from all over a vocabulary.

    Shape   (1, token).
    """
    words = vocabulary(model)
    return torch.arange(1, count + 1)[None] * max(1, words // (count + 2)) % words


def vocabulary(model: PreTrainedModel) -> int:
    """Say how many tokens a model knows: those that it writes, where it reads no text."""
    config = model.config.get_text_config(decoder=True)
    told = getattr(config, "vocab_size", None)
    return int(told) if told else int(backbone_of(model).get_input_embeddings().weight.shape[0])


def picture_shape(config: Any) -> tuple[int, int, int, int]:
    """Say what shape of picture a model reads.

    Shape   (1, channel, height, width).
    """
    own = _pictures(config)
    told = getattr(own, "image_size", None)
    height, width = (told, told) if isinstance(told, int) else tuple(told)[-2:] if told else (64, 64)
    return 1, int(getattr(own, "num_channels", None) or getattr(own, "in_channels", None) or 3), int(height), int(width)


def features_shape(model: PreTrainedModel) -> tuple[int, int, int]:
    """Say what shape of spectrogram a model hears: (1, bin, frame) where a convolution runs along time first.

    Shape   (1, bin, frame) or (1, frame, bin).
    """
    config = model.config
    bins = int(getattr(config, "num_mel_bins", None) or getattr(config, "input_feat_per_channel", None) or 80)
    if (positions := getattr(config, "max_source_positions", None)) and config.model_type == "whisper":
        return 1, bins, 2 * int(positions)
    bins = int(getattr(config, "feature_projection_input_dim", None) or bins)
    return 1, SOUND_FRAMES, bins


def values_shape(config: Any) -> tuple[int, ...]:
    """Say what shape of sound a model hears: bare samples, or frames of mel bins.

    Shape   (1, sample) or (1, frame, bin).
    """
    if (frames := getattr(config, "max_length", None)) and (bins := getattr(config, "num_mel_bins", None)):
        return 1, int(frames), int(bins)
    step = 1
    for stride in getattr(config, "conv_stride", None) or ():
        step *= int(stride)
    return 1, step * (SOUND_FRAMES + 1)


def _pictures(config: Any) -> Any:
    for name in ("vision_config", "encoder", "backbone_config"):
        own = getattr(config, name, None)
        if own is not None and not isinstance(own, dict) and hasattr(own, "image_size"):
            return own
    return config


def _fitted(tensor: Tensor, model: PreTrainedModel) -> Tensor:
    return tensor.to(model.device, model.dtype if tensor.is_floating_point() else tensor.dtype)
