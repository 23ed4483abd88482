"""One layer, whatever is kept of it: the one door through which its weights are read, in rows, tiles and sums."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import numpy as np

from attnviz.axes import Axis, Span
from attnviz.errors import RecordError
from attnviz.record.arrays import span_of
from attnviz.record.pool import Pool, Pooled
from attnviz.record.visibility import Visibility

BLOCK_BYTES = 4 * 2**20  # of weights at a time: they stay in the processor's cache while they are worked on


class AnyLayer(ABC):
    """Every head of one layer. `keys` names the keys, then the sink if there is one."""

    queries: Axis
    keys: Axis
    visible: Visibility

    @property
    @abstractmethod
    def heads(self) -> int:
        """How many query heads there are; grouped heads share keys and are counted one by one."""

    @property
    @abstractmethod
    def arrays(self) -> dict[str, np.ndarray]:
        """Everything a file must keep, by name, but for the mask."""

    @abstractmethod
    def part(self, head: int, start: int, stop: int, left: int, right: int) -> np.ndarray:
        """Make the weights of some neighbouring queries and keys, which all exist, anew at every call.

        Shape   (query, key), float32.
        Unit    fraction of a whole row.
        """

    @property
    def has_sink(self) -> bool:
        """Whether the last key stands for no position."""
        return len(self.keys) > self.visible.keys

    @property
    def reachable(self) -> np.ndarray:
        """How many keys each row of weights is spread over, sink included.

        Shape   (head, query), int.
        """
        return np.broadcast_to(self.visible.counts + self.has_sink, (self.heads, len(self.queries)))

    def weights(self, heads: slice | None = None, queries: slice | None = None) -> np.ndarray:
        """Give attention weights, of all heads and queries or of some.

        Shape   (head, query, key), float32.
        Unit    fraction of a row; each row sums to 1, an attention sink being the last key.
        """
        first, last = span_of(heads, self.heads, "heads")
        start, stop = span_of(queries, len(self.queries), "queries")
        width = len(self.keys)
        result = np.empty((last - first, stop - start, width), np.float32)
        for head in range(first, last):
            for top, bottom in blocks(start, stop, width):
                result[head - first, top - start : bottom - start] = self.part(head, top, bottom, 0, width)
        return result

    def row(self, head: int, query: int) -> np.ndarray:
        """Give what one query gives to each key.

        Shape   (key,), float32.
        Unit    fraction of the row; the row sums to 1.
        """
        return self.weights(slice(head, head + 1), slice(query, query + 1))[0, 0]

    def top(self, head: int, query: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Find the keys that one query reads most, the first of equals first; fewer where it reads fewer.

        Shape   positions (count,), int64; weights (count,), float32, falling.
        Unit    fraction of the row.
        Raises  RecordError  when fewer than one is asked for.
        """
        if count < 1:
            raise RecordError("The top {count} keys were asked for. Ask for at least 1.", count=count)
        row = self.row(head, query)
        least = np.partition(row, -count)[-count] if count < len(row) else 0
        found = np.flatnonzero((row >= least) & (row > 0))
        found = found[np.argsort(-row[found], kind="stable")][:count]
        return found, row[found]

    def mass(self, head: int, query: int, spans: Sequence[Span]) -> np.ndarray:
        """Add up what one query gives to each of some stretches of keys, at the cost of those keys alone.

        Shape   (span,), float32; spans are half-open, and may be empty or overlap.
        Unit    fraction of the row.
        Raises  RecordError  when a span leaves the keys.
        """
        length = len(self.keys)
        for left, right in spans:
            if not 0 <= left <= right <= length:
                raise RecordError(
                    "A span of keys goes from {left} to {right}, outside 0 to {length}. Stay inside it.",
                    left=left,
                    right=right,
                    length=length,
                )
        rows = (self.part(head, query, query + 1, left, right) if left < right else 0 for left, right in spans)
        return np.array([np.sum(row, dtype=np.float64) for row in rows], np.float32)

    def tile(
        self,
        head: int,
        queries: slice | None = None,
        keys: slice | None = None,
        shape: tuple[int, int] = (512, 512),
        pool: Pool = "max",
    ) -> np.ndarray:
        """Shrink part of a map to a picture, block by block, so that n² weights never exist at once.

        Shape   (rows, cols) = `shape`, or the part itself where that is smaller; cell i of r covers positions
                floor(i·n/r) up to floor((i+1)·n/r).
        Unit    fraction of a row: the largest ("max") or the average ("mean") weight of the cell.
        """
        first, _ = span_of(slice(head, head + 1), self.heads, "heads")
        start, stop = span_of(queries, len(self.queries), "queries")
        left, right = span_of(keys, len(self.keys), "keys")
        pooled = Pooled((stop - start, right - left), shape, pool)
        for top, bottom in blocks(start, stop, right - left):
            pooled.add(top - start, self.part(first, top, bottom, left, right))
        return pooled.result()


def blocks(start: int, stop: int, width: int) -> Iterator[tuple[int, int]]:
    """Cut neighbouring queries into blocks of about BLOCK_BYTES, given how many keys each is compared with."""
    rows = max(1, BLOCK_BYTES // (4 * width))
    for top in range(start, stop, rows):
        yield top, min(top + rows, stop)
