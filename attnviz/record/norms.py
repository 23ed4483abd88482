"""How long the hidden states of a stack are, as a plain value."""

from dataclasses import dataclass

import numpy as np

from attnviz.axes import Axis
from attnviz.errors import ShapeError
from attnviz.record.arrays import frozen


@dataclass(frozen=True, eq=False)
class Norms:
    """The length of every token's hidden state after each block of a stack, input side first.

    Shape   values: one (position,) array a layer, float32, read-only; axes: what names its positions.
    Unit    Euclidean length, in the model's own numbers.
    Raises  ShapeError  when an array and its axis differ in length, or there is no layer.
    """

    values: tuple[np.ndarray, ...]
    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        found, named = [value.shape for value in self.values], [(len(axis),) for axis in self.axes]
        if not found or found != named:
            raise ShapeError("Lengths are {found}; the axes name {named}, layer by layer.", found=found, named=named)
        object.__setattr__(self, "values", tuple(frozen(np.asarray(value, np.float32)) for value in self.values))
