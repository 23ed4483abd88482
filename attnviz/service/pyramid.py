"""A long map as a pyramid of tiles: each zoom level is twice as fine as the one before it, and the last one is exact.

A map is never held whole: parts of it are made from the record when they are asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from attnviz.axes import Span
from attnviz.errors import LinkError, MeasureError
from attnviz.measures.average import Pick, heads_of
from attnviz.measures.axes import special_keys
from attnviz.record import AnyLayer, AttentionRecord
from attnviz.record.any_layer import blocks
from attnviz.record.pool import Pooled
from attnviz.share.fields import read_mix

TILE_SIDE = 256  # cells
PASS_LEVEL = 2  # one pass over the whole map leaves the levels up to this one behind

Divide = Literal["nothing", "sum", "most"]  # what each row is divided by: 1, what is left of it, its largest weight


@dataclass(frozen=True)
class Pyramid:
    """The zoom levels of a map: at level 0 all of it is one tile, at the last level each cell is one pair.

    Unit    rows, cols: positions that are shown.
    """

    rows: int
    cols: int

    @property
    def levels(self) -> int:
        """How many levels there are."""
        tiles = -(-max(self.rows, self.cols) // TILE_SIDE)
        return 1 + (tiles - 1).bit_length()

    def side(self, level: int) -> int:
        """Say how many positions a cell of a level covers along each side.

        Raises  LinkError  when there is no such level.
        """
        if not 0 <= level < self.levels:
            raise LinkError("Levels are 0 to {last}; {level} was asked for.", last=self.levels - 1, level=level)
        return int(2 ** (self.levels - 1 - level))

    def spans(self, level: int, row: int, col: int) -> tuple[Span, Span]:
        """Say which queries and keys a tile covers, half-open.

        Raises  LinkError  when there is no such tile.
        """
        pitch = TILE_SIDE * self.side(level)
        if not (0 <= row * pitch < self.rows and 0 <= col * pitch < self.cols):
            raise LinkError("Level {level} has no tile {row}, {col}.", level=level, row=row, col=col)
        return _within(row * pitch, pitch, self.rows), _within(col * pitch, pitch, self.cols)


@dataclass(frozen=True, eq=False)
class Sheet:
    """One map as a visitor looks at it: the heads it is made of, the positions that are shown, what 1 stands for.

    Shape   queries, keys: the positions that are shown, rising; divisors (query,), by which each row is divided.
    Unit    heads: (layer, head, share), the shares summing to 1.
    """

    heads: tuple[tuple[AnyLayer, int, float], ...]
    queries: np.ndarray
    keys: np.ndarray
    divisors: np.ndarray | None = None

    @property
    def pyramid(self) -> Pyramid:
        """The zoom levels of this map."""
        return Pyramid(len(self.queries), len(self.keys))

    def part(self, queries: Span, keys: Span) -> np.ndarray:
        """Make the numbers of some neighbouring rows and columns of those that are shown, anew at every call.

        Shape   (query, key), float32.
        Unit    fraction of a row, divided as the sheet says.
        """
        rows, cols = self.queries[slice(*queries)], self.keys[slice(*keys)]
        (top, bottom), (left, right) = ((int(each[0]), int(each[-1]) + 1) for each in (rows, cols))
        weights = self._mixed(top, bottom, left, right)
        if weights.shape != (len(rows), len(cols)):
            weights = weights[np.ix_(rows - top, cols - left)]
        if self.divisors is not None:
            weights /= self.divisors[slice(*queries), None]
        return weights

    def _mixed(self, top: int, bottom: int, left: int, right: int) -> np.ndarray:
        (layer, head, share), *others = self.heads
        weights = layer.part(head, top, bottom, left, right)
        if not others:
            return weights
        weights *= np.float32(share)
        for layer, head, share in others:
            weights += np.float32(share) * layer.part(head, top, bottom, left, right)
        return weights


@dataclass(frozen=True, eq=False)
class Survey:
    """What one pass over a whole map leaves behind.

    Shape   cells (row, col) of level `level`, uint8; divisors (query,), None where rows are divided by nothing.
    Unit    cells: 255·√weight.
    """

    level: int
    cells: np.ndarray
    divisors: np.ndarray | None

    @property
    def nbytes(self) -> int:
        """The memory that the arrays take."""
        return self.cells.nbytes + (0 if self.divisors is None else self.divisors.nbytes)


def sheet_of(record: AttentionRecord, stack: str, shown: str, *, hiding: bool = False) -> Sheet:
    """Lay out the map that a name stands for: "2.7", "2.mean", "mean" or "0.3*1,4.3*2.5"; see `picks_of`.

    With `hiding`, special tokens are left out.

    Raises  LinkError     when the name is none, or nothing is left to show.
            MeasureError  when it mixes layers of different lengths.
            RecordError   when it names what the record does not hold.
    """
    picks = picks_of(record, stack, shown)
    total = sum(weight for _, _, weight in picks)
    heads = tuple((record.layer(stack, index), head, weight / total) for index, head, weight in picks)
    lengths = {(len(layer.queries), len(layer.keys)) for layer, _, _ in heads}
    if len(lengths) != 1:
        raise MeasureError("The mix names layers of different lengths; mix heads of layers that share both axes.")
    first = heads[0][0]
    queries, keys = (np.flatnonzero(~(special_keys(axis) & hiding)) for axis in (first.queries, first.keys))
    if not (queries.size and keys.size):
        raise LinkError("Every token of this text is special, so nothing is left to show.")
    return Sheet(heads, queries, keys)


def picks_of(record: AttentionRecord, stack: str, shown: str) -> tuple[Pick, ...]:
    """Find the heads of a map by its name: one head, the mean of a layer, the mean of all, or a mix as links write it.

    Raises  LinkError    when the name is none of these, or every weight is 0.
            RecordError  when it names what the record does not hold.
    """
    layer, _, head = shown.partition(".")
    if shown == "mean":
        picks = heads_of(record, stack)
    elif head == "mean" and _is_number(layer):
        record.layer(stack, int(layer))  # refuses in the record's own words
        picks = heads_of(record, stack, int(layer))
    elif _is_number(layer) and _is_number(head):
        picks = ((int(layer), int(head), 1.0),)
    else:
        mix, complaint = read_mix(shown)
        picks = tuple((one.layer, one.head, one.weight) for one in mix if one.weight > 0 and complaint is None)
    if not picks:
        raise LinkError("“{shown}” names no map.", shown=shown[:80])
    for index, number, _ in picks:
        if number >= record.layer(stack, index).heads:
            raise LinkError("L{layer} has no head {head}.", layer=index, head=number)
    return picks


def survey(sheet: Sheet, divide: Divide = "nothing", check: Callable[[], None] = lambda: None) -> Survey:
    """Pass once over a whole map; `check` is called often, and may raise to end it."""
    pyramid = sheet.pyramid
    level = min(PASS_LEVEL, pyramid.levels - 1)
    pooled = _pooled(pyramid.rows, pyramid.cols, pyramid.side(level))
    divisors = None if divide == "nothing" else np.empty(pyramid.rows, np.float32)
    for top, bottom in blocks(0, pyramid.rows, pyramid.cols):
        check()
        weights = sheet.part((top, bottom), (0, pyramid.cols))
        if divisors is not None:
            divisors[top:bottom] = _divisors(weights, divide)
            weights /= divisors[top:bottom, None]
        pooled.add(top, weights)
    return Survey(level, root_bytes(pooled.result()), divisors)


def tile(sheet: Sheet, surveyed: Survey, level: int, row: int, col: int) -> np.ndarray:
    """Cut one tile: out of the survey for the levels that it holds, else out of the record.

    Shape   (row, col) of at most TILE_SIDE each, uint8; a cell stands for `side(level)` queries and keys, or for what
            is left of them at the lower and the right edge.
    Unit    255·√weight of the largest weight of the cell.
    Raises  LinkError  when there is no such tile.
    """
    pyramid = sheet.pyramid
    queries, keys = pyramid.spans(level, row, col)
    if level > surveyed.level:
        return root_bytes(cells(replace(sheet, divisors=surveyed.divisors), queries, keys, pyramid.side(level)))
    side = pyramid.side(level) // pyramid.side(surveyed.level)
    top, left = TILE_SIDE * side * row, TILE_SIDE * side * col
    return _largest(surveyed.cells[top : top + TILE_SIDE * side, left : left + TILE_SIDE * side], side)


def cells(sheet: Sheet, queries: Span, keys: Span, side: int) -> np.ndarray:
    """Pool some rows and columns of a map by their largest number, `side` × `side` of them a cell.

    Shape   (row, col), float32.
    Unit    fraction of a row, divided as the sheet says.
    """
    pooled = _pooled(queries[1] - queries[0], keys[1] - keys[0], side)
    for top, bottom in blocks(*queries, keys[1] - keys[0]):
        pooled.add(top - queries[0], sheet.part((top, bottom), keys))
    return pooled.result()


def root_bytes(weights: np.ndarray) -> np.ndarray:
    """Round the square root of each weight to one byte; small weights keep their order where a linear scale loses them.

    Shape   any; the result has the same.
    Unit    255·√weight, uint8; a weight comes back within 0.004.
    """
    return np.rint(np.sqrt(weights) * 255).astype(np.uint8)


def _pooled(rows: int, cols: int, side: int) -> Pooled:
    """A table of whole cells: the last ones may reach beyond the edge, where nothing is added."""
    shape = (-(-rows // side), -(-cols // side))
    return Pooled((shape[0] * side, shape[1] * side), shape, "max")


def _largest(cells: np.ndarray, side: int) -> np.ndarray:
    for axis, length in enumerate(cells.shape):
        cells = np.maximum.reduceat(cells, np.arange(0, length, side), axis=axis)
    return cells


def _divisors(weights: np.ndarray, divide: Divide) -> np.ndarray:
    """What each row is divided by; a row of which nothing is left stays at 0."""
    found = weights.sum(axis=1) if divide == "sum" else weights.max(axis=1)
    return np.where(found > 0, found, np.inf)


def _within(start: int, length: int, end: int) -> Span:
    return start, min(start + length, end)


def _is_number(given: str) -> bool:
    return given.isascii() and given.isdigit() and len(given) <= 4
