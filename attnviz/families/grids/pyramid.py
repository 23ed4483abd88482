"""Towers that shrink their grid from stage to stage and read a smaller grid still: SegFormer and PVT."""

from collections.abc import Iterator, Sequence
from typing import Any

from attnviz.axes import ImageGeometry, Sides, Size
from attnviz.errors import InputError
from attnviz.families.grids.grid import CLASS, Known, Stacks, pair, patches

POOLED = (7, 7)  # PVTv2 with linear attention averages whatever it has to that grid


def segformer(config: Any, geometry: ImageGeometry, known: Known) -> Stacks:
    """Lay out SegFormer: patches overlap, and a key stands for a square of them.

    A cell is drawn where its decoder puts it, a stride in size; what the cell sees reaches beyond on every side.

    Source  Xie et al. 2021, arXiv:2105.15203, §3.1.
    """
    return {"self": tuple(_stages(config, geometry, _overlapping(config, geometry.seen), config.sr_ratios))}


def pvt(config: Any, geometry: ImageGeometry, known: Known) -> Stacks:
    """Lay out PVT, whose last stage has a class token.

    Raises  InputError  when the picture has another size than the model was made for: PVT as transformers has it stops
            at any other, as it folds its positions by the new size before it stretches them.
    Source  Wang et al. 2021, arXiv:2102.12122, §3.
    """
    if geometry.seen != pair(config.image_size):
        raise InputError(
            "The picture reaches the model as {seen} pixels (height, width), and {model_type} reads {made_for} alone. "
            "Set its image processor to that size, or choose another model.",
            seen=geometry.seen,
            model_type=config.model_type,
            made_for=pair(config.image_size),
        )
    steps = [pair(side) for side in config.patch_sizes]
    kernels = [pair(side) for side in config.strides]  # the two names are exchanged in PVT's configuration
    grids = _shrunk(geometry.seen, kernels, steps, [(0, 0)] * len(steps))
    stages = list(zip(grids, steps, strict=True))
    return {"self": tuple(_stages(config, geometry, stages, config.sequence_reduction_ratios))}


def pvt_v2(config: Any, geometry: ImageGeometry, known: Known) -> Stacks:
    """Lay out PVTv2; its linear attention averages the keys to 7 × 7, in squares that overlap by less than a patch.

    Source  Wang et al. 2022, arXiv:2106.13797, §3.
    """
    ratios = [None] * len(config.depths) if config.linear_attention else config.sr_ratios
    return {"self": tuple(_stages(config, geometry, _overlapping(config, geometry.seen), ratios))}


def _overlapping(config: Any, seen: Size) -> list[tuple[Size, Size]]:
    """Give each stage's grid, and by how much it is coarser than the one before."""
    kernels, steps = [pair(side) for side in config.patch_sizes], [pair(side) for side in config.strides]
    borders = [(kernel[0] // 2, kernel[1] // 2) for kernel in kernels]
    return list(zip(_shrunk(seen, kernels, steps, borders), steps, strict=True))


def _shrunk(size: Size, kernels: Sequence[Size], steps: Sequence[Size], borders: Sequence[Size]) -> Iterator[Size]:
    """Give the grid after each of several convolutions."""
    for kernel, step, border in zip(kernels, steps, borders, strict=True):
        size = (
            (size[0] + 2 * border[0] - kernel[0]) // step[0] + 1,
            (size[1] + 2 * border[1] - kernel[1]) // step[1] + 1,
        )
        yield size


def _stages(
    config: Any, geometry: ImageGeometry, grids: Sequence[tuple[Size, Size]], ratios: Sequence[int | None]
) -> Iterator[Sides]:
    """Name the two sides of every layer: all cells ask, and squares of them, or all, are read."""
    patch = (1, 1)
    for stage, ((grid, step), ratio, layers) in enumerate(zip(grids, ratios, config.depths, strict=True)):
        patch = (patch[0] * step[0], patch[1] * step[1])
        last = stage == len(grids) - 1
        before = (CLASS,) if last and config.model_type == "pvt" else ()
        queries = patches(geometry, grid, patch, before=before)
        keys = queries
        if ratio is None:
            sides = (patch[0] * grid[0] / POOLED[0], patch[1] * grid[1] / POOLED[1])
            keys = patches(geometry, POOLED, sides)
        elif ratio > 1:
            keys = patches(geometry, (grid[0] // ratio, grid[1] // ratio), (patch[0] * ratio, patch[1] * ratio))
        yield from [Sides(queries, keys)] * layers
