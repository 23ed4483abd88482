"""Grids of patches, and what a layout of one must be told."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from attnviz.axes import ImageGeometry, Patches, Sides, Size

CLASS = "[CLS]"


@dataclass(frozen=True)
class Known:
    """What a layout has to be told of one pass, beside the configuration; None where the configuration says it all.

    Shape   padded: how many patches the tensor holds, those that pad it included; order: for each patch token its cell,
            where the model itself chooses or shuffles them; blocks: for each layer (window, shift); grid: (rows, cols).
    """

    padded: int | None = None
    order: tuple[int, ...] | None = None
    blocks: tuple[tuple[int, int], ...] | None = None
    grid: Size | None = None


Stacks = Mapping[str, tuple[Sides, ...]]
Layout = Callable[[Any, ImageGeometry, Known], Stacks]


def pair(value: int | Iterable[int]) -> Size:
    """Read a size that a configuration gives as one number or as (height, width)."""
    if isinstance(value, int):
        return value, value
    height, width = value
    return int(height), int(width)


def whole(size: Size, patch: Size) -> Size:
    """Count the whole patches in a picture; what is left over at the right and the bottom is not seen.

    Unit    size, patch: pixels; result: (rows, cols).
    """
    return size[0] // patch[0], size[1] // patch[1]


def cell_label(cell: int, grid: Size) -> str:
    """Name a cell by its row and column, from 0."""
    row, col = divmod(cell, grid[1])
    return f"r{row} c{col}"


def patches(
    geometry: ImageGeometry,
    grid: Size,
    patch: tuple[float, float],
    *,
    before: Iterable[str] = (),
    cells: Iterable[int] | None = None,
    after: Iterable[str] = (),
) -> Patches:
    """Name the cells of a grid, row by row unless their order is given, and the tokens before and after them."""
    ahead, behind = tuple(before), tuple(after)
    inner = tuple(range(grid[0] * grid[1]) if cells is None else cells)
    names = {cell: cell_label(cell, grid) for cell in set(inner)}
    labels = (*ahead, *(names[cell] for cell in inner), *behind)
    return Patches(geometry, grid, patch, labels, ((None,) * len(ahead)) + inner + ((None,) * len(behind)))


def numbered(name: str, count: int) -> tuple[str, ...]:
    """Name tokens of one kind, counted from 0."""
    return tuple(f"[{name} {index}]" for index in range(count))


def depth(config: Any) -> int:
    """Read how many layers a tower has."""
    return int(config.num_hidden_layers if hasattr(config, "num_hidden_layers") else config.depth)
