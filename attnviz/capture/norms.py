"""How long the hidden state of each token is after each block of a stack."""

import re
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from attnviz.encode import encode
from attnviz.errors import MeasureError
from attnviz.inputs import Input
from attnviz.models.attention import noted, recording
from attnviz.models.backbone import moved
from attnviz.models.loading import LoadedModel
from attnviz.models.places import name_places, place_of
from attnviz.models.twin import twin
from attnviz.record import Norms

_BLOCK = re.compile(r"(.*\.\d+)\.")  # a block is the innermost numbered part around a module that attends


def norms(model: LoadedModel, given: Input, stack: str = "self") -> Norms:
    """Run the model once, and measure what each block of a stack leaves behind, before any normalisation at the end.

    Shape   one (position,) array a layer.
    Unit    Euclidean length, in the model's own numbers.
    Raises  MeasureError  when the model has no such stack, or its blocks do not leave a state for each position.
    Source  Darcet et al. 2023, arXiv:2309.16588, §2.1.
    """
    encoded = encode(model, given)
    if stack not in encoded.sides:
        raise MeasureError(
            "{model} has no stack {stack!r}; it has {known}.",
            model=model.name,
            stack=stack,
            known=", ".join(encoded.sides),
        )
    other = twin(
        model.backbone, model.model.config._attn_implementation
    )  # others may be using the model: no hooks there
    found = _listen(other, model, stack)
    with recording() if encoded.settle else nullcontext(), torch.inference_mode():
        other(**moved(encoded.tensors, other), **model.family.told)
        axes = tuple(sides.queries for sides in encoded.settled(noted()).sides[stack])
    if [len(each) for each in found] != [len(axis) for axis in axes]:
        raise MeasureError(
            "The blocks of {stack!r} leave states of {found} positions and the layers have {named}. Choose another "
            "model.",
            stack=stack,
            found=[len(each) for each in found],
            named=[len(axis) for axis in axes],
        )
    return Norms(tuple(each.numpy() for each in found), axes)


def _listen(other: nn.Module, model: LoadedModel, stack: str) -> list[Tensor]:
    """Hook the blocks around the modules of a stack; the list fills as they run, one (position,) tensor each."""
    found: list[Tensor] = []

    def keep(module: nn.Module, given: Any, result: Any) -> None:
        state = result[0] if isinstance(result, tuple | list) else result
        if isinstance(state, Tensor) and state.ndim == 3 and len(state) == 1:
            found.append(state[0].float().norm(dim=-1).cpu())

    name_places(other)
    modules = dict(other.named_modules())
    attending = [
        place_of(each)
        for each in modules.values()
        if model.family.stack_of(type(each).__name__, place_of(each)) == stack
    ]
    for block in dict.fromkeys(match[1] for place in attending if (match := _BLOCK.match(place))):
        modules[block].register_forward_hook(keep)
    return found
