"""Noise in the shape of what a model sees and hears: the forms in which pictures and sounds come to models.

A model's signature names what it takes, not in which shape. So each kind of input has several forms here, those that
fit the names in the signature, the likeliest first; whoever asks tries them in order.
"""

from collections.abc import Collection, Iterator
from typing import Any

import torch
from torch import Tensor

SOUND_FRAMES = 40
LONG_SOUND_FRAMES = 128
SAMPLES = 4_000
FRAMES_OF_VIDEO = 2
MOST_TILES = 5
SIDE = 64  # of a picture, where nothing is said

Form = dict[str, Tensor]


def noise(*shape: int) -> Tensor:
    """Draw numbers, the same at every call.

    Shape   as asked for.
    """
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def pictures(config: Any, asked: Collection[str]) -> Iterator[Form]:
    """Make a picture in each form that a model may take it.

    Shape   one picture alone, in each.
    """
    own = part_that_sees(config)
    yield from _in_patches(own, asked)
    if "aspect_ratio_ids" in asked:
        yield _tiles_of_shapes(own, asked)
    if "pixel_values" in asked:
        yield from _plain(own, asked)
    if "image" in asked:
        yield {"image": noise(1, channels(own), *sides(own))}
    if "pixel_values_videos" in asked:
        yield {"pixel_values_videos": _video(own)}


def _in_patches(own: Any, asked: Collection[str]) -> Iterator[Form]:
    """Make a picture that is cut into patches before the model sees it, with where each patch is."""
    if grid := next((name for name in ("image_grid_thw", "grid_thw", "image_grid_hws") if name in asked), None):
        yield from _rows_of_patches(own, grid, asked)
    if "spatial_shapes" in asked:
        yield _any_shape(own)
    if placed := next((name for name in ("image_position_ids", "pixel_position_ids") if name in asked), None):
        yield _placed_patches(own, placed)
    if "flattened_patches" in asked:
        yield {"flattened_patches": _numbered_patches(own), "attention_mask": torch.ones(1, 12)}


def sounds(model: Any, asked: Collection[str]) -> Iterator[Form]:
    """Make a sound in each form that a model may take it: bare samples, or frames of mel bins, either way round.

    Shape   one sound alone, in each.
    """
    config = model.config
    if "input_values" in asked:
        yield {"input_values": noise(*values_shape(config))}
        yield {"input_values": noise(1, 1, 8 * SAMPLES)}
        yield {"input_values": noise(1, 16 * SAMPLES)}
    named = next((name for name in ("input_features", "audio_mel") if name in asked), None)
    if named is None:
        return
    for shape in dict.fromkeys(_spectrograms(config)):
        frames = shape[2] if shape[1] == _bins(config) else shape[1]
        heard = _heard(asked, frames)
        yield {named: noise(*shape)} | heard
        if heard:
            yield {named: noise(*shape)} | {name: mask.bool() for name, mask in heard.items()}
    yield {named: noise(1, 1, LONG_SOUND_FRAMES, _bins(config))} | _heard(asked, LONG_SOUND_FRAMES)


def part_that_sees(config: Any) -> Any:
    """Find the part of a configuration that tells of pictures."""
    for name in ("vision_config", "image_config", "vit_config", "encoder", "backbone_config", "vision_encoder_config"):
        own = getattr(config, name, None)
        if own is not None and not isinstance(own, dict) and any(hasattr(own, told) for told in _TELLS):
            return own
    within = getattr(config, "thinker_config", None) or getattr(config, "vlm_config", None)
    return part_that_sees(within) if within is not None else config


_TELLS = ("image_size", "patch_size", "spatial_merge_size")


def picture_shape(config: Any) -> tuple[int, int, int, int]:
    """Say what shape of picture a model reads.

    Shape   (1, channel, height, width).
    """
    own = part_that_sees(config)
    return 1, channels(own), *sides(own)


def sides(own: Any) -> tuple[int, int]:
    """Say how high and how wide a picture is.

    Unit    pixels.
    """
    told = getattr(own, "image_size", None) or getattr(own, "img_size", None)
    if told is None:
        patch = _patch(own)
        return (4 * patch, 6 * patch) if patch > 4 else (SIDE, SIDE)
    if isinstance(told, dict):
        told = (told["height"], told["width"])
    height, width = (told, told) if isinstance(told, int) else tuple(told)[-2:] if len(told) > 1 else 2 * tuple(told)
    return int(height), int(width)


def channels(own: Any) -> int:
    """Say of how many colours a picture is."""
    named = ("num_channels", "in_channels", "num_image_channels", "in_chans", "image_channels")
    told = (getattr(own, name, None) for name in named)
    return next((int(each) for each in told if isinstance(each, int) and each), 3)


def features_shape(config: Any) -> tuple[int, int, int]:
    """Say what shape of spectrogram a model hears: (1, bin, frame) where a convolution runs along time first.

    Shape   (1, bin, frame) or (1, frame, bin).
    """
    if (positions := getattr(config, "max_source_positions", None)) and config.model_type == "whisper":
        return 1, _bins(config), 2 * int(positions)
    return 1, SOUND_FRAMES, _bins(config)


def values_shape(config: Any) -> tuple[int, ...]:
    """Say what shape of sound a model hears: bare samples, or frames of mel bins.

    Shape   (1, sample) or (1, frame, bin).
    """
    if (frames := getattr(config, "max_length", None)) and (bins := getattr(config, "num_mel_bins", None)):
        return 1, int(frames), int(bins)
    step = 1
    for stride in getattr(getattr(config, "encoder", config), "conv_stride", None) or ():
        step *= int(stride)
    return 1, step * (SOUND_FRAMES + 1)


def _rows_of_patches(own: Any, grid: str, asked: Collection[str]) -> Iterator[Form]:
    """Cut a picture into patches, one row each, with the grid they came from, as Qwen2-VL does."""
    merge = _first(getattr(own, "spatial_merge_size", None) or getattr(own, "merge_kernel_size", None) or 2)
    rows, cols = 2 * merge, 3 * merge
    whole = torch.tensor([[rows, cols]] if grid == "image_grid_hws" else [[1, rows, cols]])
    more = {name: torch.tensor([merge]) for name in ("image_merge_sizes", "merge_sizes") if name in asked}
    named = "pixel_values" if "pixel_values" in asked else "hidden_states"
    flat = channels(own) * _patch(own) ** 2
    times = dict.fromkeys((_first(getattr(own, "temporal_patch_size", None) or 1), 1, 2))
    cut = (rows * cols, channels(own), _patch(own), _patch(own))
    for shape in [*((rows * cols, time * flat) for time in times), cut, (1, *cut)]:
        yield {named: noise(*shape), grid: whole, **more}


def _any_shape(own: Any) -> Form:
    """Give patches of a picture of any shape, some of them padding, as SigLIP 2 does."""
    rows, cols, spare = 3, 4, 2
    seen = torch.tensor([[1] * (rows * cols) + [0] * spare])
    patches = noise(1, rows * cols + spare, channels(own) * _patch(own) ** 2)
    return {"pixel_values": patches, "pixel_attention_mask": seen, "spatial_shapes": torch.tensor([[rows, cols]])}


def _placed_patches(own: Any, placed: str) -> Form:
    """Give patches, each with its column and row, as Gemma 4 does."""
    pool = int(getattr(own, "pooling_kernel_size", None) or 1)
    rows, cols = 2 * pool, 3 * pool
    where = torch.tensor([[[col, row] for row in range(rows) for col in range(cols)]])
    return {"pixel_values": noise(1, rows * cols, channels(own) * _patch(own) ** 2).abs(), placed: where}


def _tiles_of_shapes(own: Any, asked: Collection[str]) -> Form:
    """Give a picture in tiles, with the number of the shape they form, as Llama 3.2 Vision does."""
    tiles = int(getattr(own, "max_num_tiles", None) or 1)
    ids, seen = torch.ones(1, 1, dtype=torch.long), torch.ones(1, 1, tiles, dtype=torch.long)
    return {"pixel_values": noise(1, 1, tiles, channels(own), *sides(own)), "aspect_ratio_ids": ids} | (
        {"aspect_ratio_mask": seen} if "aspect_ratio_mask" in asked else {}
    )


def _plain(own: Any, asked: Collection[str]) -> Iterator[Form]:
    """Give one picture, or several: tiles of one, or frames of a video."""
    frames = int(getattr(own, "num_frames", None) or 0)
    if frames:
        yield {"pixel_values": noise(1, frames, channels(own), *sides(own))}
    whole = {"image_sizes": torch.tensor([sides(own)])} if "image_sizes" in asked else {}
    high = {"high_res_pixel_values": noise(1, 3, 1024, 1024)} if "high_res_pixel_values" in asked else {}
    plain = {"pixel_values": noise(1, channels(own), *sides(own))} | high
    yield plain
    yield from [plain | whole] if whole else []
    for count in range(1, MOST_TILES + 1):
        tiles = {"pixel_values": noise(1, count, channels(own), *sides(own))} | whole
        yield tiles
        if "pixel_attention_mask" in asked:
            yield tiles | {"pixel_attention_mask": torch.ones(1, count, *sides(own), dtype=torch.bool)}
    yield {"pixel_values": noise(1, 12, channels(own) * _patch(own) ** 2)}


def _video(own: Any) -> Tensor:
    """Give the frames of a video.

    Shape   (1, frame, channel, height, width).
    """
    frames = int(getattr(own, "num_frames", None) or getattr(own, "frames_per_clip", None) or FRAMES_OF_VIDEO)
    return noise(1, frames, channels(own), *sides(own))


def _numbered_patches(own: Any) -> Tensor:
    """Give patches, each after its row and column, as Pix2Struct does.

    Shape   (1, patch, 2 + pixel).
    """
    where = torch.tensor([[row + 1.0, col + 1.0] for row in range(3) for col in range(4)])[None]
    return torch.cat([where, noise(1, 12, channels(own) * _patch(own) ** 2)], dim=2)


def _spectrograms(config: Any) -> Iterator[tuple[int, int, int]]:
    yield features_shape(config)
    bins = _bins(config)
    heard = part_that_hears(config)
    if positions := getattr(heard, "max_source_positions", None):
        yield 1, bins, 2 * int(positions)
    for frames in (SOUND_FRAMES, LONG_SOUND_FRAMES, 3_000):
        yield 1, frames, bins
        yield 1, bins, frames


def part_that_hears(config: Any) -> Any:
    """Find the part of a configuration that tells of sounds."""
    for name in ("audio_config", "encoder_config", "speech_config", "audio_encoder_config", "encoder"):
        own = getattr(config, name, None)
        if own is not None and not isinstance(own, dict):
            return own
    thinker = getattr(config, "thinker_config", None)
    return part_that_hears(thinker) if thinker is not None else config


def _bins(config: Any) -> int:
    heard = part_that_hears(config)
    named = (
        "feature_projection_input_dim",
        "input_size",
        "num_mel_bins",
        "input_feat_per_channel",
        "input_feat_size",
        "input_dim",
        "feature_size",
        "n_mels",
        "mel_bins",
    )
    told = (getattr(part, name, None) for part in (heard, config) for name in named)
    return next((int(each) for each in told if isinstance(each, int) and each), 80)


def _heard(asked: Collection[str], frames: int) -> Form:
    named = ("input_features_mask", "feature_attention_mask", "audio_mel_mask")
    every = torch.ones(1, frames, dtype=torch.long)
    masks: Form = {name: every for name in named if name in asked}
    for name in ("feature_lens", "audio_feature_lengths"):
        if name in asked:
            masks[name] = torch.tensor([frames])
    return masks


def _patch(own: Any) -> int:
    return _first(getattr(own, "patch_size", None) or 16)


def _first(told: Any) -> int:
    return int(told[0]) if isinstance(told, list | tuple) else int(told)
