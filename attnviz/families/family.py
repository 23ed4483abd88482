"""What a family is: which modules weigh, in which order, and how what they saw becomes layers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np

from attnviz.axes import Sides
from attnviz.errors import WeightsUnavailable
from attnviz.families.grids import check_lengths
from attnviz.inputs import Chat, Generated, Input, Text, TextPair
from attnviz.record import AnyLayer

BATCH_HEAD_QUERY_KEY = (0, 1, 2, 3)
ANYWHERE = ""
ENCODER_DECODER = ("encoder", "decoder", "cross")
TEXTS: tuple[type[Input], ...] = (Text, TextPair, Chat, Generated)


class Compared(Protocol):
    """What one attention module compared, whoever recorded it."""

    @property
    def module(self) -> str:
        """The class of the module, as transformers names it."""

    @property
    def place(self) -> str:
        """Where the module is in its model, as the model names it."""

    def layer(self, sides: Sides, others: Sequence["Compared"] = ()) -> AnyLayer:
        """Name the positions, and so make a layer of it, and of others where windows came one by one."""

    @property
    def lengths(self) -> tuple[int, int]:
        """How many queries it compared with how many keys, in one window if there were several."""

    def weights(self) -> np.ndarray:
        """Make the weights it led to, a sink's share left out.

        Shape   (window, head, query, key), float32; one window where it did not attend in several.
        """


@dataclass(frozen=True)
class Part:
    """The modules whose calls are the layers of one stack, in the order of the pass.

    They are told by their classes and, where a class serves several stacks, by a pattern that is found in their place.
    Where they do not let their attention function be chosen, `weighs` is True: their own eager code runs and its
    weights are kept. `layout` says where they put batch, head, query and key. Where each layer attends in `windows`,
    its module may call once for all of them or once for each. Where their own code is written out `by_hand` and tells
    which pairs it compares, that is kept: queries, keys and the rule between them; or the weights, if it weighs too.
    """

    modules: tuple[str, ...]
    where: str = ANYWHERE
    weighs: bool = False
    windows: bool = False
    layout: tuple[int, int, int, int] = BATCH_HEAD_QUERY_KEY
    by_hand: bool = False

    def holds(self, module: str, place: str) -> bool:
        """Say whether a module belongs here."""
        return module in self.modules and re.search(self.where, place) is not None


@dataclass(frozen=True)
class Family:
    """Models that are encoded, hooked and laid out alike.

    `causal` models go on with a text. A family of `door` "AutoModel" is opened without the head that makes words or
    classes of what was read; others are opened by the first of their doors that a model's files are made for.
    """

    name: str
    model_types: tuple[str, ...]
    stacks: Mapping[str, Part]
    reads: tuple[type[Input], ...] = TEXTS
    causal: bool = False
    doors: tuple[str, ...] = ("AutoModel",)
    layers: Mapping[str, int] | None = None  # of each stack, where a model was run to find them out
    explicit: bool = False  # every mask is spelled out, where sdpa's short cuts are not what the eager code does

    def __post_init__(self) -> None:
        object.__setattr__(self, "stacks", MappingProxyType(dict(self.stacks)))

    @property
    def modules(self) -> frozenset[str]:
        """The classes of all modules that attend."""
        return frozenset(name for part in self.stacks.values() for name in part.modules)

    @property
    def weighs(self) -> bool:
        """Whether some modules show their weights alone."""
        return any(part.weighs for part in self.stacks.values())

    @property
    def chooses(self) -> bool:
        """Whether some modules let their attention function be chosen."""
        return not all(part.weighs or part.by_hand for part in self.stacks.values())

    @property
    def told(self) -> dict[str, bool]:
        """What a model is told beside its input: to keep no cache, and to show its weights if it can do no better."""
        keeps = self.causal or "decoder" in self.stacks
        return ({"use_cache": False} if keeps else {}) | ({"output_attentions": True} if self.weighs else {})

    def stack_of(self, module: str, place: str) -> str | None:
        """Find the stack of a module, if it has one."""
        return next((stack for stack, part in self.stacks.items() if part.holds(module, place)), None)

    def assemble(
        self, seen: Sequence[Compared], sides: Mapping[str, Sequence[Sides]], layers: Mapping[str, int]
    ) -> dict[str, tuple[AnyLayer, ...]]:
        """Sort the calls of one pass into stacks, in order; a module that layers share simply calls more than once.

        Raises  WeightsUnavailable  when a call belongs to no stack, or a stack has not the layers its model declares.
        """
        calls = self.sort(seen)
        made: dict[str, tuple[AnyLayer, ...]] = {}
        for stack in (name for name in self.stacks if name in sides or calls[name]):  # a text alone leaves out towers
            groups = list(_grouped(calls[stack], sides[stack]))
            if len(groups) != layers[stack]:
                raise WeightsUnavailable(
                    "Stack {stack!r} has {layers} layers and {seen} showed their queries and keys. Load the model with "
                    "attnviz.load or attnviz.wrap, which set its attention function.",
                    stack=stack,
                    layers=layers[stack],
                    seen=len(groups),
                )
            check_lengths(stack, sides[stack], [max(call.lengths for call in group) for group in groups])
            named = zip(groups, sides[stack], strict=True)
            made[stack] = tuple(first.layer(own, others) for (first, *others), own in named)
        return made

    def sort(self, seen: Sequence[Compared]) -> dict[str, list[Compared]]:
        """Sort the calls of one pass by stack.

        Raises  WeightsUnavailable  when a call belongs to none.
        """
        calls: dict[str, list[Compared]] = {stack: [] for stack in self.stacks}
        strangers = set()
        for call in seen:
            stack = self.stack_of(call.module, call.place)
            if stack is None:
                strangers.add(call.module)
            else:
                calls[stack].append(call)
        if strangers:
            raise WeightsUnavailable(
                "Attention ran in {modules}, which family {family!r} does not know. Choose a model of a family that is "
                "listed.",
                modules=", ".join(sorted(strangers)),
                family=self.name,
            )
        return calls


def _grouped(calls: Sequence[Compared], sides: Sequence[Sides]) -> Iterator[list[Compared]]:
    """Put together the calls of one layer: one, or as many as its module makes where it attends in windows."""
    left = list(calls)
    for index in range(len(calls)):
        if not left:
            return
        windows = index < len(sides) and sides[index].windows is not None
        width = next((n for n, call in enumerate(left) if call.place != left[0].place), len(left)) if windows else 1
        yield left[:width]
        left = left[width:]
