"""One layer as what its heads compared: queries, keys and the rule between them. Weights are made when asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from attnviz.axes import Axis
from attnviz.errors import RecordError, ShapeError
from attnviz.record.arrays import FLOATS, dtype_name, float32, frozen, span_of
from attnviz.record.pool import Pool, Pooled
from attnviz.record.visibility import Visibility

BLOCK_BYTES = 32 * 2**20  # of scores at a time: small beside a model, large enough to keep the processor busy
LARGEST_SCORE = 1e30  # a product of queries and keys above this would overflow float32 on its way


@dataclass(frozen=True, eq=False)
class Layer:
    """Every head of one layer.

    Shape   q (head, query, d) and k (kv_head, key, d), in the model's own float type, heads a multiple of kv_heads;
            sinks (head,) float32; bias (head or 1, query, key) float32. `keys` names the keys, then the sink if there
            is one.
    Unit    scores are q·k times `scaling`, squashed to ±softcap, plus bias; weights are their softmax over the keys
            that are visible.
    Raises  ShapeError   when an array, the mask or an axis does not fit the others.
            RecordError  when a number is not finite, or a query sees no key at all.
    """

    queries: Axis
    keys: Axis
    q: np.ndarray
    k: np.ndarray
    scaling: float
    visible: Visibility
    softcap: float | None = None
    sinks: np.ndarray | None = None
    bias: np.ndarray | None = None
    _known: dict[int, np.ndarray] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("q", "k", "sinks", "bias"):
            if (array := getattr(self, name)) is not None:
                object.__setattr__(self, name, frozen(array))
        self._check_compared()
        self._check_names()
        self._check_rules()
        self._check_numbers()

    def _check_compared(self) -> None:
        q, k = self.q, self.k
        if (q.ndim, k.ndim) != (3, 3) or 0 in (*q.shape, *k.shape) or q.shape[2] != k.shape[2]:
            raise ShapeError(
                "q is (head, query, d), k (kv_head, key, d), with one d; these are {q}, {k}.",
                q=q.shape,
                k=k.shape,
            )
        if self.heads % k.shape[0]:
            raise ShapeError(
                "{heads} query heads cannot share {kv_heads} key heads evenly.",
                heads=self.heads,
                kv_heads=k.shape[0],
            )
        if dtype_name(q) not in FLOATS or q.dtype != k.dtype:
            raise ShapeError(
                "q and k share one type of {types}; these are {q} and {k}.",
                types=FLOATS,
                q=dtype_name(q),
                k=dtype_name(k),
            )

    def _check_names(self) -> None:
        shape, named = (self.q.shape[1], self._width), (len(self.queries), len(self.keys))
        if shape != named:
            raise ShapeError(
                "The layer is {shape} (query, key with any sink); its axes name {named}.",
                shape=shape,
                named=named,
            )

    def _check_rules(self) -> None:
        shape, masked = (self.q.shape[1], self.k.shape[1]), (self.visible.queries, self.visible.keys)
        if shape != masked or self.visible.heads not in (1, self.heads):
            raise ShapeError(
                "The mask is {masked} for {rules} heads; the layer {shape} (query, key) for {heads}.",
                masked=masked,
                rules=self.visible.heads,
                shape=shape,
                heads=self.heads,
            )
        if self.sinks is not None and (self.sinks.shape != (self.heads,) or self.sinks.dtype != np.float32):
            raise ShapeError(
                "Sinks are float32, one for each of {heads} heads; these are {shape}.",
                heads=self.heads,
                shape=self.sinks.shape,
            )
        fits = [(heads, *shape) for heads in (1, self.heads)]
        if self.bias is not None and (self.bias.shape not in fits or self.bias.dtype != np.float32):
            raise ShapeError(
                "A bias is float32 {one} or {each}; this one is {shape}.",
                one=fits[0],
                each=fits[1],
                shape=self.bias.shape,
            )

    def _check_numbers(self) -> None:
        biggest = [float(np.abs(float32(array)).max()) for array in (self.q, self.k)]
        bound = biggest[0] * biggest[1] * self.q.shape[2] * max(abs(self.scaling), 1.0)
        if not bound < LARGEST_SCORE:
            raise RecordError(
                "The largest query and key are {query:.3g} and {key:.3g} with a scaling of {scaling:.3g}: their scores "
                "do not fit float32. Load the model in float32 or bfloat16.",
                query=biggest[0],
                key=biggest[1],
                scaling=self.scaling,
            )
        if self.softcap is not None and not 0 < self.softcap < LARGEST_SCORE:
            raise RecordError(
                "A soft-cap is a number above 0; this one is {softcap}.",
                softcap=self.softcap,
            )
        for array in (self.sinks, self.bias):
            if array is not None and not np.isfinite(array).all():
                raise RecordError("A sink or a position bias is not a finite number. Capture the record again.")
        if self.sinks is None and (empty := self.visible.counts == 0).any():
            raise RecordError(
                "Query {query} sees no key, so it has no row of weights.",
                query=int(empty.any(axis=0).argmax()),
            )

    @property
    def heads(self) -> int:
        """How many query heads there are; grouped heads share keys and are counted one by one."""
        return int(self.q.shape[0])

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Everything a file must keep, by name, but for the mask."""
        named = {"q": self.q, "k": self.k, "sinks": self.sinks, "bias": self.bias}
        return {name: array for name, array in named.items() if array is not None}

    @property
    def reachable(self) -> np.ndarray:
        """How many keys each row of weights is spread over, sink included.

        Shape   (head, query), int.
        """
        counts = self.visible.counts + (self.sinks is not None)
        return np.broadcast_to(counts, (self.heads, self.q.shape[1]))

    @property
    def _width(self) -> int:
        return int(self.k.shape[1]) + (self.sinks is not None)

    def scores(self, heads: slice | None = None, queries: slice | None = None) -> np.ndarray:
        """Say how well each query fits each key, before the softmax; -inf where a query may not look.

        Shape   (head, query, key), float32.
        Unit    nats: a difference of 1 between two keys is a factor e between their weights.
        """
        first, last = span_of(heads, self.heads, "heads")
        start, stop = span_of(queries, self.q.shape[1], "queries")
        return np.stack([self._scores(head, start, stop) for head in range(first, last)])

    def weights(self, heads: slice | None = None, queries: slice | None = None) -> np.ndarray:
        """Recompute attention weights, of all heads and queries or of some.

        Shape   (head, query, key), float32.
        Unit    fraction of a row; each row sums to 1, an attention sink being the last key.
        """
        first, last = span_of(heads, self.heads, "heads")
        start, stop = span_of(queries, self.q.shape[1], "queries")
        result = np.empty((last - first, stop - start, self._width), np.float32)
        for head in range(first, last):
            for top, bottom in self._blocks(start, stop):
                result[head - first, top - start : bottom - start] = self._softmax(head, top, bottom)
        return result

    def row(self, head: int, query: int) -> np.ndarray:
        """Recompute what one query gives to each key.

        Shape   (key,), float32.
        Unit    fraction of the row; the row sums to 1.
        """
        return self.weights(slice(head, head + 1), slice(query, query + 1))[0, 0]

    def log_sums(self, head: int) -> np.ndarray:
        """Give the log-sum-exp of each row's scores: any weight is exp(score - log_sum).

        Shape   (query,), float32.
        Unit    nats.
        """
        peak, total = self._normalisers(head, 0, self.q.shape[1])
        return peak + np.log(total)

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
        start, stop = span_of(queries, self.q.shape[1], "queries")
        left, right = span_of(keys, self._width, "keys")
        pooled = Pooled((stop - start, right - left), shape, pool)
        for top, bottom in self._blocks(start, stop):
            part = self._scores(first, top, bottom, left, right)
            whole = part if part.shape[1] == self._width else None
            peak, total = self._normalisers(first, top, bottom, whole)
            np.exp(part - peak[:, None], out=part)
            part /= total[:, None]
            pooled.add(top - start, part)
        return pooled.result()

    def _blocks(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        rows = max(1, BLOCK_BYTES // (4 * self._width))
        for top in range(start, stop, rows):
            yield top, min(top + rows, stop)

    def _scores(self, head: int, start: int, stop: int, left: int = 0, right: int | None = None) -> np.ndarray:
        """Compare some queries of one head with some keys; only keys that a query may see are multiplied out."""
        right = self._width if right is None else right
        length = self.k.shape[1]
        scores = np.full((stop - start, right - left), -np.inf, np.float32)
        low, high = self.visible.reach(head, start, stop)
        low, high = max(low, left), min(high, right, length)
        if low < high:
            q = float32(self.q[head, start:stop])
            k = float32(self.k[head * self.k.shape[0] // self.heads, low:high])
            raw = (q @ k.T) * np.float32(self.scaling)
            if self.softcap is not None:
                raw = np.tanh(raw / np.float32(self.softcap)) * np.float32(self.softcap)
            if self.bias is not None:
                raw += self.bias[min(head, self.bias.shape[0] - 1), start:stop, low:high]
            seen = self.visible.mask(head, start, stop)[:, low:high]
            np.copyto(scores[:, low - left : high - left], raw, where=seen)
        if self.sinks is not None and left <= length < right:
            scores[:, length - left] = self.sinks[head]
        return scores

    def _softmax(self, head: int, start: int, stop: int) -> np.ndarray:
        scores = self._scores(head, start, stop)
        np.exp(scores - scores.max(axis=1, keepdims=True), out=scores)
        scores /= scores.sum(axis=1, keepdims=True)
        return scores

    def _normalisers(self, head: int, start: int, stop: int, scores: np.ndarray | None = None) -> np.ndarray:
        """Give the largest score of each row, and the sum of exp(score - largest), each computed once.

        Shape   (2, query), float32. Kept apart they lose no digits, as their log-sum would for large scores.
                `scores` (query, key) are those of the same rows, where they are at hand.
        """
        known = self._known.setdefault(head, np.full((2, self.q.shape[1]), np.nan, np.float32))
        missing = start + np.flatnonzero(np.isnan(known[1, start:stop]))
        if missing.size and scores is not None:
            _learn(known[:, start:stop], scores)
        elif missing.size:
            for top, bottom in self._blocks(int(missing[0]), int(missing[-1]) + 1):
                _learn(known[:, top:bottom], self._scores(head, top, bottom))
        return known[:, start:stop]


def _learn(known: np.ndarray, scores: np.ndarray) -> None:
    """Write down what turns some rows of scores into weights.

    Shape   known (2, query), scores (query, key).
    """
    known[0] = scores.max(axis=1)
    known[1] = np.exp(scores - known[0, :, None]).sum(axis=1)  # last: it marks the rows as known to other threads
