"""Attention rollout: how much of each input position reaches each position of the last layer."""

from collections.abc import Iterable

import numpy as np

from attnviz.errors import MeasureError
from attnviz.measures.axes import reads_itself
from attnviz.measures.heads import head_mean, layers_of
from attnviz.record import AttentionMap, AttentionRecord


def rollout(record: AttentionRecord, stack: str, residual: float = 0.5) -> AttentionMap:
    """Follow attention from the last layer of a stack back to its input, residual path included.

    Shape   the result is (query, key): positions of the last layer, positions of the input.
    Unit    fraction of a row; each row sums to 1.
    Raises  MeasureError  when a layer does not read what it writes: cross attention, windowed stages, learned sinks.
    Source  Abnar & Zuidema 2020, arXiv:2005.00928, eq. 1, heads averaged.
    """
    layers = layers_of(record, stack)
    for index, layer in enumerate(layers):
        if len(layer.queries) != len(layer.keys) or not reads_itself(layer.queries, layer.keys):
            raise MeasureError(
                "Rollout multiplies layers that read what they write; layer {layer} of {stack!r} has {queries} queries "
                "and {keys} other keys. Choose a stack of self-attention.",
                layer=index,
                stack=stack,
                queries=len(layer.queries),
                keys=len(layer.keys),
            )
    flow = follow((head_mean(layer) for layer in layers), residual)
    return AttentionMap(flow, layers[-1].queries, layers[0].keys)


def follow(layers: Iterable[np.ndarray], residual: float = 0.5) -> np.ndarray:
    """Multiply head-averaged layers, each mixed with the identity that stands for its residual path.

    Shape   layers: each (query, key), query == key, input side first; result (query, key).
    Unit    fraction of a row; each row of the result sums to 1.
    Raises  MeasureError  when layers differ in length, or there are none.
    Source  Abnar & Zuidema 2020, arXiv:2005.00928, eq. 1.
    """
    flow: np.ndarray | None = None
    for weights in layers:
        identity = np.eye(len(weights), dtype=np.float32)
        flow = identity if flow is None else flow
        if weights.shape != flow.shape:
            raise MeasureError(
                "Rollout multiplies square layers of one length; {this} meets {before}.",
                this=weights.shape,
                before=flow.shape,
            )
        flow = (residual * identity + (1 - residual) * weights) @ flow  # later layers read earlier results
    if flow is None:
        raise MeasureError("Rollout needs at least one layer; this stack has none.")
    return flow
