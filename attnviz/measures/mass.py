"""The smallest set of keys that holds a share of what a query gives: a threshold that suits every row."""

import numpy as np

from attnviz.axes import Axis, Patches
from attnviz.errors import MeasureError
from attnviz.measures.axes import special_keys
from attnviz.measures.heads import layers_of
from attnviz.record import AttentionRecord


def mass(
    record: AttentionRecord, stack: str, share: float = 0.6, query: int = 0, layer: int | None = None
) -> np.ndarray:
    """Mark what each head of a layer reads most, in one row: of the last layer, that of the first query, unless told.

    Class tokens, registers, padding and special tokens are left out first, and are never marked.

    Shape   (head, key), bool.
    Raises  MeasureError  when the share is not above 0 and up to 1, or there is no such layer or query.
    Source  Caron et al. 2021, arXiv:2104.14294, Fig. 3 and visualize_attention.py, where the query is the class token.
    """
    layers = layers_of(record, stack)
    own = record.layer(stack, len(layers) - 1 if layer is None else layer)
    if not 0 <= query < len(own.queries):
        raise MeasureError(
            "Query {query} is outside 0 to {last}; choose one of these.", query=query, last=len(own.queries) - 1
        )
    rows, places = own.weights(queries=slice(query, query + 1))[:, 0], placed(own.keys)
    marked = np.zeros(rows.shape, bool)
    for head, row in enumerate(rows):
        marked[head, places] = most(row[places], share)
    return marked


def most(row: np.ndarray, share: float) -> np.ndarray:
    """Mark the greatest entries of a row, which together hold about that share of it.

    Sorted with the smallest first, an entry is marked once the sum up to and with it passes 1 - share; so the set holds
    the share or less, but for the entry at the edge. Of equal entries the later are marked first.

    Shape   row (key,), 0 or more; result (key,), bool; nothing is marked in a row of zeros.
    Raises  MeasureError  when the share is not above 0 and up to 1.
    Source  Caron et al. 2021, arXiv:2104.14294, visualize_attention.py.
    """
    if not 0 < share <= 1:
        raise MeasureError("A threshold by mass is above 0 and up to 1; {share} was asked for.", share=share)
    order, total = np.argsort(row, kind="stable"), row.sum(dtype=np.float64)
    marked = np.zeros(len(row), bool)
    if total > 0:
        marked[order] = np.cumsum(row[order] / total) > 1 - share
    return marked


def placed(axis: Axis) -> np.ndarray:
    """Mark the positions that stand for a piece of the input.

    Shape   (position,), bool
    """
    if isinstance(axis, Patches):
        return np.array([cell is not None for cell in axis.cells], bool)
    return ~special_keys(axis)
