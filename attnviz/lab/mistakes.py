"""Mistakes that run without an error, each beside the right way and the number that gives it away.

What is shown as code is the source of the functions here: they are what runs, and need nothing but NumPy as `np`.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Table = np.ndarray
Way = Callable[..., Table]
Sign = Callable[..., float]


@dataclass(frozen=True)
class Mistake:
    """A wrong way and a right way to do one thing, what both are given, and what to look at.

    Unit    `sign` reads one number off a result, which gives the wrong one away; its name says what it reads.
    """

    name: str
    wrong: Way
    right: Way
    given: Mapping[str, Table]
    sign: Sign

    def results(self) -> tuple[Table, Table]:
        """What the wrong way and the right way make of the same numbers."""
        return self.wrong(**self.given), self.right(**self.given)

    def signs(self) -> tuple[float, float]:
        """What gives the wrong result away, beside what the right one shows there."""
        wrong, right = self.results()
        return self.sign(wrong), self.sign(right)

    def sources(self) -> tuple[str, str]:
        """The code of both ways, as it runs; types and docstrings are for readers of the file."""
        return _bare(self.wrong), _bare(self.right)


def _bare(way: Way) -> str:
    source = inspect.getsource(way).replace(f'    """{way.__doc__}"""\n', "")
    return source.replace(": Table", "").replace(" -> Table", "").strip()


def weights_of(Q: Table, K: Table) -> Table:
    """Softmax over the keys of each query."""
    scores = Q @ K.T / np.sqrt(Q.shape[1])
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def normalised_by_keys(Q: Table, K: Table) -> Table:
    """Divide by what the keys make of each other: the queries are left out."""
    raised = np.exp(Q @ K.T / np.sqrt(Q.shape[1]))
    by = np.exp(K @ K.T / np.sqrt(Q.shape[1]))
    return raised / by.sum(axis=1)


def times_values(W: Table, V: Table) -> Table:
    """Multiply number by number; it runs where the tables happen to have one shape."""
    return W * V


def mixes_values(W: Table, V: Table) -> Table:
    """Mix the values of all keys, each by its weight."""
    return W @ V


def softmax_of_columns(Q: Table, K: Table) -> Table:
    """Softmax over the queries of each key: axis 0 where axis 1 was meant."""
    raised = np.exp(Q @ K.T / np.sqrt(Q.shape[1]))
    return raised / raised.sum(axis=0, keepdims=True)


def not_divided(Q: Table, K: Table) -> Table:
    """Leave the scores of wide vectors as large as they are."""
    scores = Q @ K.T
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def masked_afterwards(Q: Table, K: Table) -> Table:
    """Close later keys when the shares are given out already."""
    scores = Q @ K.T / np.sqrt(Q.shape[1])
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = raised / raised.sum(axis=1, keepdims=True)
    return np.tril(weights)


def masked_before(Q: Table, K: Table) -> Table:
    """Close later keys first, then share."""
    scores = Q @ K.T / np.sqrt(Q.shape[1])
    scores = np.where(np.tril(np.ones_like(scores)) > 0, scores, -np.inf)
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def swapped(Q: Table, K: Table) -> Table:
    """Let the keys ask: each row is now about a key."""
    scores = K @ Q.T / np.sqrt(Q.shape[1])
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def heads_averaged(W: Table, V: Table) -> Table:
    """Average weights and values of all heads, and call it the layer."""
    return W.mean(axis=0) @ V.mean(axis=0)


def heads_apart(W: Table, V: Table) -> Table:
    """Let each head mix its own values; what is averaged is what they found."""
    return np.mean([weights @ values for weights, values in zip(W, V, strict=True)], axis=0)


def rolled_without_residual(layers: Table) -> Table:
    """Forget that every layer adds to what it was given."""
    flow = np.eye(layers.shape[-1])
    for weights in layers:
        flow = weights @ flow
    return flow


def rolled_backwards(layers: Table) -> Table:
    """Multiply the layers in the wrong order."""
    flow = np.eye(layers.shape[-1])
    for weights in layers:
        flow = flow @ (0.5 * weights + 0.5 * np.eye(len(weights)))
    return flow


def rolled(layers: Table) -> Table:
    """Later layers read what earlier ones made; half of each row is the residual path."""
    flow = np.eye(layers.shape[-1])
    for weights in layers:
        flow = (0.5 * weights + 0.5 * np.eye(len(weights))) @ flow
    return flow


def largest_row_sum(weights: Table) -> float:
    """The row sum that is furthest from 1.

    Shape   weights (query, key)
    """
    sums = weights.sum(axis=1)
    return float(sums[np.abs(sums - 1).argmax()])


def largest_weight(weights: Table) -> float:
    """The largest share that any key receives.

    Shape   weights (query, key)
    """
    return float(weights.max())


def first_number(output: Table) -> float:
    """The first number of the first row.

    Shape   output (query, number)
    """
    return float(output[0, 0])


def last_to_first(flow: Table) -> float:
    """What the last position has of the first.

    Shape   flow (query, key)
    """
    return float(flow[-1, 0])


def _frozen(**tables: object) -> Mapping[str, Table]:
    return {name: np.array(table, np.float64) for name, table in tables.items()}


_WORKED = _frozen(Q=[[1, 0], [0, 2], [1, 1]], K=[[1, 1], [0, 1], [2, 0]])
_MIXED = _frozen(W=[[0.5, 0.5, 0], [0, 0.5, 0.5], [0.25, 0.25, 0.5]], V=[[2, 0, 1], [4, 2, 1], [0, 2, 8]])
_WIDE = _frozen(Q=np.tile([[1.0, 0.5], [0.5, 1.0]], (1, 32)), K=np.tile([[1.0, 0.0], [0.5, 0.75]], (1, 32)))
_HEADS = _frozen(W=[[[1, 0], [0, 1]], [[0, 1], [1, 0]]], V=[[[1, 0], [0, 0]], [[0, 0], [0, 4]]])
_LAYERS = _frozen(layers=[[[1, 0, 0], [1, 0, 0], [0, 0, 1]], [[1, 0, 0], [0, 1, 0], [0, 1, 0]]])

MISTAKES = (
    Mistake("normalised_by_keys", normalised_by_keys, weights_of, _WORKED, largest_row_sum),
    Mistake("times_values", times_values, mixes_values, _MIXED, first_number),
    Mistake("softmax_of_columns", softmax_of_columns, weights_of, _WORKED, largest_row_sum),
    Mistake("not_divided", not_divided, weights_of, _WIDE, largest_weight),
    Mistake("masked_afterwards", masked_afterwards, masked_before, _WORKED, largest_row_sum),
    Mistake("swapped", swapped, weights_of, _WORKED, first_number),
    Mistake("heads_averaged", heads_averaged, heads_apart, _HEADS, first_number),
    Mistake("rolled_without_residual", rolled_without_residual, rolled, _LAYERS, last_to_first),
    Mistake("rolled_backwards", rolled_backwards, rolled, _LAYERS, last_to_first),
)
