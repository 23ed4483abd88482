"""The proof under a picture: what is drawn, against what the model's own eager attention gives."""

import contextlib
from dataclasses import dataclass

import numpy as np
import torch

from attnviz.encode import encode
from attnviz.errors import RecordError, WeightsUnavailable
from attnviz.families import Compared
from attnviz.models.eager import eager_calls, run_eagerly, weighed
from attnviz.models.loading import LoadedModel
from attnviz.record import AttentionRecord, ModelFacts


@dataclass(frozen=True)
class Proof:
    """How far one drawn map is from the model's own.

    Unit    row_sum_error: largest distance of a row's sum from 1; difference: largest distance between two weights.
    """

    row_sum_error: float
    difference: float
    query: int  # where that difference is
    key: int


class _Reached(Exception):  # no error: it ends the pass once the layer has spoken
    """Carries nothing: what was heard is with the listener."""


def proof(model: LoadedModel, record: AttentionRecord, stack: str, layer: int, head: int) -> Proof:
    """Compare one map with the weights that the model's own eager code computes for the same input.

    The eager code runs in a twin that shares the model's weights, up to the layer asked for and no further.

    Raises  RecordError         when the record comes from another model, or lacks the layer or head.
            WeightsUnavailable  when the model's eager attention gives no weights for the layer.
    """
    if record.model != model.facts:
        raise RecordError(
            "The record was made with {made} and this is {model}. Open the same model to prove it.",
            made=_spelled(record.model),
            model=_spelled(model.facts),
        )
    drawn = record.map(stack, layer, head).weights
    own = _eager(model, record, stack, layer, head)
    width = min(drawn.shape[1], own.shape[1])  # a sink, if there is one, comes last and only in what is drawn
    apart = np.abs(drawn[:, :width] - own[:, :width])
    query, key = np.unravel_index(int(apart.argmax()), apart.shape)
    sums = np.abs(drawn.sum(axis=1) - 1)
    return Proof(float(sums.max()), float(apart[query, key]), int(query), int(key))


def _eager(model: LoadedModel, record: AttentionRecord, stack: str, layer: int, head: int) -> np.ndarray:
    """Run the model's own eager attention as far as one layer.

    Shape   (query, key), float32.
    """
    encoded = encode(model, record.given)
    heard = _Heard(model, stack, layer)
    with contextlib.suppress(_Reached):
        run_eagerly(model.backbone, model.family, encoded.tensors, heard)
    sides = encoded.sides[stack][layer]
    if heard.silent:  # it keeps its weights to itself: the whole pass is asked at the function that it calls
        calls = model.family.sort(eager_calls(model.backbone, model.family, encoded.tensors))[stack]
        heard.calls = [call for call in calls if call.place == heard.places[layer]]
    if not heard.calls:
        raise WeightsUnavailable(
            "{model} did not run L{layer} of stack {stack!r} in eager attention.",
            model=model.name,
            layer=layer,
            stack=stack,
        )
    first, *others = heard.calls
    if sides.windows is None and not others:  # as it is: a sink's share is not among what eager attention gives
        return first.weights()[0, head]
    return first.layer(sides, others).weights(slice(head, head + 1))[0]


def _spelled(facts: ModelFacts) -> str:
    return f"{facts.name}@{facts.revision}" if facts.revision else facts.name


class _Heard:
    """Listens to the modules of one stack until the layer asked for has spoken."""

    def __init__(self, model: LoadedModel, stack: str, layer: int) -> None:
        self.calls: list[Compared] = []
        self.places: list[str] = []
        self.silent = False
        self._family, self._stack, self._layer = model.family, stack, layer

    def __call__(self, module: str, place: str, weights: torch.Tensor | None) -> None:
        if self._family.stack_of(module, place) != self._stack:
            return
        self.places.append(place)
        if len(self.places) <= self._layer:
            return
        self.silent = weights is None
        self.calls = [] if weights is None else [weighed(module, place, weights)]
        raise _Reached
