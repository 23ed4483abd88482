"""What one patch, or a region of them, reads in a picture, and who reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from attnviz.axes import Axis, Patches
from attnviz.errors import MeasureError
from attnviz.families.grids.grid import CLASS
from attnviz.measures.axes import patch_centres
from attnviz.measures.entropy import entropy_bits
from attnviz.measures.heads import Fuse, check_fuse
from attnviz.measures.reading import TopKey
from attnviz.record import PADDING, SINK, AnyLayer, AttentionMap

Kind = Literal[
    "class", "distillation", "register", "detection", "padding", "sink", "other", "itself", "neighbours", "rest"
]
KINDS: tuple[Kind, ...] = (
    "class",
    "distillation",
    "register",
    "detection",
    "padding",
    "sink",
    "other",
    "itself",
    "neighbours",
    "rest",
)
BESIDE: tuple[tuple[str, Kind], ...] = (  # how the label of a token that is no patch begins
    (CLASS, "class"),
    ("[DIST]", "distillation"),
    ("[REG ", "register"),
    ("[DET ", "detection"),
    ("[PAD ", "padding"),
    (PADDING, "padding"),
    (SINK, "sink"),
)


@dataclass(frozen=True, eq=False)
class PatchRow:
    """What some queries give to each key: one row, or the mean of several.

    Shape   weights (key,), float32; asked: positions on the axis of queries.
    Unit    fraction of a row; it sums to 1, as the mean of rows that do.
    Raises  MeasureError  when no query is asked, or one that there is not.
    """

    weights: np.ndarray
    asked: tuple[int, ...]
    queries: Axis
    keys: Axis

    def __post_init__(self) -> None:
        check_positions(self.asked, len(self.queries), "queries")


@dataclass(frozen=True)
class PatchShare:
    """One part of a row's budget."""

    kind: Kind
    share: float


@dataclass(frozen=True)
class PatchReading:
    """Where the attention of a patch, or of a region, goes.

    Unit    shares and weights: fraction of the row. Entropy: bits, of the most that this many keys allow. pixels: the
            mean distance of what goes to patches, from the middle of the region's patch that lies nearest; None where
            nothing goes to a patch, or no patch asks.
    """

    asked: tuple[int, ...]
    budget: tuple[PatchShare, ...]
    top: tuple[TopKey, ...]
    entropy_bits: float
    most_bits: float
    pixels: float | None


def patch_row(attention: AttentionMap, asked: Sequence[int]) -> PatchRow:
    """Take the row of one query of a map, or the mean of the rows of a region, each counting alike.

    Raises  MeasureError  when no query is asked, or one that there is not.
    """
    check_positions(asked, len(attention.queries), "queries")
    row = attention.weights[list(asked)].mean(axis=0)
    return PatchRow(row, tuple(asked), attention.queries, attention.keys)


def patch_row_of(layer: AnyLayer, heads: Sequence[int], asked: Sequence[int], fuse: Fuse = "mean") -> PatchRow:
    """Take such a row of some heads of a layer, at the cost of those rows alone; greatest and smallest are scaled to 1.

    Raises  MeasureError  when no head or query is asked, or one that there is not, or heads are not fused so.
    """
    check_positions(heads, layer.heads, "heads")
    check_positions(asked, len(layer.queries), "queries")
    check_fuse(fuse)
    rows = np.stack([np.mean([layer.row(head, query) for query in asked], axis=0) for head in heads])
    row: np.ndarray = getattr(rows, fuse)(axis=0)
    return PatchRow(row / row.sum(dtype=np.float64).astype(np.float32), tuple(asked), layer.queries, layer.keys)


def patch_readers(attention: AttentionMap, read: Sequence[int]) -> np.ndarray:
    """Say what each query gives to one key, or to all of a region together.

    Shape   (query,), float32.
    Unit    fraction of each query's own row: these do not sum to 1.
    Raises  MeasureError  when no key is asked for, or one that there is not.
    """
    check_positions(read, len(attention.keys), "keys")
    return attention.weights[:, sorted(set(read))].sum(axis=1)


def patch_order(row: PatchRow) -> tuple[int, ...]:
    """Sort the patches of a row, what is read most first; of equals the first.

    Raises  MeasureError  when the keys are no patches.
    """
    keys = _patches(row.keys)
    order = np.argsort(-row.weights, kind="stable")
    return tuple(int(position) for position in order if keys.cells[int(position)] is not None)


def patch_reading(row: PatchRow, top: int = 5, reachable: int | None = None) -> PatchReading:
    """Divide what a patch gives among the tokens beside the grid, itself, its 8 neighbours and the rest.

    Every key is counted once, a token beside the grid by its own kind even where it is the query. Itself is the key in
    which the middle of the patch lies, whichever grid that belongs to; a region's are all of its patches, and its
    neighbours those around it.

    Shape   the budget has the parts of KINDS in that order; `top` holds at most so many patches, the greatest first.
    Unit    fraction of a row; the budget sums to 1. The most bits are those of a row spread evenly over its `reachable`
            keys; without it, over the keys whose weight is above 0.
    Raises  MeasureError  when the keys are no patches.
    """
    keys = _patches(row.keys)
    parts = _parts(row, keys)
    order = patch_order(row)[:top]
    return PatchReading(
        asked=row.asked,
        budget=tuple(
            PatchShare(kind, float(row.weights[parts == number].sum(dtype=np.float64)))
            for number, kind in enumerate(KINDS)
        ),
        top=tuple(TopKey(position, keys[position], float(row.weights[position])) for position in order),
        entropy_bits=float(entropy_bits(row.weights)),
        most_bits=float(np.log2(reachable or np.count_nonzero(row.weights))),
        pixels=_pixels(row, keys),
    )


def check_positions(asked: Sequence[int], count: int, side: str) -> None:
    """Refuse none at all, and positions that there are not.

    Raises  MeasureError  with those that there are.
    """
    if not asked or min(asked) < 0 or max(asked) >= count:
        raise MeasureError(
            "The {side} are 0 to {last}; {asked} was asked for. Ask for at least one of these.",
            side=side,
            last=count - 1,
            asked=", ".join(map(str, asked)) or "none",
        )


def _patches(axis: Axis) -> Patches:
    if not isinstance(axis, Patches):
        raise MeasureError(
            "The keys are {kind} and no patches of a picture. Choose a stack that reads a picture.",
            kind=type(axis).__name__,
        )
    return axis


def _parts(row: PatchRow, keys: Patches) -> np.ndarray:
    """Say which part of the budget each key belongs to, as an index into KINDS."""
    own = _cells(row, keys)
    around = {
        (line + down, col + across)
        for line, col in (divmod(cell, keys.grid[1]) for cell in own)
        for down in (-1, 0, 1)
        for across in (-1, 0, 1)
    }
    kinds: list[Kind] = []
    for label, cell in zip(keys.labels, keys.cells, strict=True):
        if cell is None:
            kinds.append(next((kind for start, kind in BESIDE if label.startswith(start)), "other"))
        elif cell in own:
            kinds.append("itself")
        else:
            kinds.append("neighbours" if divmod(cell, keys.grid[1]) in around else "rest")
    return np.array([KINDS.index(kind) for kind in kinds])


def _cells(row: PatchRow, keys: Patches) -> set[int]:
    """Find the cells of the keys in which the patches that ask have their middle."""
    if not isinstance(row.queries, Patches):
        return set()
    middles = patch_centres(row.queries)[list(row.asked)]
    places = (middles[~np.isnan(middles[:, 0])] // np.array(keys.patch)).astype(int)
    return {int(line * keys.grid[1] + col) for line, col in places if line < keys.grid[0] and col < keys.grid[1]}


def _pixels(row: PatchRow, keys: Patches) -> float | None:
    if not isinstance(row.queries, Patches):
        return None
    asks, read = patch_centres(row.queries)[list(row.asked)], patch_centres(keys)
    asks, placed = asks[~np.isnan(asks[:, 0])], ~np.isnan(read[:, 0])
    weights = row.weights[placed].astype(np.float64)
    if not len(asks) or not weights.sum():
        return None
    nearest = np.full(len(weights), np.inf)
    for middle in asks:
        nearest = np.minimum(nearest, np.linalg.norm(read[placed] - middle, axis=1))
    return float(weights @ nearest / weights.sum())
