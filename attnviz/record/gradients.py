"""How a number that a model gave would change with every weight of its attention, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from attnviz.axes import Axis
from attnviz.errors import RecordError, ShapeError
from attnviz.record.arrays import frozen
from attnviz.record.attention_record import ModelFacts


@dataclass(frozen=True, eq=False)
class GradientLayer:
    """Every head of one layer: its weights, and the slope of the target along each of them.

    Shape   weights, gradients (head, query, key), float32, read-only.
    Unit    weights: fraction of a row, a sink's share left out; gradients: of the target, for each whole weight.
    Raises  ShapeError  when the two or the axes differ.
    """

    queries: Axis
    keys: Axis
    weights: np.ndarray
    gradients: np.ndarray

    def __post_init__(self) -> None:
        named = (len(self.queries), len(self.keys))
        if self.weights.ndim != 3 or self.weights.shape[1:] != named or self.gradients.shape != self.weights.shape:
            raise ShapeError(
                "Weights and gradients are (head, query, key) with {named} of the axes; these are {weights} and "
                "{gradients}.",
                named=named,
                weights=self.weights.shape,
                gradients=self.gradients.shape,
            )
        for name in ("weights", "gradients"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name), np.float32)))


@dataclass(frozen=True, eq=False)
class Gradients:
    """The layers of one pass, and what they were differentiated for: its name, and what the model gave it.

    Raises  RecordError  when it is asked for a stack that it does not hold.
    """

    model: ModelFacts
    target: str
    value: float
    layers: Mapping[str, tuple[GradientLayer, ...]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", MappingProxyType(dict(self.layers)))

    @property
    def nbytes(self) -> int:
        """The memory that the arrays take."""
        return sum(layer.weights.nbytes + layer.gradients.nbytes for own in self.layers.values() for layer in own)

    def stack(self, name: str) -> tuple[GradientLayer, ...]:
        """Give the layers of one stack, input side first."""
        if name not in self.layers:
            raise RecordError(
                "The record has no stack {stack!r}; it has {known}.", stack=name, known=", ".join(self.layers)
            )
        return self.layers[name]
