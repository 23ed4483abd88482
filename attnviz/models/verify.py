"""A model is believed after one short pass: what is recorded of it is what its own eager code computes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from attnviz.axes import Tokens
from attnviz.errors import RecordError, WeightsUnavailable
from attnviz.families import Family
from attnviz.models.attention import recording
from attnviz.models.listening import weights_of
from attnviz.models.taken import taken
from attnviz.models.twin import twin
from attnviz.record import AnyLayer

PROBE_TOKENS = 8
MOST_APART = {torch.float32: 1e-3, torch.float64: 1e-3}  # rounding, with room: a wrong map is apart by tenths
MOST_APART_IN_HALF = 5e-2


def probe(model: PreTrainedModel, *, causal: bool) -> dict[str, Tensor]:
    """Make a short input for a model of text: tokens spread over its vocabulary.

    Shape   each tensor (1, token).
    """
    words = int(model.base_model.get_input_embeddings().weight.shape[0])
    ids = torch.arange(1, PROBE_TOKENS + 1, device=model.device)[None] * max(1, words // (PROBE_TOKENS + 2)) % words
    return taken(model.base_model, ids, causal=causal)


def verify(model: PreTrainedModel, family: Family, layers: Mapping[str, int]) -> None:
    """Record a short pass, and compare every layer with the model's own eager attention.

    Raises  WeightsUnavailable  when calls, shapes, row sums or weights are not what they should be.
    """
    given, name = probe(model, causal=family.causal), type(model).__name__
    with recording() as seen, torch.inference_mode():
        output = model.base_model(**given, **family.told)
    axis = positions(PROBE_TOKENS)
    try:
        stacks = family.assemble(seen, dict.fromkeys(family.stacks, (axis, axis)), layers)
    except RecordError as why:
        raise WeightsUnavailable(
            "What {model} computes is no attention that can be shown ({why}). Choose another model.",
            model=name,
            why=str(why),
        ) from why
    for stack, drawn in stacks.items():
        own = _reported(output) if family.weighs else _eager(model, family, stack, given)
        if len(own) != len(drawn):
            raise WeightsUnavailable(
                "{model} ran {seen} layers of stack {stack!r} and its eager attention shows {own}. Choose another "
                "model.",
                model=name,
                seen=len(drawn),
                stack=stack,
                own=len(own),
            )
        for index, (layer, weights) in enumerate(zip(drawn, own, strict=True)):
            _compare(name, index, layer, weights)


def positions(count: int) -> Tokens:
    """Make an axis of positions that stand for no text."""
    return Tokens("", ("",) * count, ("",) * count, (None,) * count, (False,) * count, (None,) * count)


def _reported(output: Any) -> list[Tensor | None]:
    """Read the weights from a model's output, where their names and order are transformers' own."""
    return list(output.attentions or ())


def _eager(model: PreTrainedModel, family: Family, stack: str, given: Mapping[str, Tensor]) -> list[Tensor | None]:
    """Let a twin run the model's own eager attention, and take from each module what it gives."""
    slow = twin(model.base_model, "eager")
    found: list[Tensor | None] = []

    def keep(module: nn.Module, taken: Any, result: Any) -> None:
        found.append(weights_of(result, family.layout))

    for module in slow.modules():
        if type(module).__name__ in family.stacks[stack]:
            module.register_forward_hook(keep)
    with torch.inference_mode():
        slow(**given, **family.told)
    return found


def _compare(name: str, index: int, layer: AnyLayer, own: Tensor | None) -> None:
    drawn = layer.weights()
    wide = drawn.shape[2] - layer.has_sink
    if own is None or own[0].shape != (*drawn.shape[:2], wide):
        raise WeightsUnavailable(
            "L{layer} of {model} gives no weights even in eager attention.", layer=index, model=name
        )
    apart = float(np.abs(drawn[:, :, :wide] - own[0].float().cpu().numpy()).max())
    most = MOST_APART.get(own.dtype, MOST_APART_IN_HALF)
    if not apart <= most:
        raise WeightsUnavailable(
            "L{layer} of {model} is {apart:.2g} away from the model's own eager attention; up to {most:.2g} is "
            "rounding. Choose another model.",
            layer=index,
            model=name,
            apart=apart,
            most=most,
        )
