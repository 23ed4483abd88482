"""Rollout of what speaks for one target: each layer's weights times the slope of the target along them."""

import numpy as np

from attnviz.measures.relevance import square_stack
from attnviz.measures.rollout import AS_PUBLISHED, discarded, follow, follow_columns, spare_class
from attnviz.record import AttentionMap, Gradients, ScoreMap


def gradient_rollout(
    gradients: Gradients, stack: str = "self", residual: float = 0.5, discard: float = 0.0
) -> AttentionMap:
    """Follow what speaks for a target from the last layer back to the input, residual path included.

    Shape   the result is (query, key): positions of the last layer, positions of the input.
    Unit    fraction of a row; each row sums to 1.
    Raises  MeasureError  when a layer does not read what it writes, or `discard` is none that there is.
    Source  Gildenblat 2020, jacobgil.github.io/deeplearning/vision-transformer-explainability, each layer with its own
            gradient and rows divided by their own sums.
    """
    layers = square_stack(gradients, stack)
    spared = spare_class(layers[0].keys)
    steps = (discarded(guided(layer.weights, layer.gradients), discard, spared) for layer in layers)
    return AttentionMap(follow(steps, residual), layers[-1].queries, layers[0].keys)


def gradient_rollout_as_published(gradients: Gradients, stack: str = "self", discard: float = 0.0) -> ScoreMap:
    """Repeat the gradient rollout of vit-explain, for papers that used it.

    It gives the first layer the gradient of the last, the second that of the last but one, and so on, as hooks hear
    them; it divides columns by the sums of rows; and it spares no entry from being discarded.

    Shape   the result is (query, key): positions of the last layer, positions of the input.
    Unit    share of the input, of which the rows do not sum to 1; vit-explain then divides by the greatest.
    Raises  MeasureError  when a layer does not read what it writes, or `discard` is none that there is.
    Source  Gildenblat 2020, github.com/jacobgil/vit-explain, vit_grad_rollout.py, as of 311da9a; its issue 6.
    """
    layers = square_stack(gradients, stack)
    none = np.zeros((1, len(layers[0].keys)), bool)
    pairs = zip(layers, reversed(layers), strict=True)
    steps = (discarded(guided(layer.weights, other.gradients), discard, none) for layer, other in pairs)
    return ScoreMap(follow_columns(steps), layers[-1].queries, layers[0].keys, AS_PUBLISHED)


def guided(weights: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """Average over heads what each weight adds to the target; where that takes from it, 0.

    Shape   both (head, query, key); result (query, key).
    Unit    of the target
    Source  Gildenblat 2020, github.com/jacobgil/vit-explain, vit_grad_rollout.py.
    """
    return np.maximum(np.einsum("hqk,hqk->qk", weights, gradients) / len(weights), 0)
