"""Scaled dot-product attention, one step at a time."""

from dataclasses import dataclass

import numpy as np

from attnviz.errors import InputError


@dataclass(frozen=True, eq=False)
class Attended:
    """Attention of one head with everything on the way to its output.

    Shape   queries (query, width), keys (key, width), values (key, number); scores, scaled, masked and weights
            (query, key); visible (query, key), True where the query may read the key; output (query, number).
    Unit    weights: fraction of a row, each row sums to 1; masked: as scaled, with -inf where nothing may be read.
    Source  Vaswani et al. 2017, arXiv:1706.03762, eq. 1.
    """

    queries: np.ndarray
    keys: np.ndarray
    values: np.ndarray
    divisor: float
    visible: np.ndarray
    scores: np.ndarray
    scaled: np.ndarray
    masked: np.ndarray
    weights: np.ndarray
    output: np.ndarray

    @property
    def slopes(self) -> np.ndarray:
        """How much a weight still moves when its own score does: a saturated softmax no longer learns.

        Shape   (query, key)
        Unit    change of the weight for each unit of the score that the softmax is given
        """
        return self.weights * (1 - self.weights)

    @property
    def entropy_bits(self) -> np.ndarray:
        """How widely each query reads: 0 bits for one key alone, log2(keys) for all alike.

        Shape   (query,)
        Unit    bits
        """
        logs = np.log2(np.where(self.weights > 0, self.weights, 1))
        return -(self.weights * logs).sum(axis=1) + 0.0  # not -0


def attend(
    queries: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    *,
    divisor: float | None = None,
    visible: np.ndarray | None = None,
) -> Attended:
    """Let every query read every key that it may, and mix the values.

    Shape   queries (query, width), keys (key, width), values (key, number), visible (query, key).
    Unit    `divisor` is what scores are divided by: √width unless another is given, times a temperature if there is
            one; 1 switches scaling off.
    Raises  InputError  when sizes do not fit, a number is none, or a query may read no key.
    Source  Vaswani et al. 2017, arXiv:1706.03762, eq. 1.
    """
    queries, keys, values = (_table(name, each) for name, each in zip("QKV", (queries, keys, values), strict=True))
    check_fit(queries, keys, values)
    over = float(np.sqrt(queries.shape[1])) if divisor is None else divisor
    check_divisor(over)
    seen = np.ones((len(queries), len(keys)), bool) if visible is None else np.asarray(visible, bool)
    check_visible(seen, len(queries), len(keys))
    scores = queries @ keys.T
    scaled = scores / over
    masked = np.where(seen, scaled, -np.inf)
    weights = softmax(masked)
    return Attended(queries, keys, values, over, seen, scores, scaled, masked, weights, weights @ values)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Turn each row of scores into shares of 1.

    Shape   scores (…, key), at least one finite in a row; result the same.
    Unit    fraction of a row
    Source  The row's largest score is taken off first, which changes no share and lets exp() overflow nowhere.
    """
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def check_fit(queries: np.ndarray, keys: np.ndarray, values: np.ndarray) -> None:
    """Say why sizes do not fit, if they do not.

    Shape   queries (query, width), keys (key, width), values (key, number)
    Raises  InputError  with the two sizes and what would fit.
    """
    if queries.shape[1] != keys.shape[1]:
        raise InputError(
            "A query of {query} numbers cannot be compared with a key of {key}: q·k multiplies them number by number. "
            "Give both {query} numbers, or both {key}.",
            query=queries.shape[1],
            key=keys.shape[1],
        )
    if len(keys) != len(values):
        raise InputError(
            "There are {keys} keys and {values} values; each key opens one value. Give as many of one as of the other.",
            keys=len(keys),
            values=len(values),
        )


def check_divisor(divisor: float) -> None:
    """Say why scores cannot be divided by a number.

    Raises  InputError  unless it is above 0 and finite.
    """
    if not (np.isfinite(divisor) and divisor > 0):
        raise InputError(
            "Scores are divided by {divisor:g}; it must be above 0. Choose 1 to leave them.", divisor=divisor
        )


def check_visible(visible: np.ndarray, queries: int, keys: int) -> None:
    """Say why a mask cannot be used.

    Shape   visible (query, key)
    Raises  InputError  when it has another shape, or a row of it is closed from end to end.
    """
    if visible.shape != (queries, keys):
        raise InputError(
            "The mask is {shape} and the scores are {scores}. Give it a cell for each pair of query and key.",
            shape=" × ".join(str(side) for side in visible.shape),
            scores=f"{queries} × {keys}",
        )
    closed = ~visible.any(axis=1)
    if closed.any():
        raise InputError(
            "Query {query} may read no key, and shares of nothing do not add up to 1. Open a cell of its row.",
            query=int(closed.argmax()),
        )


def _table(name: str, numbers: np.ndarray) -> np.ndarray:
    """Numbers in rows, read-only, in the precision of the arithmetic done by hand."""
    table = np.array(numbers, np.float64)
    if table.ndim != 2 or not table.size:
        raise InputError("{name} needs at least one row of at least one number.", name=name)
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0]
        raise InputError(
            "{name} holds no number in row {row}, column {column}. Write one there.", name=name, row=row, column=column
        )
    table.flags.writeable = False
    return table
