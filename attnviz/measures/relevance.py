"""What speaks for one target, followed through every layer by the rules of Chefer et al.

The names of the rules are theirs: s reads, q is read; R with two letters says how much of the second's input is in the
first's tokens.
"""

from collections.abc import Sequence

import numpy as np

from attnviz.errors import MeasureError
from attnviz.measures.axes import reads_itself
from attnviz.record import GradientLayer, Gradients, ScoreMap

UNIT = "relevance to the target"


def relevance(gradients: Gradients, stack: str = "self", start: int = 0) -> ScoreMap:
    """Say how much each input position speaks for the target, by way of each position of the last layer.

    The row to read is that of the position which the target was computed from, as a class token. Layers before `start`
    are left out: sums over many layers spread.

    Shape   the result is (query, key): positions of the last layer, positions of the input.
    Unit    relevance, 0 or more; each position holds 1 of itself at the start.
    Raises  MeasureError  when a layer does not read what it writes, or no layer is left.
    Source  Chefer et al. 2021, arXiv:2103.15679, eq. 5 and 6.
    """
    layers = _from(square_stack(gradients, stack), start, stack)
    return ScoreMap(spread([step_of(layer) for layer in layers]), layers[-1].queries, layers[0].keys, UNIT)


def cross_relevance(gradients: Gradients, start: int = 0) -> ScoreMap:
    """Say how much each position that an encoder read speaks for the target, by way of each query of its decoder.

    The encoder comes first (6); then in each layer of the decoder its queries read each other (6, 7), and the encoder
    (10). Rule 11 adds nothing here, as nothing of the queries is ever in the encoder. Layers of the encoder before
    `start` are left out.

    Shape   the result is (query, key): queries of the decoder, positions that the encoder read.
    Unit    relevance, 0 or more.
    Raises  MeasureError  when the decoder has not as many layers that read its queries as such that read the encoder,
                          or a layer does not read what it writes.
    Source  Chefer et al. 2021, arXiv:2103.15679, §3.2 and eq. 5 to 10.
    """
    encoder = _from(square_stack(gradients, "encoder"), start, "encoder")
    decoder, cross = square_stack(gradients, "decoder"), gradients.stack("cross")
    if len(decoder) != len(cross):
        raise MeasureError(
            "The decoder reads itself in {own} layers and its encoder in {cross}; relevance goes through both in "
            "pairs. Choose another model.",
            own=len(decoder),
            cross=len(cross),
        )
    rqq = spread([step_of(layer) for layer in encoder])
    rss: np.ndarray = np.eye(len(cross[0].queries), dtype=np.float32)
    rsq: np.ndarray = np.zeros((len(cross[0].queries), len(cross[0].keys)), np.float32)
    for own, other in zip(decoder, cross, strict=True):
        step = step_of(own)
        rss, rsq = rss + step @ rss, rsq + step @ rsq
        rsq = rsq + across(rss, step_of(other), rqq)
    return ScoreMap(rsq, cross[-1].queries, encoder[0].keys, UNIT)


def step_of(layer: GradientLayer) -> np.ndarray:
    """Average over heads what each weight adds to the target, of which what takes from it is left out head by head.

    Shape   (query, key)
    Unit    of the target
    Source  Chefer et al. 2021, arXiv:2103.15679, eq. 5.
    """
    return np.maximum(layer.weights * layer.gradients, 0).mean(axis=0)


def spread(steps: Sequence[np.ndarray]) -> np.ndarray:
    """Let relevance pass through layers of self-attention: each adds what it mixes to what was there.

    Shape   steps: each (query, key), query == key, input side first, at least one; result (query, key).
    Unit    relevance
    Source  Chefer et al. 2021, arXiv:2103.15679, eq. 6.
    """
    result: np.ndarray = np.eye(len(steps[0]), dtype=np.float32)
    for step in steps:
        result = result + step @ result
    return result


def normalised(relevance: np.ndarray) -> np.ndarray:
    """Let what was mixed in count as much as the position itself; a row without any stays the position itself.

    Shape   (query, key), query == key; result alike.
    Unit    1 of the position itself, and 1 of what was mixed in, if anything was.
    Source  Chefer et al. 2021, arXiv:2103.15679, eq. 8 and 9, of which 9 divides 0 by 0 in such a row.
    """
    identity = np.eye(len(relevance), dtype=np.float32)
    mixed = relevance - identity
    sums = mixed.sum(axis=1, keepdims=True)
    return np.divide(mixed, sums, out=np.zeros_like(mixed), where=sums != 0) + identity


def across(rss: np.ndarray, step: np.ndarray, rqq: np.ndarray) -> np.ndarray:
    """Let relevance pass from what was read to what reads it.

    Shape   rss (query, query), step (query, key), rqq (key, key); result (query, key).
    Unit    relevance
    Source  Chefer et al. 2021, arXiv:2103.15679, eq. 10.
    """
    return normalised(rss).T @ step @ normalised(rqq)


def square_stack(gradients: Gradients, stack: str) -> tuple[GradientLayer, ...]:
    """Give the layers of a stack, once each is seen to read what it writes.

    Raises  MeasureError  when one does not, or differs in length from another.
    """
    layers = gradients.stack(stack)
    for index, layer in enumerate(layers):
        own = len(layer.queries) == len(layer.keys) == len(layers[0].keys)
        if not own or not reads_itself(layer.queries, layer.keys):
            raise MeasureError(
                "This lens multiplies layers of one length that read what they write; layer {layer} of {stack!r} has "
                "{queries} queries and {keys} keys, the first {first}. Choose a stack of self-attention.",
                layer=index,
                stack=stack,
                queries=len(layer.queries),
                keys=len(layer.keys),
                first=len(layers[0].keys),
            )
    return layers


def _from(layers: tuple[GradientLayer, ...], start: int, stack: str) -> tuple[GradientLayer, ...]:
    if not 0 <= start < len(layers):
        raise MeasureError(
            "Stack {stack!r} has layers 0 to {last}; relevance was to start at {start}.",
            stack=stack,
            last=len(layers) - 1,
            start=start,
        )
    return layers[start:]
