"""A model's own eager attention with its weights still in the graph of the pass, so that slopes along them exist."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, PreTrainedModel
from transformers.masking_utils import AttentionMaskInterface, eager_mask

from attnviz.errors import WeightsUnavailable
from attnviz.families import Family
from attnviz.models.backbone import backbone_of, moved
from attnviz.models.listening import told_to_weigh, weights_of
from attnviz.models.places import name_places, place_of
from attnviz.models.twin import twin

DIFFERENTIABLE = "attnviz_differentiable"
_FOUND = "attnviz_found"


@dataclass(frozen=True, eq=False)
class Live:
    """The weights of one module in one pass, as the tensor that its output was made of.

    Shape   weights (window, head, query, key) once permuted by `layout`.
    """

    module: str
    place: str
    weights: Tensor
    layout: tuple[int, int, int, int]


def run_differentiably(model: PreTrainedModel, family: Family, given: Mapping[str, Any]) -> tuple[Any, list[Live]]:
    """Run a twin of the whole model, head included, in eager attention; give its output and all weights.

    The graph begins at what the first attention module reads, so that no parameter needs a gradient.

    Raises  WeightsUnavailable  when a module shows copies of its weights, or none.
    """
    other = twin(model, DIFFERENTIABLE if family.chooses else "eager")
    own = backbone_of(other)
    name_places(own)
    found: list[Live] = []
    for module in own.modules():
        stack = family.stack_of(type(module).__name__, place_of(module))
        if stack is None:
            continue
        if family.stacks[stack].by_hand:
            raise WeightsUnavailable(
                "{module} shows no weights that its output could be differentiated by. Choose another model, or "
                "another lens.",
                module=type(module).__name__,
            )
        module.register_forward_pre_hook(_waken, with_kwargs=True)
        if family.stacks[stack].weighs:
            module.register_forward_hook(_Noting(found, family.stacks[stack].layout))
        else:
            object.__setattr__(module, _FOUND, found)
    with torch.enable_grad():
        return other(**moved(given, other), **family.told), found


def _waken(module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Let a graph begin here where none has, and ask for weights."""
    named = told_to_weigh(module, named)
    if any(isinstance(each, Tensor) and each.requires_grad for each in (*given, *named.values())):
        return given, named
    return tuple(map(_awake, given)), {name: _awake(each) for name, each in named.items()}


def _awake(value: Any) -> Any:
    if not isinstance(value, Tensor) or not value.is_floating_point():
        return value
    return value.detach().requires_grad_().clone()  # a copy, as nothing may be written into where a graph begins


@dataclass(frozen=True, eq=False)
class _Noting:
    """Notes the very tensor among those that a module returns from which its output was made."""

    found: list[Live]
    layout: tuple[int, int, int, int]

    def __call__(self, module: nn.Module, given: Any, result: Any) -> None:
        name, place = type(module).__name__, place_of(module)
        values = list(result.values()) if isinstance(result, Mapping) else result
        own = self._own(values, weights_of(result, self.layout))
        if own is None or not _led_to(own, values[0]):
            raise WeightsUnavailable(
                "{module} shows no weights that its output could be differentiated by. Choose another model, or "
                "another lens.",
                module=name,
            )
        self.found.append(Live(name, place, own, self.layout))

    def _own(self, values: Any, shown: Tensor | None) -> Tensor | None:
        """Find the tensor of which the weights are a view."""
        if shown is None:
            return None
        tables = (value for value in values[1:] if isinstance(value, Tensor) and value.ndim == len(self.layout))
        return next((table for table in tables if table.data_ptr() == shown.data_ptr()), None)


def _led_to(weights: Tensor, output: Tensor) -> bool:
    """Say whether an output was made of these weights, and not of others of which they are a copy."""
    if not (weights.requires_grad and output.requires_grad):
        return False
    slope = torch.autograd.grad(output.sum(), weights, retain_graph=True, allow_unused=True)[0]
    return slope is not None


def _attend(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **rest: Any
) -> Any:
    """Call the eager attention that a module's own file defines, and note the weights that it gives."""
    own = sys.modules[type(module).__module__].eager_attention_forward
    output, weights = own(module, query, key, value, attention_mask, **rest)
    found = getattr(module, _FOUND, None)
    if found is not None:
        found.append(Live(type(module).__name__, place_of(module), weights, (0, 1, 2, 3)))
    return output, weights


AttentionInterface.register(DIFFERENTIABLE, _attend)
AttentionMaskInterface.register(DIFFERENTIABLE, eager_mask)
