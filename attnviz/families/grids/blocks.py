"""Patches in blocks: towers that read them block by block, and language models that read one token of each block."""

from typing import Any

import numpy as np

from attnviz.axes import ImageGeometry, Patches, Sides, Size
from attnviz.errors import ModelError
from attnviz.families.grids.grid import CLASS, Known, Stacks, depth, pair, patches, whole


def block_order(grid: Size, side: int) -> np.ndarray:
    """Give the cells of a grid block by block, row by row within each.

    Shape   (cell,), int.
    """
    cells = np.arange(grid[0] * grid[1]).reshape(grid[0] // side, side, grid[1] // side, side)
    return cells.transpose(0, 2, 1, 3).ravel()


def qwen2_vision(config: Any, geometry: ImageGeometry, known: Known) -> Stacks:
    """Lay out Qwen2-VL's tower, whose patches come in the blocks that later become one token each.

    Source  Wang et al. 2024, arXiv:2409.12191, §2.1.
    """
    patch = pair(config.patch_size)
    grid = whole(geometry.seen, patch)
    cells = block_order(grid, config.spatial_merge_size).tolist()
    axis = patches(geometry, grid, patch, cells=cells)
    return {"self": (Sides(axis, axis),) * depth(config)}


def read_by_words(config: Any, geometry: ImageGeometry) -> Patches:
    """Name the tokens that a language model reads of one picture, or of one tile: a patch each, or a block of patches.

    Raises  ModelError  when nobody knows how this type of model makes tokens of patches.
    """
    side = _block_side(config, geometry)
    patch = pair(config.vision_config.patch_size)
    grid = whole(geometry.seen, patch)
    before = (CLASS,) if getattr(config, "vision_feature_select_strategy", None) == "full" else ()
    return patches(geometry, (grid[0] // side, grid[1] // side), (patch[0] * side, patch[1] * side), before=before)


def _block_side(config: Any, geometry: ImageGeometry) -> int:
    kind = config.model_type
    if kind in ("llava", "vipllava", "paligemma"):
        return 1
    if kind in ("idefics3", "smolvlm"):
        return int(config.scale_factor)
    if kind.startswith(("qwen2_vl", "qwen2_5_vl")):
        return int(config.vision_config.spatial_merge_size)
    if kind == "gemma3":  # as its own projector: so many tokens a side, each the mean of a square
        rows, cols = whole(geometry.seen, pair(config.vision_config.patch_size))
        return next(
            side for side in range(1, rows + 1) if (rows // side) * (cols // side) == config.mm_tokens_per_image
        )
    raise ModelError(
        "attnviz does not know how models of type {model_type!r} make words of patches. Choose another model.",
        model_type=kind,
    )
