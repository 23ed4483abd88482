"""One layer that attends in windows, as the weights of each window, read in the coordinates of the whole input."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from attnviz.axes import Axis, Windows
from attnviz.errors import RowError, ShapeError
from attnviz.record.any_layer import AnyLayer, blocks
from attnviz.record.arrays import FLOATS, dtype_name, float32, frozen, sealed
from attnviz.record.maps import ROW_TOLERANCE
from attnviz.record.sink import PADDING, with_sink
from attnviz.record.visibility import Grouped

HIDDEN = 1e-30  # shifted windows hide a key by a score of -100, which leaves it about 1e-44


@dataclass(frozen=True, eq=False)
class WindowedLayer(AnyLayer):
    """Every head of one layer, window by window.

    `visible` is told by the weights: positions of one window see each other, or where a mask splits the window into
    parts, those of one part.

    Shape   kept (window, head, slot, slot), in the float type it came in; where (window, slot) int32: the position in
            each slot, every position once, -1 where a slot holds none. `keys` names the positions, then one key for
            all slots that hold none, which it must where these take any weight.
    Unit    fraction of a row, 0 to 1; each row of a position sums to 1, padding included.
    Raises  ShapeError  when the weights, the windows or an axis do not fit each other.
            RowError    when a row departs from 1 by more than ROW_TOLERANCE, a weight is negative or no number, or
                        padding takes weight for which there is no key.
    """

    queries: Axis
    keys: Axis
    kept: np.ndarray
    where: np.ndarray
    visible: Grouped = field(init=False, repr=False)
    _place: np.ndarray = field(init=False, repr=False)  # (position,): window times slots, plus slot
    _pads: np.ndarray = field(init=False, repr=False)  # (position,), bool: whether it reads padding

    @classmethod
    def laid(cls, queries: Axis, keys: Axis, chunks: Sequence[np.ndarray], windows: Windows) -> Self:
        """Lay the windows that a layer ran over one after the other on its positions, be they of one size or not.

        `queries` and `keys` name the positions; a key for padding is added where a window has any.

        Shape   chunks: for each window (head, slot, slot), with one type and one number of heads.
        Unit    fraction of a row, 0 to 1.
        Raises  ShapeError  when there is no chunk, or one and its window differ in size.
        """
        sizes = [len(window) for window in windows.where]
        found = {chunk.dtype: len(chunk) for chunk in chunks if chunk.ndim == 3}
        heads = next(iter(found.values()), 0)
        if len(found) != 1 or [chunk.shape for chunk in chunks] != [(heads, size, size) for size in sizes]:
            raise ShapeError(
                "Each window is (head, slot, slot), of one type; these are {shapes} of {types}, and the layout has "
                "{sizes} slots.",
                shapes=[chunk.shape for chunk in chunks],
                types=[chunk.dtype.name for chunk in chunks],
                sizes=sizes,
            )
        kept = np.zeros((len(sizes), heads, max(sizes), max(sizes)), chunks[0].dtype)
        where = np.full((len(sizes), max(sizes)), -1, np.int32)
        for index, (chunk, window) in enumerate(zip(chunks, windows.where, strict=True)):
            kept[index, :, : len(window), : len(window)] = chunk
            where[index, : len(window)] = [-1 if position is None else position for position in window]
        padded = any(None in window for window in windows.where)
        return cls(queries, with_sink(keys, PADDING) if padded else keys, sealed(kept), sealed(where))

    def __post_init__(self) -> None:
        for name in ("kept", "where"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        self._check_shapes()
        object.__setattr__(self, "_place", self._placed())
        parts, pads = np.empty(self.where.shape, np.int64), np.empty(self.where.shape, bool)
        for start, stop in blocks(0, len(self.where), self.kept[0].size):
            parts[start:stop], pads[start:stop] = self._look(start, stop)
        parts += np.arange(0, self.where.size, self.where.shape[1])[:, None]
        groups = np.unique(parts.ravel()[self._place], return_inverse=True)[1].astype(np.int32)
        object.__setattr__(self, "visible", Grouped(len(groups), sealed(groups)))
        object.__setattr__(self, "_pads", sealed(pads.ravel()[self._place]))

    def _check_shapes(self) -> None:
        kept, where = self.kept.shape, self.where.shape
        if len(kept) != 4 or 0 in kept or (*kept[:1], *kept[2:]) != (*where, *where[1:]):
            raise ShapeError(
                "Weights are (window, head, slot, slot) and windows (window, slot); these are {kept} and {where}.",
                kept=kept,
                where=where,
            )
        if dtype_name(self.kept) not in FLOATS or self.where.dtype != np.int32:
            raise ShapeError(
                "Weights are of {types} and windows of int32; these are {kept} and {where}.",
                types=FLOATS,
                kept=dtype_name(self.kept),
                where=self.where.dtype.name,
            )
        if len(self.keys) - len(self.queries) not in (0, 1):
            raise ShapeError(
                "In windows {queries} positions read themselves and, at most, padding; the axis of keys names {keys}.",
                queries=len(self.queries),
                keys=len(self.keys),
            )

    def _placed(self) -> np.ndarray:
        """Find the slot of every position.

        Shape   (position,), int: window times slots, plus slot.
        """
        count, flat = len(self.queries), self.where.ravel()
        slots = np.flatnonzero(flat >= 0)
        held = flat[slots]
        if flat.min() < -1 or len(held) != count or held.max(initial=-1) >= count or len(np.unique(held)) != count:
            raise ShapeError(
                "Each of {count} positions lies in one slot of one window, and -1 in a slot without any; these windows "
                "hold {held} positions.",
                count=count,
                held=len(held),
            )
        place = np.empty(count, np.int64)
        place[held] = slots
        return sealed(place)

    def _look(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Check the rows of some windows, and read off which slots see each other and which see padding.

        Shape   (window, slot): the first slot of each one's part of the window; bool.
        """
        weights, padding = float32(self.kept[start:stop]), self.where[start:stop] < 0
        self._check_rows(start, weights, padding)
        seen = weights.max(axis=1) > HIDDEN
        first = np.where(seen.any(axis=2), seen.argmax(axis=2), -1)
        parts = ((first[:, :, None] == first[:, None, :]) == seen) | padding[:, :, None]
        first[~parts.all(axis=(1, 2))] = 0
        return first, (seen & padding[:, None, :]).any(axis=2)

    def _check_rows(self, start: int, weights: np.ndarray, padding: np.ndarray) -> None:
        sums, least = weights.sum(axis=3), weights.min(axis=3)
        wrong = (~np.isclose(sums, 1, rtol=0, atol=ROW_TOLERANCE) | (least < 0)) & ~padding[:, None]
        if wrong.any():
            window, head, slot = (int(index) for index in np.argwhere(wrong)[0])
            row = int(self.where[start + window, slot])
            raise RowError(
                "Row {row} ({query!r}) of H{head} sums to {total:.3f} with a smallest weight of {least:.3g}; a row of "
                "weights is 0 or more everywhere and sums to 1.",
                row=row,
                query=self.queries[row],
                head=head,
                total=float(sums[window, head, slot]),
                least=float(least[window, head, slot]),
            )
        lost = np.where(padding[:, None, :] & ~padding[:, :, None], weights.max(axis=1), 0)
        if len(self.keys) == len(self.queries) and lost.any():
            raise RowError(
                "Padding takes {share:.3g} of a row and no key stands for it. Name one more key, as "
                "WindowedLayer.laid does.",
                share=float(lost.max()),
            )

    @property
    def heads(self) -> int:
        return int(self.kept.shape[1])

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        return {"kept": self.kept, "where": self.where}

    @property
    def reachable(self) -> np.ndarray:
        return np.broadcast_to(self.visible.counts + self._pads, (self.heads, len(self.queries)))

    def part(self, head: int, start: int, stop: int, left: int, right: int) -> np.ndarray:
        result = np.zeros((stop - start, right - left), np.float32)
        window, slot = np.divmod(self._place[start:stop], self.where.shape[1])
        rows, keys = float32(self.kept[window, head, slot]), self.where[window]  # both (query, slot)
        query, chosen = np.nonzero((keys >= left) & (keys < right))
        result[query, keys[query, chosen] - left] = rows[query, chosen]
        if right > len(self.queries):
            result[:, -1] = rows.sum(axis=1, where=keys < 0)
        return result
