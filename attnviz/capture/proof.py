"""The proof under a picture: what is drawn, against what the model's own eager attention gives."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from attnviz.encode import encode
from attnviz.errors import RecordError, WeightsUnavailable
from attnviz.models.listening import Layout, weights_of
from attnviz.models.loading import LoadedModel
from attnviz.models.twin import twin
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
    """Carries the weights of the layer that was asked for out of the forward pass."""

    def __init__(self, weights: torch.Tensor | None) -> None:
        super().__init__()
        self.weights = weights


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
    own = _eager(model, record, stack, layer)[head]
    apart = np.abs(drawn[:, : own.shape[1]] - own)  # a sink, if there is one, comes last and only in what is drawn
    query, key = np.unravel_index(int(apart.argmax()), apart.shape)
    sums = np.abs(drawn.sum(axis=1) - 1)
    return Proof(float(sums.max()), float(apart[query, key]), int(query), int(key))


def _eager(model: LoadedModel, record: AttentionRecord, stack: str, layer: int) -> np.ndarray:
    """Run the model's own eager attention as far as one layer.

    Shape   (head, query, key), float32.
    """
    slow = twin(model.backbone, "eager")
    countdown, names = _Countdown(layer, model.family.layout), model.family.stacks[stack]
    for module in slow.modules():
        if type(module).__name__ in names:
            module.register_forward_hook(countdown)
    tensors = {name: tensor.to(slow.device) for name, tensor in encode(model, record.given).tensors.items()}
    try:
        with torch.inference_mode():
            slow(**tensors, **model.family.told)
    except _Reached as reached:
        if reached.weights is None:
            raise WeightsUnavailable(
                "L{layer} of {model} gives no weights even in eager attention.",
                layer=layer,
                model=model.name,
            ) from None
        return reached.weights[0].float().cpu().numpy()
    raise WeightsUnavailable(
        "{model} did not run L{layer} of stack {stack!r} in eager attention.",
        model=model.name,
        layer=layer,
        stack=stack,
    )


def _spelled(facts: ModelFacts) -> str:
    return f"{facts.name}@{facts.revision}" if facts.revision else facts.name


class _Countdown:
    """A forward hook that lets some calls pass and ends the run at the next."""

    def __init__(self, calls: int, layout: Layout) -> None:
        self._left = calls
        self._layout = layout

    def __call__(self, module: nn.Module, given: Any, result: Any) -> None:
        if self._left == 0:
            raise _Reached(weights_of(result, self._layout))
        self._left -= 1
