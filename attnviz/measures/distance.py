"""How far each head reads, in positions."""

import numpy as np

from attnviz.errors import MeasureError
from attnviz.measures.axes import reads_itself
from attnviz.measures.heads import HeadScores, layers_of
from attnviz.measures.reach import even
from attnviz.record import AnyLayer, AttentionRecord


def distance(record: AttentionRecord, stack: str) -> HeadScores:
    """Say how many positions lie between a query and what it reads, on average, for every head.

    Shape   one (head,) array a layer.
    Unit    positions; `chance` is the distance when every query reads all that it may read alike. What goes to a
            learned sink goes to no position and is left out.
    Raises  MeasureError  when queries and keys are not the same positions, as in cross attention.
    Source  Vig & Belinkov 2019, arXiv:1906.04284, section 4.2.
    """
    return HeadScores.collect((_of_layer(layer, stack) for layer in layers_of(record, stack)), unit="positions")


def _of_layer(layer: AnyLayer, stack: str) -> tuple[np.ndarray, np.ndarray]:
    if not reads_itself(layer.queries, layer.keys):
        raise MeasureError(
            "Distance counts positions along one input; {stack!r} has {queries} queries of one and {keys} keys of "
            "another. Choose a stack of self-attention.",
            stack=stack,
            queries=len(layer.queries),
            keys=len(layer.keys),
        )
    return mean_distance(layer.weights()), mean_distance(even(layer))


def mean_distance(weights: np.ndarray) -> np.ndarray:
    """Weigh the distance of every pair of positions by what the query gives to the key.

    Shape   weights (head, query, key), where keys beyond the last query are no positions; result (head,).
    Unit    positions
    """
    queries = weights.shape[1]
    positions = np.arange(queries, dtype=np.float32)
    apart = np.abs(positions[:, None] - positions[None, :])
    among = weights[:, :, :queries]
    return np.einsum("hqk,qk->h", among, apart) / among.sum(axis=(1, 2))
