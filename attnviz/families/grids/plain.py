"""Towers in which every layer reads one sequence: tokens of their own, the patches row by row, tokens of their own."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from attnviz.axes import Axis, ImageGeometry, Joined, Named, Patches, Sides
from attnviz.errors import ModelError, ShapeError
from attnviz.families.grids.grid import CLASS, Known, Layout, Stacks, depth, numbered, pair, patches, whole

Names = Callable[[Any], tuple[str, ...]]

PROBE = "[PROBE]"


def none(config: Any) -> tuple[str, ...]:
    """Patches alone."""
    return ()


def one_class(config: Any) -> tuple[str, ...]:
    """One class token."""
    return (CLASS,)


def class_and_teacher(config: Any) -> tuple[str, ...]:
    """A class token, and one that learned from a teacher."""
    return CLASS, "[DIST]"


def with_registers(config: Any) -> tuple[str, ...]:
    """A class token and registers."""
    return CLASS, *numbered("REG", config.num_register_tokens)


def detections(config: Any) -> tuple[str, ...]:
    """Tokens that become one box each."""
    return numbered("DET", config.num_detection_tokens)


def plain(before: Names = one_class, after: Names = none) -> Layout:
    """Make the layout of a tower of one sequence."""

    def lay(config: Any, geometry: ImageGeometry, known: Known) -> Stacks:
        patch = pair(config.patch_size)
        grid = known.grid or whole(geometry.seen, patch)
        axis = patches(geometry, grid, patch, before=before(config), after=after(config))
        return {"self": (Sides(axis, axis),) * depth(config)}

    return lay


def pooled(lay: Layout) -> Layout:
    """Add the layer in which one learned probe sums up all patches."""

    def with_probe(config: Any, geometry: ImageGeometry, known: Known) -> Stacks:
        stacks = lay(config, geometry, known)
        if not getattr(config, "vision_use_head", True):
            return stacks
        return {**stacks, "pool": (Sides(Named((PROBE,)), stacks["self"][0].queries),)}

    return with_probe


def naflex(config: Any, geometry: ImageGeometry, known: Known) -> Stacks:
    """Lay out patches in the picture's own proportions, and after them padding up to a fixed number."""
    patch = pair(config.patch_size)
    grid = whole(geometry.seen, patch)
    padding = (known.padded or grid[0] * grid[1]) - grid[0] * grid[1]
    axis = patches(geometry, grid, patch, after=numbered("PAD", padding))
    return {"self": (Sides(axis, axis),) * depth(config)}


def masked(config: Any, geometry: ImageGeometry, known: Known) -> Stacks:
    """Lay out a masked autoencoder, which reads some patches only, in the order of random numbers.

    Raises  ModelError  when nobody says which patches; `mae_order` makes them of the numbers.
    """
    if known.order is None:
        raise ModelError(
            "Models of type {model_type!r} read {share:.0%} of the patches, in random order. Give the model its noise "
            "and the layout the order that follows from it.",
            model_type=config.model_type,
            share=1 - config.mask_ratio,
        )
    patch = pair(config.patch_size)
    axis = patches(geometry, whole(geometry.seen, patch), patch, before=(CLASS,), cells=known.order)
    return {"self": (Sides(axis, axis),) * depth(config)}


def mae_order(config: Any, noise: np.ndarray) -> tuple[int, ...]:
    """Say which patches a masked autoencoder reads, given the random numbers it orders them by.

    Shape   noise (patch,); result: cells in the order of their tokens.
    """
    kept = int(len(noise) * (1 - config.mask_ratio))
    return tuple(int(cell) for cell in np.argsort(noise, kind="stable")[:kept])


def vilt_sides(config: Any, geometry: ImageGeometry, text: Axis, patch_index: Sequence[Sequence[int]]) -> Stacks:
    """Lay out words and a picture that one stack reads together, its patches shuffled anew in every pass.

    Shape   patch_index: (row, col) of each patch token, as the model's own `visual_embed` gave it in this pass.
    """
    patch = pair(config.patch_size)
    grid = whole(geometry.seen, patch)
    cells = [int(row) * grid[1] + int(col) for row, col in patch_index]
    axis = Joined((text, patches(geometry, grid, patch, before=(CLASS,), cells=cells)))
    return {"self": (Sides(axis, axis),) * depth(config)}


def left_over(config: Any, geometry: ImageGeometry, sequence: int) -> Patches:
    """Name the positions of a tower of no known type by what is left over: tokens ahead of its patches.

    Raises  ShapeError  when the sequence is shorter than the grid, which is then laid out in some other way.
    """
    patch = pair(config.patch_size)
    grid = whole(geometry.seen, patch)
    count = sequence - grid[0] * grid[1]
    if count < 0:
        raise ShapeError(
            "A sequence of {sequence} is shorter than its grid of {grid} (rows, cols). Give the layout of this model.",
            sequence=sequence,
            grid=grid,
        )
    return patches(geometry, grid, patch, before=(CLASS,) if count == 1 else numbered("EXTRA", count))
