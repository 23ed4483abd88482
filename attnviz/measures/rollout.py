"""Attention rollout: how much of each input position reaches each position of the last layer."""

from collections.abc import Iterable

import numpy as np

from attnviz.axes import Axis
from attnviz.errors import MeasureError
from attnviz.measures.axes import class_key, reads_itself
from attnviz.measures.heads import Fuse, fused, layers_of
from attnviz.record import AnyLayer, AttentionMap, AttentionRecord, ScoreMap

AS_PUBLISHED = "share of the input, columns divided where rows were meant"


def rollout(
    record: AttentionRecord, stack: str, residual: float = 0.5, fuse: Fuse = "mean", discard: float = 0.0
) -> AttentionMap:
    """Follow attention from the last layer of a stack back to its input, residual path included.

    Of each layer's heads the mean is taken, or the greatest or the smallest weight of each pair; then the smallest
    entries are discarded, that share of all of them, but none that reads a class token.

    Shape   the result is (query, key): positions of the last layer, positions of the input.
    Unit    fraction of a row; each row sums to 1.
    Raises  MeasureError  when a layer does not read what it writes: cross attention, windowed stages, learned sinks;
                          or `fuse` or `discard` is none that there is.
    Source  Abnar & Zuidema 2020, arXiv:2005.00928, eq. 1, heads averaged; the other ways to fuse, and discarding:
            Gildenblat 2020, github.com/jacobgil/vit-explain, with rows divided by their own sums.
    """
    layers = _square(record, stack)
    spared = spare_class(layers[0].keys)
    flow = follow((discarded(fused(layer, fuse), discard, spared) for layer in layers), residual)
    return AttentionMap(flow, layers[-1].queries, layers[0].keys)


def rollout_as_published(record: AttentionRecord, stack: str, fuse: Fuse = "mean", discard: float = 0.0) -> ScoreMap:
    """Repeat the rollout of vit-explain, for papers that used it: it divides columns by the sums of rows.

    It spares one entry from being discarded, what the class token gives to itself. For means of which nothing is
    discarded it equals `rollout`, as all sums are 1.

    Shape   the result is (query, key): positions of the last layer, positions of the input.
    Unit    share of the input, of which the rows do not sum to 1; vit-explain then divides by the greatest.
    Raises  MeasureError  when a layer does not read what it writes, or `fuse` or `discard` is none that there is.
    Source  Gildenblat 2020, github.com/jacobgil/vit-explain, vit_rollout.py, as of 311da9a.
    """
    layers = _square(record, stack)
    first = np.zeros((len(layers[0].queries),) * 2, bool)
    first[0, 0] = True
    flow = follow_columns(discarded(fused(layer, fuse), discard, first) for layer in layers)
    return ScoreMap(flow, layers[-1].queries, layers[0].keys, AS_PUBLISHED)


def follow(layers: Iterable[np.ndarray], residual: float = 0.5) -> np.ndarray:
    """Multiply layers whose heads are fused, each mixed with the identity that stands for its residual path.

    Shape   layers: each (query, key), query == key, input side first; result (query, key).
    Unit    fraction of a row; each row of the result sums to 1.
    Raises  MeasureError  when layers differ in length, there are none, or a row has nothing to be divided.
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
        mixed = residual * identity + (1 - residual) * weights
        sums = mixed.sum(axis=1, keepdims=True)
        if not sums.all():
            raise MeasureError(
                "Row {row} gives nothing to anything after so much was discarded. Discard less, or follow the residual "
                "path too.",
                row=int((sums[:, 0] == 0).argmax()),
            )
        flow = (mixed / sums) @ flow  # later layers read earlier results
    if flow is None:
        raise MeasureError("Rollout needs at least one layer; this stack has none.")
    return flow


def follow_columns(layers: Iterable[np.ndarray]) -> np.ndarray:
    """Multiply layers as vit-explain does, which divides entry (i, j) by the sum of row j.

    Shape   layers: each (query, key), query == key, input side first, at least one; result (query, key).
    Unit    share of the input, of which the rows do not sum to 1.
    Source  Gildenblat 2020, github.com/jacobgil/vit-explain, vit_rollout.py, `a / a.sum(dim=-1)`.
    """
    flow: np.ndarray | None = None
    for weights in layers:
        mixed = (weights + np.eye(len(weights), dtype=np.float32)) / 2
        step = mixed / mixed.sum(axis=1)
        flow = step if flow is None else step @ flow
    assert flow is not None
    return flow


def discarded(weights: np.ndarray, share: float, spared: np.ndarray) -> np.ndarray:
    """Set the smallest entries of a layer to 0, that share of all of them; of equal ones the first.

    Shape   weights (query, key); spared (query or 1, key), bool: entries that stay although they are among those.
    Unit    as given.
    Raises  MeasureError  when the share is below 0, or 1 or more.
    """
    if not 0 <= share < 1:
        raise MeasureError("A share from 0 up to less than 1 can be discarded; {share} was asked for.", share=share)
    count = int(weights.size * share)
    if not count:
        return weights
    flat = weights.ravel()
    least = np.partition(flat, count - 1)[count - 1]
    gone = flat < least
    gone[np.flatnonzero(flat == least)[: count - int(gone.sum())]] = True
    return np.where(gone.reshape(weights.shape) & ~spared, np.float32(0), weights)


def spare_class(keys: Axis) -> np.ndarray:
    """Mark the column of the class token, where there is one.

    Shape   (1, key), bool.
    """
    spared = np.zeros((1, len(keys)), bool)
    if (column := class_key(keys)) is not None:
        spared[0, column] = True
    return spared


def _square(record: AttentionRecord, stack: str) -> tuple[AnyLayer, ...]:
    """Give the layers of a stack, once each is seen to read what it writes."""
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
        if len(layer.queries) != len(layers[0].queries):
            raise MeasureError(
                "Rollout multiplies layers of one length; layer {layer} of {stack!r} has {count} positions and the "
                "first has {first}. Choose a model whose layers all read one grid, such as ViT.",
                layer=index,
                stack=stack,
                count=len(layer.queries),
                first=len(layers[0].queries),
            )
    return layers
