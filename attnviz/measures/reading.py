"""What one query reads, in the words of the reading rail."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from attnviz.errors import MeasureError
from attnviz.measures.axes import reads_itself, special_keys
from attnviz.measures.entropy import entropy_bits
from attnviz.record import AttentionMap

Kind = Literal["special", "itself", "previous", "rest"]
KINDS: tuple[Kind, ...] = ("special", "itself", "previous", "rest")


@dataclass(frozen=True)
class Share:
    """One part of a query's budget."""

    kind: Kind
    share: float


@dataclass(frozen=True)
class TopKey:
    """One of the keys that a query reads most."""

    position: int
    label: str
    weight: float


@dataclass(frozen=True)
class Reading:
    """Where the attention of one query goes.

    Unit    shares and weights: fraction of the row. Entropy: bits, of the most that this many keys allow.
    """

    query: int
    budget: tuple[Share, ...]
    top: tuple[TopKey, ...]
    entropy_bits: float
    most_bits: float


def reading(attention: AttentionMap, query: int, top: int = 5, reachable: int | None = None) -> Reading:
    """Divide what a query gives among special tokens, itself, the token before it and the rest.

    Every key is counted once, in that order: a special token counts as special even when it is the query itself or
    the token before it. Between two different axes, as in cross attention, no key is the query or the one before it.

    Shape   the budget has those four parts in that order; `top` holds at most so many keys, the greatest first.
    Unit    fraction of a row; the budget sums to 1. The most bits are those of a row spread evenly over its `reachable`
            keys, which a layer knows from its mask; without it, over the keys whose weight is above 0.
    Raises  MeasureError  when the map has no such query.
    """
    if not 0 <= query < len(attention.queries):
        raise MeasureError(
            "Query {query} is outside 0 to {last}; choose one of these.", query=query, last=len(attention.queries) - 1
        )
    row = attention.weights[query]
    parts = _parts(attention, query)
    budget = tuple(Share(kind, float(row[parts == number].sum())) for number, kind in enumerate(KINDS))
    order = np.argsort(-row, kind="stable")[:top]
    return Reading(
        query=query,
        budget=budget,
        top=tuple(TopKey(int(key), attention.keys[int(key)], float(row[key])) for key in order),
        entropy_bits=float(entropy_bits(row)),
        most_bits=float(np.log2(reachable or np.count_nonzero(row))),
    )


def _parts(attention: AttentionMap, query: int) -> np.ndarray:
    """Say which part of the budget each key belongs to, as an index into KINDS."""
    parts = np.full(len(attention.keys), KINDS.index("rest"))
    if reads_itself(attention.queries, attention.keys):
        parts[query] = KINDS.index("itself")
        parts[max(query - 1, 0) : query] = KINDS.index("previous")
    parts[special_keys(attention.keys)] = KINDS.index("special")
    return parts
