"""One row of every head of a record of a picture, for a page whose heads are too large to travel whole.

A layer may have a grid of its own: a place is carried from grid to grid by where it lies in the picture, as
`carried` of attnviz/components/common/patches.js does it.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np

from attnviz.axes import Axis, Patches, Span
from attnviz.errors import LinkError
from attnviz.record import AnyLayer, AttentionRecord
from attnviz.record.any_layer import blocks
from attnviz.service.pyramid import root_bytes

Direction = Literal["reads", "read"]


def rows_of(
    record: AttentionRecord,
    stack: str,
    direction: Direction,
    layer: int,
    corners: tuple[int, int] | None,
    check: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Give what some positions read in every head of a stack, the mean of their rows, or who reads them, the sum.

    `corners` are two positions of `layer`, the region between which is asked about; None asks about all. `check` is
    called for every head, and may raise to end the work.

    Shape   every head of every layer one after the other, each as long as the keys of its layer, or as its queries.
    Unit    255·√weight, uint8.
    Raises  LinkError    when there is no such position.
            RecordError  when there is no such layer.
    """
    own = _own(record.layer(stack, layer), direction)
    asked = range(len(own)) if corners is None else region(own, *corners)
    found = []
    for each in record.layers[stack]:
        positions = carried(own, asked, _own(each, direction))
        for head in range(each.heads):
            check()
            found.append(_row(each, head, positions) if direction == "reads" else _column(each, head, positions))
    return root_bytes(np.concatenate(found).clip(0, 1))


def pairs_of(record: AttentionRecord, stack: str, direction: Direction, corners: tuple[int, int] | None) -> int:
    """Say how many pairs are to be weighed at most for such rows."""
    layers = record.layers[stack]
    every = direction == "read" or corners is None or corners[0] != corners[1]
    return sum(layer.heads * len(layer.keys) * (len(layer.queries) if every else 1) for layer in layers)


def region(axis: Axis, query: int, corner: int) -> list[int]:
    """Name the positions of the rectangle that two patches span; the first alone where either is no patch.

    Raises  LinkError  when there is no such position.
    """
    for position in (query, corner):
        if not 0 <= position < len(axis):
            raise LinkError(
                "Positions are 0 to {last}; {position} was asked for.", last=len(axis) - 1, position=position
            )
    if not isinstance(axis, Patches) or axis.cells[query] is None or axis.cells[corner] is None:
        return [query]
    (top, left), (bottom, right) = (divmod(int(axis.cells[each] or 0), axis.grid[1]) for each in (query, corner))
    rows, cols = sorted((top, bottom)), sorted((left, right))
    at = _positions(axis)
    cells = (row * axis.grid[1] + col for row in range(rows[0], rows[1] + 1) for col in range(cols[0], cols[1] + 1))
    return sorted(at[cell] for cell in cells if cell in at)


def carried(origin: Axis, positions: Sequence[int], to: Axis) -> list[int]:
    """Find the positions of another axis that lie in the picture where some of this one do; tokens by their names."""
    if origin is to or origin == to:
        return list(positions)
    found: set[int] = set()
    at = _positions(to)
    for position in positions:
        box = origin.box(position) if isinstance(origin, Patches) else None
        if box is None:
            found |= {other for other in range(len(to)) if to[other] == origin[position] and other not in at.values()}
        elif isinstance(to, Patches):
            top, left, bottom, right = box
            rows = _cells_between(top, bottom, to.patch[0], to.grid[0])
            cols = _cells_between(left, right, to.patch[1], to.grid[1])
            cells = (row * to.grid[1] + col for row in range(*rows) for col in range(*cols))
            found |= {at[cell] for cell in cells if cell in at}
    return sorted(found)


def _own(layer: AnyLayer, direction: Direction) -> Axis:
    return layer.queries if direction == "reads" else layer.keys


def _positions(axis: Axis) -> dict[int, int]:
    """Where each cell stands in the sequence."""
    cells = axis.cells if isinstance(axis, Patches) else ()
    return {cell: position for position, cell in enumerate(cells) if cell is not None}


def _cells_between(start: float, stop: float, size: float, count: int) -> Span:
    """The cells of a side whose middles lie from one place up to another, or the one that holds the middle of both."""
    first, end = max(0, math.ceil(start / size - 0.5)), min(count, math.ceil(stop / size - 0.5))
    if first < end:
        return first, end
    middle = min(count - 1, max(0, math.floor((start + stop) / 2 / size)))
    return middle, middle + 1


def _row(layer: AnyLayer, head: int, positions: Sequence[int]) -> np.ndarray:
    """The mean of some rows; nothing where there are none."""
    total, width = np.zeros(len(layer.keys), np.float64), len(layer.keys)
    for start, stop in _runs(positions):
        for top, bottom in blocks(start, stop, width):
            total += layer.part(head, top, bottom, 0, width).sum(axis=0, dtype=np.float64)
    return total / max(1, len(positions))


def _column(layer: AnyLayer, head: int, positions: Sequence[int]) -> np.ndarray:
    """The sum of some columns."""
    found = np.zeros(len(layer.queries), np.float64)
    if positions:
        left, right = positions[0], positions[-1] + 1
        chosen = np.asarray(positions) - left
        for top, bottom in blocks(0, len(layer.queries), right - left):
            found[top:bottom] = layer.part(head, top, bottom, left, right)[:, chosen].sum(axis=1, dtype=np.float64)
    return found


def _runs(positions: Sequence[int]) -> Iterator[Span]:
    """Neighbouring positions, half-open."""
    start = 0
    for place in range(1, len(positions) + 1):
        if place == len(positions) or positions[place] != positions[place - 1] + 1:
            yield positions[start], positions[place - 1] + 1
            start = place
