"""Records whose weights are known beforehand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.special import softmax

from attnviz.axes import ImageGeometry, Patches, Tokens
from attnviz.families.grids.grid import patches
from attnviz.inputs import Picture, Text
from attnviz.record import (
    AttentionRecord,
    GradientLayer,
    Gradients,
    KeptLayer,
    Layer,
    ModelFacts,
    Visibility,
    with_sink,
)

RecordOf = Callable[..., AttentionRecord]


def tokens(count: int, special: Sequence[int] = ()) -> Tokens:
    """Name the positions a, b, c … one character each, with spaces between."""
    labels = tuple(chr(ord("a") + position % 26) for position in range(count))
    return Tokens(
        source=" ".join(labels),
        labels=labels,
        raw=labels,
        spans=tuple((2 * position, 2 * position + 1) for position in range(count)),
        special=tuple(position in special for position in range(count)),
        words=tuple(range(count)),
    )


def layer_of(weights: np.ndarray, special: Sequence[int] = (), causal: bool = False, sink: bool = False) -> Layer:
    """Make the layer whose weights are these: with unit keys, the softmax of their logarithms gives them back.

    Shape   weights (head, query, key); with a sink its share of each head is what the first row leaves.
    """
    weights = np.asarray(weights, np.float32)
    queries, keys = weights.shape[1:]
    names = tokens(keys, special)
    layer = Layer(
        queries=tokens(queries, special) if queries != keys else names,
        keys=names,
        q=np.log(weights, out=np.full_like(weights, -200), where=weights > 0),  # e**-200 is 0 in float32
        k=np.eye(keys, dtype=np.float32)[None],
        scaling=1.0,
        visible=Visibility.causal(queries, keys) if causal else Visibility.full(queries, keys),
    )
    if sink:
        left = np.log(1 - weights[:, 0].sum(axis=1)).astype(np.float32)
        return replace(layer, keys=with_sink(names), sinks=left)
    return layer


@pytest.fixture
def record_of() -> RecordOf:
    """Give records made of layers of known weights, input side first, in the stack "self"."""

    def make(*layers: np.ndarray, **rest: object) -> AttentionRecord:
        made = tuple(layer_of(weights, **rest) for weights in layers)  # type: ignore[arg-type]
        return AttentionRecord(ModelFacts("toy"), Text("a b c"), {"self": made})

    return make


@pytest.fixture
def toy() -> list[np.ndarray]:
    """The three layers of one head that facts/fixtures_small.json works with.

    Shape   each (head, query, key) = (1, 3, 3)
    """
    return [
        np.array([[[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]], np.float32),
        np.array([[[0.2, 0.5, 0.3], [0.7, 0.1, 0.2], [0.4, 0.4, 0.2]]], np.float32),
        np.array([[[0.1, 0.2, 0.7], [0.3, 0.3, 0.4], [0.25, 0.5, 0.25]]], np.float32),
    ]


SEEN = ImageGeometry((32, 32), (32, 32), (0, 0), (32, 32))


def picture_layer(weights: np.ndarray, queries: Patches, keys: Patches | None = None) -> KeptLayer:
    """Make the layer whose weights are these, between patches."""
    weights = np.asarray(weights, np.float32)
    return KeptLayer(queries, queries if keys is None else keys, weights, Visibility.full(*weights.shape[1:]))


def picture_record(*layers: KeptLayer) -> AttentionRecord:
    """Make a record of layers between patches, input side first, in the stack "self"."""
    return AttentionRecord(ModelFacts("toy"), Picture((1, 1), b"\0\0\0"), {"self": layers})


@dataclass(frozen=True)
class Fixture:
    """Two layers of two heads over a class token and 2 × 2 patches, as facts/vision-audio.md §4 defines them.

    Shape   weights and slopes: each (head, query, key) = (2, 5, 5).
    """

    axis: Patches
    weights: list[np.ndarray]
    slopes: list[np.ndarray]

    @property
    def record(self) -> AttentionRecord:
        return picture_record(*(picture_layer(each, self.axis) for each in self.weights))

    @property
    def gradients(self) -> Gradients:
        pairs = zip(self.weights, self.slopes, strict=True)
        layers = tuple(GradientLayer(self.axis, self.axis, weights, slopes) for weights, slopes in pairs)
        return Gradients(ModelFacts("toy"), "cat", 1.0, {"self": layers})


@pytest.fixture(scope="session")
def published() -> Fixture:
    """The fixture F of the facts, on which every formula there is worked out."""
    query, key = np.arange(5)[:, None], np.arange(5)
    heads = [[((query + 1) * (key + 2) * (head + 1 + layer)) % 7 / 2 for head in range(2)] for layer in range(2)]
    weights = [np.stack([softmax(head, axis=1) for head in layer]).astype(np.float32) for layer in heads]
    slopes = [np.sin(np.arange(50) * (layer + 1)).reshape(2, 5, 5).astype(np.float32) for layer in range(2)]
    return Fixture(patches(SEEN, (2, 2), (16, 16), before=("[CLS]",)), weights, slopes)
