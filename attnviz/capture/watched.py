"""One forward pass, watched from the tokens to the end of one block: what each part of the block was given and gave."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AttentionInterface, PreTrainedModel
from transformers.masking_utils import AttentionMaskInterface, eager_mask, sdpa_mask

from attnviz.errors import WeightsUnavailable
from attnviz.families import Family
from attnviz.models.attention import EXPLICIT, IMPLEMENTATION, attend, attend_explicitly, collecting, recording
from attnviz.models.backbone import moved
from attnviz.models.calls import Call
from attnviz.models.loading import LoadedModel
from attnviz.models.places import name_places, place_of
from attnviz.models.twin import twin

BLOCK = re.compile(r"(.*\.\d+)\.")  # the innermost numbered part around a module that attends
WATCHED = {IMPLEMENTATION: "attnviz_inside", EXPLICIT: "attnviz_inside_explicit"}


@dataclass(frozen=True, eq=False)
class Part:
    """What one part of a model was given and gave.

    Shape   (token, number), or with heads cut apart (token, head, number) or (head, token, number).
    """

    module: nn.Module
    given: np.ndarray
    result: np.ndarray

    @property
    def is_norm(self) -> bool:
        """Whether it brings each vector to one length."""
        return "norm" in type(self.module).__name__.lower()


@dataclass(eq=False)
class Watched:
    """What one pass left of one block, in the order in which it came.

    Shape   stream, entered, left and the words (token, width); values (kv_head, key, d), mixed (query, head, d).
    """

    before: list[Part] = field(default_factory=list)  # parts of the block that ran before its heads attended
    after: list[Part] = field(default_factory=list)
    words: dict[str, np.ndarray] = field(default_factory=dict)  # what tables of vectors gave, the tokens' own first
    opening: list[Part] = field(default_factory=list)  # what else ran before the first block
    entered: np.ndarray | None = None
    stream: np.ndarray | None = None
    left: np.ndarray | None = None
    call: Call | None = None
    values: np.ndarray | None = None
    mixed: np.ndarray | None = None
    turns: tuple[np.ndarray, np.ndarray] | None = None  # cosines and sines that the heads were handed


class _Over(Exception):  # nothing went wrong: the rest of the pass is not needed
    """The block that is watched has ended."""


class _Watch:
    """Follows a pass, and keeps the parts of the block in which the wanted layer attends."""

    def __init__(self, family: Family, stack: str, layer: int, ids: Tensor) -> None:
        self.family, self.stack, self.layer = family, stack, layer
        self.ids = ids
        self.seen = 0
        self.found = Watched()
        self.inside = False

    def embedded(self, place: str, module: nn.Module, given: Any, result: Any) -> None:
        if self.found.entered is not None or not isinstance(result, Tensor):
            return
        asked = given[0] if given and isinstance(given[0], Tensor) else None
        if asked is not None and asked.shape == self.ids.shape and bool((asked == self.ids).all()):
            self.found.words = {}
        if (own := _rows(result)) is not None and (self.found.words or asked is not None):
            self.found.words[place] = own

    def begin(self, module: nn.Module, given: Any, named: Mapping[str, Any]) -> None:
        state = next(each for each in (*given, *named.values()) if isinstance(each, Tensor) and each.ndim == 3)
        found = self.found
        found.before, found.after, found.stream, found.turns = [], [], _rows(state), None
        found.entered = found.stream if found.entered is None else found.entered
        self.inside = True

    def end(self, module: nn.Module, given: Any, result: Any) -> None:
        self.inside = False
        if self.found.call is not None:
            state = result[0] if isinstance(result, tuple | list) else result
            self.found.left = _rows(state)
            raise _Over

    def part(self, module: nn.Module, given: Any, result: Any) -> None:
        own = _part(module, given, result)
        if own is None:
            return
        if self.inside:
            (self.found.before if self.found.call is None else self.found.after).append(own)
        elif self.found.entered is None:
            self.found.opening.append(own)

    def told(self, module: nn.Module, given: Any, named: Mapping[str, Any]) -> None:
        for each in (*given, *named.values()):
            if isinstance(each, tuple | list) and len(each) == 2 and all(isinstance(one, Tensor) for one in each):
                self.found.turns = tuple(_rows(one) for one in each)  # type: ignore[assignment]  # two of them

    def compared(self, module: nn.Module, call: Any, value: Tensor, mixed: Tensor) -> None:
        if self.family.stack_of(type(module).__name__, place_of(module)) != self.stack:
            return
        self.seen += 1
        if self.seen == self.layer + 1:
            check_shown(call)
            self.found.call = call
            self.found.values, self.found.mixed = _numbers(value[0]), _numbers(mixed[0])


def check_shown(call: Any) -> None:
    """Refuse what is no comparison of queries with keys that can be followed step by step.

    Raises  WeightsUnavailable  when it is one of windows, or a sink takes a share of its rows.
    """
    if not isinstance(call, Call):
        raise WeightsUnavailable(
            "{module} attends in windows side by side, which this page cannot show step by step. Choose a model that "
            "reads its text whole.",
            module=call.module,
        )
    if call.sinks is not None:
        raise WeightsUnavailable(
            "{module} lets a sink take a share of each row, which this page cannot show step by step. Choose another "
            "model.",
            module=call.module,
        )


_watching: ContextVar[_Watch | None] = ContextVar("attnviz_watching", default=None)


def _attend(module: nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, **rest: Any) -> Any:
    return _noted(attend(module, query, key, value, mask, **rest), module, value)


def _attend_explicitly(module: nn.Module, query: Tensor, key: Tensor, value: Tensor, *mask: Any, **rest: Any) -> Any:
    return _noted(attend_explicitly(module, query, key, value, *mask, **rest), module, value)


def _noted(result: tuple[Tensor, None], module: nn.Module, value: Tensor) -> tuple[Tensor, None]:
    collector, watch = collecting(), _watching.get()
    if collector is not None and watch is not None:
        watch.compared(module, collector.calls[-1], value, result[0])
    return result


AttentionInterface.register(WATCHED[IMPLEMENTATION], _attend)
AttentionMaskInterface.register(WATCHED[IMPLEMENTATION], sdpa_mask)
AttentionInterface.register(WATCHED[EXPLICIT], _attend_explicitly)
AttentionMaskInterface.register(WATCHED[EXPLICIT], eager_mask)


def watch(model: LoadedModel, tensors: Mapping[str, Any], stack: str, layer: int, ids: str) -> Watched:
    """Run a model up to the end of one block; `ids` names the tensor that holds the tokens of the stack.

    Raises  WeightsUnavailable  when the modules of the stack give weights alone, or cannot be followed.
    """
    own = WATCHED.get(str(model.model.config._attn_implementation))
    if own is None or model.family.stacks[stack].weighs or model.family.stacks[stack].by_hand:
        raise WeightsUnavailable(
            "{model} gives the weights of its heads and not what they are made of, so there is nothing to follow step "
            "by step. Its maps are on the page “Text”.",
            model=model.name,
        )
    other = twin(model.backbone, own)  # others may be using the model: no hooks there
    seen = _Watch(model.family, stack, layer, tensors[ids])
    _hook(other, model.family, stack, seen)
    with recording(), _watched(seen), torch.inference_mode():
        try:
            other(**moved(tensors, other), **model.family.told)
        except _Over:
            return seen.found
    raise WeightsUnavailable(
        "L{layer} of {model} is not inside a block of its own, so its steps cannot be told apart. Choose another "
        "model.",
        layer=layer,
        model=model.name,
    )


@contextmanager
def _watched(seen: _Watch) -> Iterator[None]:
    token = _watching.set(seen)
    try:
        yield
    finally:
        _watching.reset(token)


def _hook(other: PreTrainedModel, family: Family, stack: str, seen: _Watch) -> None:
    """Listen to the blocks of a stack, to every part of them that holds numbers, and to the tables of vectors."""
    name_places(other)
    modules = dict(other.named_modules())
    attending = [each for each in modules.values() if family.stack_of(type(each).__name__, place_of(each)) == stack]
    blocks = dict.fromkeys(match[1] for each in attending if (match := BLOCK.match(place_of(each))))
    for module in attending:
        module.register_forward_pre_hook(seen.told, with_kwargs=True)
    for place in blocks:
        modules[place].register_forward_pre_hook(seen.begin, with_kwargs=True)
        modules[place].register_forward_hook(seen.end)
    for place, module in modules.items():
        within = any(place.startswith(f"{block}.") for block in blocks)
        if isinstance(module, nn.Embedding) and not within:
            module.register_forward_hook(_naming(place, seen))
        elif not list(module.children()) and (
            list(module.parameters(recurse=False)) or "Norm" in type(module).__name__
        ):
            module.register_forward_hook(seen.part)


def _naming(place: str, seen: _Watch) -> Any:
    return lambda module, given, result: seen.embedded(place, module, given, result)


def _part(module: nn.Module, given: Any, result: Any) -> Part | None:
    if not given or not isinstance(given[0], Tensor) or not isinstance(result, Tensor):
        return None
    sides = _rows(given[0]), _rows(result)
    return None if sides[0] is None or sides[1] is None else Part(module, sides[0], sides[1])


def _rows(state: Tensor) -> np.ndarray | None:
    """Take off the batch, where there is one.

    Shape   state (1, …) or (token, number); result without the batch.
    """
    if state.ndim >= 3 and len(state) == 1:
        return _numbers(state[0])
    return _numbers(state) if state.ndim == 2 and state.is_floating_point() else None


def _numbers(state: Tensor) -> np.ndarray:
    return state.detach().float().cpu().clone().numpy()
