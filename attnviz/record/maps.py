"""One head's numbers over (query, key), as plain values that check themselves."""

from dataclasses import dataclass

import numpy as np

from attnviz.axes import Axis
from attnviz.errors import RowError, ShapeError
from attnviz.record.arrays import frozen

ROW_TOLERANCE = 1e-2  # bfloat16 rounds each weight by up to 1 part in 2**8


@dataclass(frozen=True, eq=False)
class AttentionMap:
    """How much each query reads each key, in one head of one layer.

    Shape   weights (query, key), float32, read-only; the axes name its two sides.
    Unit    fraction of a row, 0 to 1; each row sums to 1, an attention sink being a key.
    Raises  ShapeError  when an axis and its side differ in length.
            RowError    when a row departs from 1 by more than ROW_TOLERANCE, or a weight is negative.
    Source  Vaswani et al. 2017, arXiv:1706.03762, eq. 1, the softmax factor.
    """

    weights: np.ndarray
    queries: Axis
    keys: Axis

    def __post_init__(self) -> None:
        weights = _named(self.weights, self.queries, self.keys, "Weights")
        object.__setattr__(self, "weights", weights)
        sums = weights.sum(axis=1)
        wrong = ~np.isclose(sums, 1, rtol=0, atol=ROW_TOLERANCE) | (weights < 0).any(axis=1)
        if wrong.any():
            row = int(wrong.argmax())
            raise RowError(
                "Row {row} ({query!r}) sums to {total:.3f} with a smallest weight of {least:.3g}; a row of weights is "
                "0 or more everywhere and sums to 1.",
                row=row,
                query=self.queries[row],
                total=float(sums[row]),
                least=float(weights[row].min()),
            )


@dataclass(frozen=True, eq=False)
class ScoreMap:
    """Any other number over (query, key), with its unit.

    Shape   scores (query, key), float32, read-only; the axes name its two sides.
    Unit    as `unit` says.
    Raises  ShapeError  when an axis and its side differ in length, or the unit is empty.
    """

    scores: np.ndarray
    queries: Axis
    keys: Axis
    unit: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "scores", _named(self.scores, self.queries, self.keys, "Scores"))
        if not self.unit:
            raise ShapeError("A score without a unit cannot be read; name it, as in 'nats'.")


def _named(numbers: np.ndarray, queries: Axis, keys: Axis, what: str) -> np.ndarray:
    """Freeze the numbers as float32 once the axes are seen to name them."""
    named = (len(queries), len(keys))
    if numbers.shape != named:
        raise ShapeError(
            "{what} are {shape}; the axes name {named} (query, key).",
            what=what,
            shape=numbers.shape,
            named=named,
        )
    return frozen(np.asarray(numbers, np.float32))
