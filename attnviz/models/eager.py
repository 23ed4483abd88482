"""A model's own eager attention: what each of its modules says its weights are."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, PreTrainedModel
from transformers.masking_utils import AttentionMaskInterface, eager_mask

from attnviz.families import Family, Part
from attnviz.models.backbone import moved
from attnviz.models.calls import Weighed
from attnviz.models.listening import told_to_weigh, told_weights
from attnviz.models.places import name_places, place_of
from attnviz.models.twin import twin
from attnviz.record.arrays import sealed

SPEAKING = "attnviz_eager"
Keep = Callable[[str, str, Tensor | None], None]


def eager_calls(model: PreTrainedModel, family: Family, given: Mapping[str, Any]) -> list[Weighed]:
    """Let a twin run the model's own eager attention, and take from each module what it gives.

    A module that keeps its weights to itself, as those do that run over windows one by one, or that shares a row with
    a sink, is asked at the function that it calls: the eager attention of its own file.
    """
    found: list[Weighed] = []
    order: dict[str, int] = {}  # of the places, as they come
    silent: set[str] = set()

    def keep(module: str, place: str, weights: Tensor | None) -> None:
        order.setdefault(place, len(order))
        if weights is None:
            silent.add(place)
        else:
            found.append(weighed(module, place, weights))

    run_eagerly(model, family, given, keep)
    if not silent:
        return found
    spoken = [call for call in found if call.place not in silent] + _spoken(model, given, silent)
    return sorted(spoken, key=lambda call: order[call.place])


def run_eagerly(model: PreTrainedModel, family: Family, given: Mapping[str, Any], keep: Keep) -> None:
    """Run a twin in eager attention; `keep` is told the class, the place and the weights of each module that attends.

    An error that `keep` raises ends the pass.
    """
    slow = twin(model, "eager")
    name_places(slow)
    for module in slow.modules():
        name = type(module).__name__
        if (stack := family.stack_of(name, place_of(module))) is not None:
            part = family.stacks[stack]
            module.register_forward_pre_hook(_asked_by_hand if part.by_hand else _asked, with_kwargs=True)
            module.register_forward_hook(_telling(keep, part), with_kwargs=True)
    with torch.inference_mode():
        slow(**moved(given, slow), **family.told)


def weighed(module: str, place: str, weights: Tensor) -> Weighed:
    """Take weights off the device.

    Shape   weights (window, head, query, key).
    """
    return Weighed(module, place, sealed(weights.detach().float().cpu().contiguous().numpy().copy()))


def _asked(module: nn.Module, given: Any, named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return given, told_to_weigh(module, named)


def _asked_by_hand(module: nn.Module, given: Any, named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return given, {name: True if name == "output_attentions" else value for name, value in named.items()}


def _telling(keep: Keep, part: Part) -> Callable[..., None]:
    def tell(module: nn.Module, given: Any, named: dict[str, Any], result: Any) -> None:
        weights = None if _has_sink(module) else told_weights(part, module, (given, named), result)
        keep(type(module).__name__, place_of(module), weights)

    return tell


def _has_sink(module: nn.Module) -> bool:
    """Say whether a sink takes its share of each row, which not every module takes from the weights that it reports."""
    own = hasattr(sys.modules[type(module).__module__], "eager_attention_forward")
    return own and any("sink" in name for name, _ in module.named_parameters(recurse=False))


def _spoken(model: PreTrainedModel, given: Mapping[str, Any], places: set[str]) -> list[Weighed]:
    slow = twin(model, SPEAKING)
    name_places(slow)
    found: list[Weighed] = []
    for module in slow.modules():
        if place_of(module) in places:
            object.__setattr__(module, SPEAKING, found)
    with torch.inference_mode():
        slow(**moved(given, slow))
    return found


def _speak(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **rest: Any
) -> Any:
    """Call the eager attention that a module's own file defines, and note the weights it gives.

    Where there is a sink, they are what the output is made of: given the keys' own numbers for values, it is they.
    """
    own = sys.modules[type(module).__module__].eager_attention_forward
    output, weights = own(module, query, key, value, attention_mask, **rest)
    found = getattr(module, SPEAKING, None)
    if found is not None:
        noted = weights
        if _has_sink(module):
            one_each = torch.eye(key.shape[2], dtype=value.dtype, device=value.device).expand(*value.shape[:2], -1, -1)
            noted = own(module, query, key, one_each, attention_mask, **rest)[0].transpose(1, 2)
        found.append(weighed(type(module).__name__, place_of(module), noted))
    return output, weights


AttentionInterface.register(SPEAKING, _speak)
AttentionMaskInterface.register(SPEAKING, eager_mask)
