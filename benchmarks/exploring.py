"""Looking around in one layer of a long record, in a process of its own: `python -m benchmarks.exploring 8192`."""

import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from attnviz.axes import Tokens
from attnviz.record import Layer, Visibility
from benchmarks.llama import HEAD_DIM, HEADS, KEY_HEADS

REPEATS = 5
SIDE = 256  # of the picture that a tile becomes


def measure(tokens: int) -> dict[str, float]:
    """Time the bare product of one head, and what a reader asks for: each the middle of some runs by turns.

    Unit    seconds of one thread
    """
    layer, middle = _layer(tokens), tokens // 2
    near, wide = slice(middle, middle + SIDE), slice(middle - 4 * SIDE, middle + 4 * SIDE)
    asked: dict[str, Callable[[], object]] = {
        "product": lambda: layer.q[0] @ layer.k[0].T,
        "overview": lambda: _fresh(layer).tile(0, shape=(512, 512)),
        "overview, mean": lambda: _fresh(layer).tile(0, shape=(512, 512), pool="mean"),
        "again": lambda: layer.tile(0, shape=(512, 512)),
        "near tile": lambda: layer.tile(0, near, near, (SIDE, SIDE)),
        "wide tile": lambda: layer.tile(0, wide, wide, (SIDE, SIDE)),
        "row": lambda: layer.weights(queries=slice(tokens - 1, tokens)),
        "top": lambda: layer.top(0, tokens - 1, 10),
    }
    found: dict[str, list[float]] = {name: [] for name in asked}
    layer.tile(0)
    for _ in range(REPEATS):
        for name, ask in asked.items():
            start = time.process_time()
            ask()
            found[name].append(time.process_time() - start)
    return {name: statistics.median(each) for name, each in found.items()}


def _layer(tokens: int) -> Layer:
    labels = tuple(map(str, range(tokens)))
    axis = Tokens("", labels, labels, (None,) * tokens, (False,) * tokens, (None,) * tokens)
    rng = np.random.default_rng(0)
    q, k = (rng.standard_normal((heads, tokens, HEAD_DIM), np.float32) for heads in (HEADS, KEY_HEADS))
    return Layer(axis, axis, q, k, HEAD_DIM**-0.5, Visibility.causal(tokens, tokens))


def _fresh(layer: Layer) -> Layer:
    """Make the same layer with nothing known of its sums."""
    return Layer(layer.queries, layer.keys, layer.q, layer.k, layer.scaling, layer.visible)


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
