"""What every kind of input becomes: tensors for the model, and the names of the two sides of each layer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnviz.axes import Axis, Sides
from attnviz.errors import Unreadable
from attnviz.inputs import Input
from attnviz.models.loading import LoadedModel


@dataclass(frozen=True, eq=False)
class Encoded:
    """An input as a model takes it, and the names of its positions.

    Shape   tensors: one input alone, batch first, and what is told beside them; sides: for each stack, one of each
            layer.
    """

    tensors: Mapping[str, Any]
    sides: Mapping[str, tuple[Sides, ...]]


def alike(model: LoadedModel, stack: str, queries: Axis, keys: Axis) -> tuple[Sides, ...]:
    """Name every layer of a stack alike."""
    return (Sides(queries, keys),) * model.layers[stack]


def check_reads(model: LoadedModel, given: Input) -> None:
    """Refuse an input of a kind that the model does not take.

    Raises  Unreadable  with what it takes instead.
    """
    if type(given) not in model.family.reads:
        raise Unreadable(
            "{model} reads {kinds}; this is {kind}. Give it one of those, such as attnviz.{example}(…).",
            model=model.name,
            kinds=", ".join(each.__name__ for each in model.family.reads),
            kind=type(given).__name__,
            example=model.family.reads[0].__name__,
        )
