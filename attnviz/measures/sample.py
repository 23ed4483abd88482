"""A few queries that stand for the many of a long text, where weighing them all would take too long."""

from collections.abc import Sequence

import numpy as np

from attnviz.axes import Span
from attnviz.record import AnyLayer

MOST_QUERIES = 1024  # up to here every query is weighed
STRETCHES = 32  # beyond, the text is cut into so many equal stretches,
NEIGHBOURS = 4  # and so many queries in the middle of each are weighed


def sample(queries: int) -> tuple[Span, ...]:
    """Choose every query of a text, or of a long one a few that are spread evenly."""
    if queries <= MOST_QUERIES:
        return ((0, queries),)
    middles = [(2 * stretch + 1) * queries // (2 * STRETCHES) for stretch in range(STRETCHES)]
    return tuple((middle - NEIGHBOURS // 2, middle + NEIGHBOURS // 2) for middle in middles)


def sampled(layer: AnyLayer, spans: Sequence[Span]) -> np.ndarray:
    """Weigh some queries of every head of a layer.

    Shape   (head, query, key), float32, the queries of all spans in their order.
    Unit    fraction of a row; each row sums to 1.
    """
    return np.concatenate([layer.weights(queries=slice(*span)) for span in spans], axis=1)
