"""One map made of many heads: a mean over a layer or a stack, or a weighted mix."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np

from attnviz.errors import MeasureError
from attnviz.measures.heads import layers_of
from attnviz.record import AnyLayer, AttentionMap, AttentionRecord

Pick = tuple[int, int, float]  # layer, head, weight


def average(record: AttentionRecord, stack: str, heads: Iterable[Pick] | None = None) -> AttentionMap:
    """Mix heads into one map; every head of the stack alike when none are named.

    Shape   heads: (layer, head, weight) each; result (query, key).
    Unit    fraction of a row. The weights are scaled to share 1, so each row still sums to 1.
    Raises  MeasureError  when a weight is negative, all are 0, a head does not exist, or heads read different axes.
    """
    layers = layers_of(record, stack)
    picks = sorted(heads if heads is not None else heads_of(record, stack))
    _check(picks, layers, stack)
    first = layers[picks[0][0]]
    total = np.zeros((len(first.queries), len(first.keys)), np.float64)
    for index, chosen in groupby(picks, key=itemgetter(0)):
        for _, head, weight in chosen:
            total += weight * layers[index].weights(heads=slice(head, head + 1))[0]
    total /= sum(weight for _, _, weight in picks)
    return AttentionMap(total.astype(np.float32), first.queries, first.keys)


def heads_of(record: AttentionRecord, stack: str, layer: int | None = None) -> tuple[Pick, ...]:
    """Name every head of a layer, or of the whole stack, with equal weight.

    Raises  RecordError  when the record has no such stack.
    """
    return tuple(
        (index, head, 1.0)
        for index, each in enumerate(layers_of(record, stack))
        if layer is None or index == layer
        for head in range(each.heads)
    )


def _check(picks: Sequence[Pick], layers: Sequence[AnyLayer], stack: str) -> None:
    """Refuse a mix that means nothing."""
    for index, head, weight in picks:
        if not 0 <= index < len(layers):
            last = len(layers) - 1
            raise MeasureError(
                "{stack!r} has layers 0 to {last}; the mix names {layer}.", stack=stack, last=last, layer=index
            )
        if not 0 <= head < layers[index].heads:
            last = layers[index].heads - 1
            raise MeasureError(
                "L{layer} has heads 0 to {last}; the mix names {head}.", layer=index, last=last, head=head
            )
        if not 0 <= weight < float("inf"):
            raise MeasureError(
                "L{layer} H{head} has weight {weight}; a weight in a mix is 0 or more.",
                layer=index,
                head=head,
                weight=weight,
            )
    if not sum(weight for _, _, weight in picks):
        raise MeasureError("The weights of the mix sum to 0; give at least one head a weight above 0.")
    if len({(len(layers[index].queries), len(layers[index].keys)) for index, _, _ in picks}) != 1:
        raise MeasureError("The mix names layers of different lengths; mix heads of layers that share both axes.")
