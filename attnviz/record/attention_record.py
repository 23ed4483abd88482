"""Attention of one forward pass, as plain values. Knows nothing of how models run or how pictures are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Self

import numpy as np

from attnviz.errors import RecordError
from attnviz.inputs import Text
from attnviz.record.any_layer import AnyLayer
from attnviz.record.arrays import sealed
from attnviz.record.maps import AttentionMap
from attnviz.record.pool import Pool


@dataclass(frozen=True)
class ModelFacts:
    """What a reader should know of the model a record came from."""

    name: str
    revision: str = ""  # the commit of a hub model, the version of an embedded one
    sha256: str | None = None  # of the weights, where they were checked
    model_type: str = ""
    layers: int = 0
    heads: int = 0
    dtype: str = "float32"
    note: str = ""


@dataclass(frozen=True, eq=False)
class AttentionRecord:
    """All stacks of one forward pass, with its model and its input.

    Raises  RecordError  when it is made without a layer, or asked for a stack, layer or head that it does not hold.
    """

    model: ModelFacts
    given: Text
    layers: Mapping[str, tuple[AnyLayer, ...]]

    def __post_init__(self) -> None:
        if not self.layers or not all(self.layers.values()):
            raise RecordError("A record holds at least one stack, and each stack at least one layer.")
        object.__setattr__(self, "layers", MappingProxyType({name: tuple(own) for name, own in self.layers.items()}))

    @property
    def stacks(self) -> dict[str, int]:
        """How many layers each stack has, in the order in which the model runs them."""
        return {name: len(own) for name, own in self.layers.items()}

    @property
    def nbytes(self) -> int:
        """The memory that the arrays take; what layers share is counted once."""
        every = (layer.arrays | layer.visible.arrays for own in self.layers.values() for layer in own)
        return sum({id(array): array.nbytes for arrays in every for array in arrays.values()}.values())

    def heads(self, stack: str) -> int:
        """How many heads each layer of a stack has."""
        return self.layer(stack, 0).heads

    def layer(self, stack: str, layer: int) -> AnyLayer:
        """Find one layer; layers count from 0."""
        if stack not in self.layers:
            raise RecordError(
                "The record has no stack {stack!r}; it has {known}.",
                stack=stack,
                known=", ".join(self.layers),
            )
        own = self.layers[stack]
        if not 0 <= layer < len(own):
            raise RecordError(
                "Stack {stack!r} has layers 0 to {last}; {layer} was asked for.",
                stack=stack,
                last=len(own) - 1,
                layer=layer,
            )
        return own[layer]

    def map(self, stack: str, layer: int, head: int) -> AttentionMap:
        """Recompute one head's map."""
        own = self._with_head(stack, layer, head)
        return AttentionMap(sealed(own.weights(slice(head, head + 1)))[0], own.queries, own.keys)

    def row(self, stack: str, layer: int, head: int, query: int) -> np.ndarray:
        """Recompute what one query gives to each key.

        Shape   (key,), float32.
        Unit    fraction of the row; the row sums to 1.
        """
        own = self._with_head(stack, layer, head)
        if not 0 <= query < len(own.queries):
            raise RecordError(
                "Queries are 0 to {last}; {query} was asked for.",
                last=len(own.queries) - 1,
                query=query,
            )
        return own.row(head, query)

    def tile(
        self,
        stack: str,
        layer: int,
        head: int,
        queries: slice | None = None,
        keys: slice | None = None,
        shape: tuple[int, int] = (512, 512),
        pool: Pool = "max",
    ) -> np.ndarray:
        """Shrink part of one head's map to a picture without ever holding the whole map.

        Shape   (rows, cols): `shape`, or the part itself where that is smaller.
        Unit    fraction of a row: the largest ("max") or the average ("mean") weight of each cell.
        """
        return self._with_head(stack, layer, head).tile(head, queries, keys, shape, pool)

    def save(self, path: str | Path) -> None:
        """Write the record to one safetensors file, all of it or nothing."""
        from attnviz.record.file import save  # here, because the file format imports this value

        save(self, Path(path))

    @classmethod
    def open(cls, path: str | Path, max_bytes: int | None = None) -> Self:
        """Read a record from a file that may come from anywhere.

        Raises  RecordError  when the file is larger than `max_bytes`, damaged, or not a record.
        """
        from attnviz.record.file import read

        return cls(*read(Path(path), max_bytes))

    def _with_head(self, stack: str, layer: int, head: int) -> AnyLayer:
        own = self.layer(stack, layer)
        if not 0 <= head < own.heads:
            raise RecordError(
                "L{layer} of stack {stack!r} has heads 0 to {last}; {head} was asked for.",
                layer=layer,
                stack=stack,
                last=own.heads - 1,
                head=head,
            )
        return own
