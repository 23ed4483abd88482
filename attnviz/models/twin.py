"""A second body for a model's weights, which runs another attention function."""

import copy
from itertools import chain
from typing import Any

from torch import nn
from transformers import PreTrainedModel

from attnviz.errors import WeightsUnavailable


def twin(model: PreTrainedModel, implementation: str) -> PreTrainedModel:
    """Copy a model's code and settings, sharing every weight, to run it with another attention function.

    The original is not touched, so other threads may go on using it; the copy costs no memory to speak of.
    Raises  WeightsUnavailable  when the model does not let its attention function be chosen.
    """
    shared: dict[int, Any] = {id(tensor): tensor for tensor in chain(model.parameters(), model.buffers())}
    other = copy.deepcopy(model, shared)
    _unhook(other)
    other.set_attn_implementation(implementation)
    if other.config._attn_implementation != implementation:
        raise WeightsUnavailable(
            "{model} does not let its attention function be chosen. Choose another model.",
            model=type(model).__name__,
        )
    return other.eval()


def _unhook(model: nn.Module) -> None:
    """Take off the copies of our own hooks: a model that was wrapped before would be listened to twice."""
    for module in model.modules():
        for hooks in (module._forward_pre_hooks, module._forward_hooks):
            for number in [number for number, hook in hooks.items() if _is_ours(hook)]:
                del hooks[number]
                module._forward_pre_hooks_with_kwargs.pop(number, None)
                module._forward_hooks_with_kwargs.pop(number, None)


def _is_ours(hook: Any) -> bool:
    made_by = getattr(hook, "func", hook)  # of a partial
    return str(getattr(made_by, "__module__", "")).startswith("attnviz.")
