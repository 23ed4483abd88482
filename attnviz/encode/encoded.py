"""What every kind of input becomes: tensors for the model, and the names of the two sides of each layer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from attnviz.axes import Axis, Sides
from attnviz.errors import Unreadable
from attnviz.inputs import Input, Text, TextPair
from attnviz.models.loading import LoadedModel

Settle = Callable[[Mapping[str, Any]], Mapping[str, tuple[Sides, ...]]]


@dataclass(frozen=True, eq=False)
class Encoded:
    """An input as a model takes it, and the names of its positions.

    Shape   tensors: one input alone, batch first, and what is told beside them; sides: for each stack, one of each
            layer.
    """

    tensors: Mapping[str, Any]
    sides: Mapping[str, tuple[Sides, ...]]
    settle: Settle | None = None

    def settled(self, noted: Mapping[str, Any]) -> "Encoded":
        """Name what only the pass could tell, by what was noted of it."""
        return self if self.settle is None else Encoded(self.tensors, self.settle(noted))


def alike(model: LoadedModel, stack: str, queries: Axis, keys: Axis) -> tuple[Sides, ...]:
    """Name every layer of a stack alike."""
    return (Sides(queries, keys),) * model.layers[stack]


def check_reads(model: LoadedModel, given: Input) -> None:
    """Refuse an input of a kind that the model does not take.

    Raises  Unreadable  with what it takes instead.
    """
    if isinstance(given, Text) and Text not in model.family.reads and TextPair in model.family.reads:
        raise Unreadable(
            "{model} reads a source and writes a target of it; this is one text. Give it both, as "
            "attnviz.TextPair(source, target), or let it write: attnviz.generate(model, attnviz.Text(source)).",
            model=model.name,
        )
    if type(given) not in model.family.reads:
        raise Unreadable(
            "{model} reads {kinds}; this is {kind}. Give it one of those, such as attnviz.{example}(…).",
            model=model.name,
            kinds=", ".join(each.__name__ for each in model.family.reads),
            kind=type(given).__name__,
            example=model.family.reads[0].__name__,
        )
