"""A map without its special tokens, and what was left out by leaving them out."""

from dataclasses import dataclass

import numpy as np

from attnviz.axes import Axis, Tokens
from attnviz.errors import MeasureError
from attnviz.measures.axes import special_keys
from attnviz.record import AttentionMap, ScoreMap


@dataclass(frozen=True, eq=False)
class Hidden:
    """What is left of a map, and the share of each remaining row that is no longer shown.

    Shape   share (query,), of the queries that remain.
    Unit    fraction of a row
    """

    map: AttentionMap | ScoreMap
    share: np.ndarray


def hide(attention: AttentionMap, *, renormalise: bool) -> Hidden:
    """Leave special tokens out of a map, as queries and as keys.

    With `renormalise`, what remains of each row is scaled to share 1 and is still a map of weights. Without, the
    numbers stay as they are, no longer share 1, and are scores.

    Shape   the result has the queries and keys that are not special.
    Unit    fraction of a row
    Raises  MeasureError  when nothing would remain, or a row to be scaled gives everything to special tokens.
    """
    rows, columns = ~special_keys(attention.queries), ~special_keys(attention.keys)
    if not rows.any() or not columns.any():
        raise MeasureError("Every token of this text is special; nothing remains. Show special tokens.")
    queries, keys = _keep(attention.queries, rows), _keep(attention.keys, columns)
    kept = attention.weights[np.ix_(rows, columns)]
    share = np.clip(attention.weights[np.ix_(rows, ~columns)].sum(axis=1), 0, 1)
    if not renormalise:
        return Hidden(ScoreMap(kept, queries, keys, unit="fraction of a row, specials left out"), share)
    left = kept.sum(axis=1, keepdims=True)
    if not left.all():
        empty = queries[int((left[:, 0] == 0).argmax())]
        raise MeasureError(
            "{token!r} gives all of its attention to special tokens. Show the rows as they are.", token=empty
        )
    return Hidden(AttentionMap(kept / left, queries, keys), share)


def _keep(axis: Axis, kept: np.ndarray) -> Axis:
    """Name the positions that remain."""
    if not isinstance(axis, Tokens):
        return axis
    fields = {
        name: tuple(value for value, keep in zip(getattr(axis, name), kept, strict=True) if keep)
        for name in ("labels", "raw", "spans", "special", "words")
    }
    return Tokens(axis.source, **fields)
