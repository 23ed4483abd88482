"""Towers that attend in windows: Swin and its relatives, and Qwen2.5-VL's."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from attnviz.axes import ImageGeometry, Sides, Size, Windows
from attnviz.errors import InputError
from attnviz.families.grids.blocks import block_order
from attnviz.families.grids.grid import Known, Stacks, depth, pair, patches, whole

Block = tuple[int, int]  # window, shift


def swin(config: Any, geometry: ImageGeometry, known: Known) -> Stacks:
    """Lay out Swin: each stage has a grid of its own, and every second layer shifts its windows by half of one.

    `known.blocks` says how large the windows of this very model are and how far they are shifted; a model that once saw
    a small picture keeps what that made of it. Without it they are those of a new model.

    Raises  InputError  when the picture is too small for the windows.
    Source  Liu et al. 2021, arXiv:2103.14030, §3.2.
    """
    check_swin(config, geometry.seen)
    return {"self": tuple(_swin_layers(config, geometry, known.blocks or tuple(new_blocks(config))))}


def check_swin(config: Any, seen: Size) -> None:
    """Refuse a picture for which Swin would shrink its windows: it raises then, and keeps them so for all that follow.

    Raises  InputError  with the smallest side that the model takes.
    """
    window = _window(config)
    if config.model_type == "swinv2" or all(min(grid) >= window for grid in stage_grids(config, seen)):
        return
    patch = pair(config.patch_size)
    stride = 2 ** (len(config.depths) - 1)
    raise InputError(
        "The picture reaches the model as {seen} pixels (height, width), and {model_type} with windows of {window} "
        "patches reads {least} or more a side. Set its image processor to a larger size, or choose another model.",
        seen=seen,
        model_type=config.model_type,
        window=window,
        least=(window - 1) * stride * max(patch) + 1,
    )


def stage_grids(config: Any, seen: Size) -> list[Size]:
    """Give the grid of each stage: whole patches, a part of one counting as one, then halved and rounded up.

    Unit    seen: pixels; result: (rows, cols).
    """
    patch = pair(config.patch_size)
    grids = [(-(-seen[0] // patch[0]), -(-seen[1] // patch[1]))]
    for _ in config.depths[1:]:
        grids.append((-(-grids[-1][0] // 2), -(-grids[-1][1] // 2)))
    return grids


def new_blocks(config: Any) -> Iterator[Block]:
    """Give the window and the shift of each layer of a model that has seen no picture."""
    window = _window(config)
    first = whole(pair(config.image_size), pair(config.patch_size))
    for stage, layers in enumerate(config.depths):
        for layer in range(layers):
            shift = window // 2 if layer % 2 else 0
            if config.model_type == "swinv2":  # fits its windows to the size it was made for, once
                bound = (first[0] // 2**stage, first[1] // 2**stage)
                yield min(bound[0], window), 0 if bound[0] <= window else shift
            else:
                yield window, shift


def blocks_of(modules: Iterable[Any]) -> tuple[Block, ...]:
    """Read the window and the shift of each layer off a model's own modules, in their order."""
    layers = [module for module in modules if type(module).__name__.endswith(("SwinLayer", "Swinv2Layer"))]
    return tuple((int(layer.window_size), int(layer.shift_size)) for layer in layers)


def _window(config: Any) -> int:
    return int(config.window_size)


def _swin_layers(config: Any, geometry: ImageGeometry, blocks: Sequence[Block]) -> Iterator[Sides]:
    patch, remaining = pair(config.patch_size), iter(blocks)
    for stage, (grid, layers) in enumerate(zip(stage_grids(config, geometry.seen), config.depths, strict=True)):
        axis = patches(geometry, grid, (patch[0] * 2**stage, patch[1] * 2**stage))
        for _ in range(layers):
            window, shift = next(remaining)
            if config.model_type != "swinv2" and min(grid) <= window:
                shift = 0
            yield Sides(axis, axis, shifted(grid, window, shift))


@lru_cache(maxsize=64)
def shifted(grid: Size, window: int, shift: int) -> Windows:
    """Say which cell lies in each slot of each window, when the grid is padded to whole windows and rolled by a shift.

    Unit    grid: (rows, cols); window, shift: cells.
    """
    padded = (-(-grid[0] // window) * window, -(-grid[1] // window) * window)
    cells = np.full(padded, -1)
    cells[: grid[0], : grid[1]] = np.arange(grid[0] * grid[1]).reshape(grid)
    rolled = np.roll(cells, (-shift, -shift), (0, 1))
    parts = rolled.reshape(padded[0] // window, window, padded[1] // window, window).transpose(0, 2, 1, 3)
    slots = parts.reshape(-1, window * window).tolist()
    return Windows(tuple(tuple(None if cell < 0 else cell for cell in row) for row in slots))


def qwen2_5_vision(config: Any, geometry: ImageGeometry, known: Known) -> Stacks:
    """Lay out Qwen2.5-VL's tower: blocks of patches sorted by window; some layers attend to all, the others in windows.

    Source  Bai et al. 2025, arXiv:2502.13923, §2.1.1.
    """
    patch, merge = pair(config.patch_size), int(config.spatial_merge_size)
    grid = whole(geometry.seen, patch)
    cells, sizes = _sorted_by_window(grid, merge, config.window_size // merge // patch[0])
    axis = patches(geometry, grid, patch, cells=cells)
    ends = np.cumsum(sizes).tolist()
    windows = Windows(tuple(tuple(range(end - size, end)) for end, size in zip(ends, sizes, strict=True)))
    layers = range(depth(config))
    return {"self": tuple(Sides(axis, axis, None if at in config.fullatt_block_indexes else windows) for at in layers)}


def _sorted_by_window(grid: Size, merge: int, window: int) -> tuple[list[int], list[int]]:
    """Order the cells by window, then block, then place in the block; say how many cells each window holds."""
    blocks = block_order(grid, merge).reshape(grid[0] // merge, grid[1] // merge, merge * merge)
    parts = [
        blocks[row : row + window, col : col + window].ravel()
        for row in range(0, blocks.shape[0], window)
        for col in range(0, blocks.shape[1], window)
    ]
    return np.concatenate(parts).tolist(), [len(part) for part in parts]
