"""One layer as what its heads compared: queries, keys and the rule between them. Weights are made when asked for."""

from dataclasses import dataclass, field

import numpy as np

from attnviz.axes import Axis
from attnviz.errors import RecordError, ShapeError
from attnviz.record.any_layer import AnyLayer, blocks
from attnviz.record.arrays import FLOATS, dtype_name, float32, frozen, span_of
from attnviz.record.visibility import Visibility

LARGEST_SCORE = 1e30  # a product of queries and keys above this would overflow float32 on its way


@dataclass(frozen=True, eq=False)
class Layer(AnyLayer):
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
        biggest = [_largest(float32(array)) for array in (self.q, self.k)]
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
        return int(self.q.shape[0])

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        named = {"q": self.q, "k": self.k, "sinks": self.sinks, "bias": self.bias}
        return {name: array for name, array in named.items() if array is not None}

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
        result = np.full((last - first, stop - start, self._width), -np.inf, np.float32)
        for head in range(first, last):
            low, high = self.visible.reach(head, start, stop)
            self._compare(head, start, stop, low, result[head - first, :, low:high])
            if self.sinks is not None:
                result[head - first, :, -1] = self.sinks[head]
        return result

    def log_sums(self, head: int) -> np.ndarray:
        """Give the log-sum-exp of each row's scores: any weight is exp(score - log_sum).

        Shape   (query,), float32.
        Unit    nats.
        """
        peak, total = self._normalisers(head, 0, self.q.shape[1])
        return peak + np.log(total)

    def part(self, head: int, start: int, stop: int, left: int, right: int) -> np.ndarray:
        result = np.zeros((stop - start, right - left), np.float32)
        reach = self.visible.reach(head, start, stop)
        low = min(max(reach[0], left), right)
        high = max(min(reach[1], right), low)
        inside = result[:, low - left : high - left]
        if (low, high) == reach:
            self._compare(head, start, stop, low, inside)
            peak, total = self._learn(head, start, stop, inside)
        else:
            peak, total = self._normalisers(head, start, stop)
            self._compare(head, start, stop, low, inside)
            _raise(inside, peak)
        inside /= total[:, None]
        if self.sinks is not None and right == self._width:
            result[:, -1] = np.exp(self.sinks[head] - peak) / total
        return result

    def _compare(self, head: int, start: int, stop: int, low: int, scores: np.ndarray) -> None:
        """Fill in the scores of some queries and as many keys as there is room for, from key `low` on.

        Shape   scores (query, key); only the edges of the mask are spelled out, not what all of the queries see.
        """
        high = low + scores.shape[1]
        q = float32(self.q[head, start:stop]) * np.float32(self.scaling)
        np.matmul(q, float32(self.k[head * self.k.shape[0] // self.heads, low:high]).T, out=scores)
        if self.softcap is not None:
            scores /= np.float32(self.softcap)
            np.tanh(scores, out=scores)
            scores *= np.float32(self.softcap)
        if self.bias is not None:
            scores += self.bias[min(head, self.bias.shape[0] - 1), start:stop, low:high]
        first, last = self.visible.common(head, start, stop)
        for left, right in ((low, min(first, high)), (max(first, last, low), high)):
            if left < right:
                hidden = ~self.visible.mask(head, start, stop, left, right)
                np.copyto(scores[:, left - low : right - low], -np.inf, where=hidden)

    def _normalisers(self, head: int, start: int, stop: int) -> np.ndarray:
        """Give the largest score of each row, and the sum of exp(score - largest), each computed once.

        Shape   (2, query), float32. Kept apart they lose no digits, as their log-sum would for large scores.
        """
        known = self._known_of(head)
        missing = start + np.flatnonzero(np.isnan(known[1, start:stop]))
        if missing.size:
            for top, bottom in blocks(int(missing[0]), int(missing[-1]) + 1, self._width):
                low, high = self.visible.reach(head, top, bottom)
                scores = np.empty((bottom - top, high - low), np.float32)
                self._compare(head, top, bottom, low, scores)
                self._learn(head, top, bottom, scores)
        return known[:, start:stop]

    def _learn(self, head: int, start: int, stop: int, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Raise all visible scores of some rows, and give the normalisers of the rows; note them where they are new.

        Shape   scores (query, key), exp(score - largest) afterwards; two of (query,).
        """
        sink = np.float32(-np.inf) if self.sinks is None else self.sinks[head]
        peak = scores.max(axis=1, initial=sink)
        _raise(scores, peak)
        total = scores.sum(axis=1) + np.exp(sink - peak)
        known = self._known_of(head)[:, start:stop]
        if np.isnan(known[1]).any():
            known[0], known[1] = peak, total  # the total last: it marks the rows as known to other threads
        return peak, total

    def _known_of(self, head: int) -> np.ndarray:
        return self._known.setdefault(head, np.full((2, self.q.shape[1]), np.nan, np.float32))


def _raise(scores: np.ndarray, peak: np.ndarray) -> None:
    scores -= peak[:, None]
    np.exp(scores, out=scores)


def _largest(numbers: np.ndarray) -> float:
    """Find the largest size of any number, NaN if one is none, without a copy of them all."""
    return max(float(numbers.max()), -float(numbers.min()))
