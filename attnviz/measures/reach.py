"""What attention would be if every query read all it may read alike: the chance level of a head's score."""

from collections.abc import Sequence

import numpy as np

from attnviz.axes import Span
from attnviz.record import AnyLayer


def even(layer: AnyLayer, spans: Sequence[Span] | None = None) -> np.ndarray:
    """Share each row, or the rows of some spans of queries, among the keys that the mask lets it read, a sink included.

    Shape   (head or 1, query, key), float32; one entry when all heads share the mask.
    Unit    fraction of a row; each row sums to 1.
    """
    heads, rows = layer.visible.heads, spans or ((0, len(layer.queries)),)
    reach = np.stack([np.concatenate([layer.visible.mask(head, *span) for span in rows]) for head in range(heads)])
    if layer.has_sink:
        reach = np.concatenate([reach, np.ones((*reach.shape[:2], 1), bool)], axis=2)
    return (reach / reach.sum(axis=2, keepdims=True)).astype(np.float32)
