"""What attention would be if every query read all it may read alike: the chance level of a head's score."""

import numpy as np

from attnviz.record import AnyLayer


def even(layer: AnyLayer) -> np.ndarray:
    """Share each row among the keys that the layer's mask lets it read, a sink included.

    Shape   (head or 1, query, key), float32; one entry when all heads share the mask.
    Unit    fraction of a row; each row sums to 1.
    """
    heads, queries = layer.visible.heads, len(layer.queries)
    reach = np.stack([layer.visible.mask(head, 0, queries) for head in range(heads)])
    if layer.has_sink:
        reach = np.concatenate([reach, np.ones((heads, queries, 1), bool)], axis=2)
    return (reach / reach.sum(axis=2, keepdims=True)).astype(np.float32)
