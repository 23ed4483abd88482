"""Shrinking a table of numbers row block by row block."""

from itertools import pairwise
from typing import Literal

import numpy as np

from attnviz.errors import RecordError

Pool = Literal["max", "mean"]


class Pooled:
    """A small table that receives the rows of a large one and keeps the largest or the mean of each cell.

    Shape   `size` (rows, cols) of the large table, `shape` of the small one, clipped to `size`.
    Raises  RecordError  when the shape is empty or the way of pooling unknown.
    """

    def __init__(self, size: tuple[int, int], shape: tuple[int, int], pool: Pool) -> None:
        if pool not in ("max", "mean"):
            raise RecordError(
                "Cells are pooled by 'max' or 'mean', not {pool!r}.",
                pool=pool,
            )
        if min(shape) < 1:
            raise RecordError(
                "A tile has at least one row and one column; {shape} was asked for.",
                shape=shape,
            )
        rows, cols = (min(asked, whole) for asked, whole in zip(shape, size, strict=True))
        self._reduce = np.maximum if pool == "max" else np.add
        self._row_starts, self._col_starts = _starts(size[0], rows), _starts(size[1], cols)
        heights = np.diff(self._row_starts, append=size[0])
        widths = np.diff(self._col_starts, append=size[1])
        self._areas = heights[:, None] * widths if pool == "mean" else None
        self._cells = np.zeros((rows, cols), np.float64 if pool == "mean" else np.float32)

    def add(self, top: int, block: np.ndarray) -> None:
        """Receive some neighbouring rows, the first of which is row `top` of the large table."""
        owners = np.searchsorted(self._row_starts, np.arange(top, top + len(block)), side="right") - 1
        firsts = np.flatnonzero(np.diff(owners, prepend=-1))
        cells = owners[firsts]
        ends = pairwise((*firsts, len(block)))
        flat = np.stack([self._reduce.reduce(block[first:end], axis=0) for first, end in ends])  # few rows are left
        self._cells[cells] = self._reduce(self._cells[cells], self._reduce.reduceat(flat, self._col_starts, axis=1))

    def result(self) -> np.ndarray:
        """Give the small table.

        Shape   (rows, cols), float32.
        """
        cells = self._cells if self._areas is None else self._cells / self._areas
        return cells.astype(np.float32)


def _starts(length: int, cells: int) -> np.ndarray:
    return np.arange(cells) * length // cells
