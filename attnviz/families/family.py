"""What a family is: which modules weigh, in which order, and how what they saw becomes layers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from attnviz.axes import Axis
from attnviz.errors import WeightsUnavailable
from attnviz.inputs import Input
from attnviz.record import AnyLayer

BATCH_HEAD_QUERY_KEY = (0, 1, 2, 3)


class Compared(Protocol):
    """What one attention module compared, whoever recorded it."""

    @property
    def module(self) -> str:
        """The class of the module, as transformers names it."""

    def layer(self, queries: Axis, keys: Axis) -> AnyLayer:
        """Name the positions, and so make a layer of it."""


@dataclass(frozen=True)
class Family:
    """Models that are encoded, hooked and laid out alike.

    `stacks` names, for each stack, the module classes whose calls are its layers, in the order of the pass. Where those
    modules do not let their attention function be chosen, `weighs` is True: their own eager code runs and its weights
    are kept. `layout` says where they put batch, head, query and key.
    """

    name: str
    reads: type[Input]
    model_types: tuple[str, ...]
    stacks: Mapping[str, tuple[str, ...]]
    causal: bool
    weighs: bool = False
    layout: tuple[int, int, int, int] = BATCH_HEAD_QUERY_KEY

    def __post_init__(self) -> None:
        object.__setattr__(self, "stacks", MappingProxyType(dict(self.stacks)))

    @property
    def modules(self) -> frozenset[str]:
        """The classes of all modules that attend."""
        return frozenset(name for names in self.stacks.values() for name in names)

    @property
    def told(self) -> dict[str, bool]:
        """What a model is told beside its input: to keep no cache, and to show its weights if it can do no better."""
        return ({"use_cache": False} if self.causal else {}) | ({"output_attentions": True} if self.weighs else {})

    def assemble(
        self, seen: Sequence[Compared], axes: Mapping[str, tuple[Axis, Axis]], layers: Mapping[str, int]
    ) -> dict[str, tuple[AnyLayer, ...]]:
        """Sort the calls of one pass into stacks, in order; a module that layers share simply calls more than once.

        Raises  WeightsUnavailable  when a call belongs to no stack, or a stack has not the layers its model declares.
        """
        strangers = sorted({call.module for call in seen} - self.modules)
        if strangers:
            raise WeightsUnavailable(
                "Attention ran in {modules}, which family {family!r} does not know. Choose a model of a family that is "
                "listed.",
                modules=", ".join(strangers),
                family=self.name,
            )
        sorted_calls = {stack: [call for call in seen if call.module in names] for stack, names in self.stacks.items()}
        for stack, calls in sorted_calls.items():
            if len(calls) != layers[stack]:
                raise WeightsUnavailable(
                    "Stack {stack!r} has {layers} layers and {seen} showed their queries and keys. Load the model with "
                    "attnviz.load or attnviz.wrap, which set its attention function.",
                    stack=stack,
                    layers=layers[stack],
                    seen=len(calls),
                )
        return {stack: tuple(call.layer(*axes[stack]) for call in calls) for stack, calls in sorted_calls.items()}
