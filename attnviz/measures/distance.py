"""How far each head reads: in positions of any input, in pixels of a picture."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from attnviz.axes import Patches, Span
from attnviz.errors import MeasureError
from attnviz.measures.axes import patch_centres, reads_itself
from attnviz.measures.heads import HeadScores, layers_of
from attnviz.measures.reach import even
from attnviz.measures.sample import sample
from attnviz.record import AnyLayer, AttentionRecord
from attnviz.record.any_layer import blocks

MOST_PAIRS = 2**24  # of one head: up to here every query of a picture is weighed, beyond it a sample


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


@dataclass(frozen=True, eq=False)
class PixelDistance:
    """How far the heads of a stack read in a picture, as the literature draws it and of what goes to patches alone.

    What goes to class tokens, registers and padding has no distance: `raw` counts it as 0, as rows are cut and not
    divided again; `renormalised` leaves it out, each row being divided by what it gives to patches.
    """

    raw: HeadScores
    renormalised: HeadScores


def pixel_distance(
    record: AttentionRecord, stack: str, on_layer: Callable[[int], None] = lambda layer: None
) -> PixelDistance:
    """Say how many pixels lie between the middle of a patch and of what it reads, on average, for every head.

    In a huge picture a sample of the patches asks (`measures.sample`), where it has more than 4,096. `on_layer` is
    called before each layer, and may raise to end the work.

    Shape   both: one (head,) array a layer.
    Unit    pixels of the picture that the model saw; `chance` is the distance when every patch reads all that it may
            read alike.
    Raises  MeasureError  when queries or keys are no patches, as in a text or in object queries.
    Source  Dosovitskiy et al. 2021, arXiv:2010.11929, Fig. 7; Raghu et al. 2021, arXiv:2108.08810, §3.
    """
    measured = []
    for number, layer in enumerate(layers_of(record, stack)):
        on_layer(number)
        measured.append(_pixels(layer, stack))
    raw, renormalised = (
        HeadScores.collect(((own.means[way], chance.means[way]) for own, chance in measured), unit="pixels")
        for way in (0, 1)
    )
    return PixelDistance(raw, renormalised)


class _Tally:
    """Adds up distances, block by block.

    Shape   means: raw and renormalised, each (head,).
    """

    def __init__(self, heads: int) -> None:
        self._sums, self._counts = np.zeros((2, heads)), np.zeros((2, heads))

    def add(self, weights: np.ndarray, apart: np.ndarray, head: int | slice = slice(None)) -> None:
        """Weigh the distances of some patches by what they give.

        Shape   weights (head, query, key), or (query, key) of one head; apart (query, key).
        """
        far, given = (weights * apart).sum(axis=-1, dtype=np.float64), weights.sum(axis=-1, dtype=np.float64)
        asked = given > 0
        self._sums[0, head] += far.sum(axis=-1)
        self._counts[0, head] += far.shape[-1]
        self._sums[1, head] += np.divide(far, given, out=np.zeros_like(far), where=asked).sum(axis=-1)
        self._counts[1, head] += asked.sum(axis=-1)

    @property
    def means(self) -> np.ndarray:
        return self._sums / np.maximum(self._counts, 1)


def _pixels(layer: AnyLayer, stack: str) -> tuple[_Tally, _Tally]:
    """Measure one layer, and what it would be by chance."""
    if not isinstance(layer.queries, Patches) or not isinstance(layer.keys, Patches):
        kinds = type(layer.queries).__name__, type(layer.keys).__name__
        raise MeasureError(
            "Pixels lie between patches of a picture; {stack!r} has queries of {queries} and keys of {keys}. Choose a "
            "stack in which patches read patches.",
            stack=stack,
            queries=kinds[0],
            keys=kinds[1],
        )
    queries, keys = patch_centres(layer.queries), patch_centres(layer.keys)
    columns = ~np.isnan(keys[:, 0])
    own, chance = _Tally(layer.heads), _Tally(layer.heads)
    for start, stop in _spans(layer):
        asks = ~np.isnan(queries[start:stop, 0])
        if not asks.any():
            continue
        apart = np.linalg.norm(queries[start:stop][asks, None] - keys[columns], axis=2).astype(np.float32)
        among = np.ix_(asks, columns)
        for head in range(layer.heads):
            rows = layer.weights(slice(head, head + 1), slice(start, stop))[0]
            own.add(rows[among], apart, head)
        chance.add(even(layer, ((start, stop),))[:, asks][:, :, columns], apart)
    return own, chance


def _spans(layer: AnyLayer) -> Iterator[Span]:
    """Cut the queries to be weighed into blocks."""
    queries, keys = len(layer.queries), len(layer.keys)
    for start, stop in ((0, queries),) if queries * keys <= MOST_PAIRS else sample(queries):
        yield from blocks(start, stop, keys)
