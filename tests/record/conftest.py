"""Layers with random queries and keys, of any shape, and their weights worked out in the plainest way."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from attnviz.axes import Tokens
from attnviz.inputs import Text
from attnviz.record import AttentionRecord, Layer, ModelFacts, Visibility, with_sink


def tokens(count: int, start: str = "a") -> Tokens:
    """Name some positions with letters, spaces between them."""
    labels = tuple(chr(ord(start) + position) for position in range(count))
    spans = tuple((2 * position, 2 * position + 1) for position in range(count))
    return Tokens(" ".join(labels), labels, labels, spans, (False,) * count, tuple(range(count)))


def random_layer(queries: int = 5, keys: int = 8, heads: int = 4, kv_heads: int = 2, **rest: Any) -> Layer:
    """Make a layer with more keys than queries, so that a swap would show."""
    rng = np.random.default_rng(queries * 1000 + keys)
    q = rng.normal(size=(heads, queries, 3)).astype(np.float32)
    k = rng.normal(size=(kv_heads, keys, 3)).astype(np.float32)
    names = tokens(keys, "k")
    defaults = {"scaling": 0.5, "visible": Visibility.full(queries, keys)}
    return Layer(tokens(queries), with_sink(names) if "sinks" in rest else names, q, k, **(defaults | rest))


def plainly(layer: Layer, mask: np.ndarray) -> np.ndarray:
    """Work out a layer's weights in float64 by the definition.

    Shape   mask (query, key); result (head, query, key), the sink's key last.
    """
    k = np.repeat(layer.k, layer.heads // len(layer.k), axis=0).astype(np.float64)
    scores = np.einsum("hqd,hkd->hqk", layer.q.astype(np.float64), k) * layer.scaling
    if layer.softcap is not None:
        scores = layer.softcap * np.tanh(scores / layer.softcap)
    if layer.bias is not None:
        scores = scores + layer.bias
    scores = np.where(mask, scores, -np.inf)
    if layer.sinks is not None:
        column = np.broadcast_to(layer.sinks[:, None, None], (*scores.shape[:2], 1))
        scores = np.concatenate([scores, column], axis=2)
    raised = np.exp(scores)
    return raised / raised.sum(axis=2, keepdims=True)


@pytest.fixture
def record() -> AttentionRecord:
    """Two layers of four heads, five queries, eight keys."""
    facts = ModelFacts("toy", "1", None, "toy", 2, 4)
    return AttentionRecord(facts, Text("a b"), {"self": (random_layer(), random_layer(scaling=0.7))})


@pytest.fixture
def layer_of() -> Callable[..., Layer]:
    return random_layer
