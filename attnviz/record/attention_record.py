"""Attention of one forward pass, as plain values. Knows nothing of how models run or how pictures are drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np

from attnviz.axes import Axis, Span
from attnviz.errors import RecordError
from attnviz.inputs import Input, Text
from attnviz.record import foreign, tables
from attnviz.record.any_layer import AnyLayer
from attnviz.record.arrays import sealed
from attnviz.record.maps import AttentionMap
from attnviz.record.pool import Pool
from attnviz.record.report import CaptureReport, ingredients

if TYPE_CHECKING:
    import pandas as pd


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
    rotary: bool | None = None  # whether queries and keys are turned by their positions; None when nobody said
    left_out: tuple[tuple[int, str], ...] = ()  # layers that weigh no pairs: their place in the model, and their kind


@dataclass(frozen=True, eq=False)
class AttentionRecord:
    """All stacks of one forward pass, with its model and its input.

    Raises  RecordError  when it is made without a layer, or asked for a stack, layer or head that it does not hold.
    """

    model: ModelFacts
    given: Input
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

    @property
    def report(self) -> CaptureReport:
        """What every layer is made of, and what the model has that is not shown."""
        stacks = {name: tuple(map(ingredients, own)) for name, own in self.layers.items()}
        return CaptureReport(stacks, self.model.rotary, self.model.left_out)

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
        return self._with_query(stack, layer, head, query).row(head, query)

    def top(self, stack: str, layer: int, head: int, query: int, count: int = 5) -> tuple[np.ndarray, np.ndarray]:
        """Find the keys that one query reads most, the first of equals first; fewer where it reads fewer.

        Shape   positions (count,), int64; weights (count,), float32, falling.
        Unit    fraction of the row.
        """
        return self._with_query(stack, layer, head, query).top(head, query, count)

    def mass(self, stack: str, layer: int, head: int, query: int, spans: Sequence[Span]) -> np.ndarray:
        """Add up what one query gives to each of some stretches of keys, at the cost of those keys alone.

        Shape   (span,), float32; spans are half-open, and may be empty or overlap.
        Unit    fraction of the row.
        """
        return self._with_query(stack, layer, head, query).mass(head, query, spans)

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

    def to_dataframe(
        self,
        stack: str,
        layer: int,
        head: int,
        queries: slice | None = None,
        keys: slice | None = None,
        *,
        max_rows: int = tables.MOST_ROWS,
    ) -> "pd.DataFrame":
        """Lay out one weight a row: `query`, `key`, `query_position`, `key_position`, `weight`.

        Raises  RecordError  when that is more than `max_rows` rows.
        """
        return tables.frame(tables.Chosen(self._with_head(stack, layer, head), head, queries, keys, max_rows))

    def to_csv(
        self,
        target: str | Path | IO[str],
        stack: str,
        layer: int,
        head: int,
        queries: slice | None = None,
        keys: slice | None = None,
        *,
        max_cells: int = tables.MOST_CELLS,
    ) -> None:
        """Write a table for spreadsheets, a line a query and a column a key, to a path or into an open text file.

        Raises  RecordError  when that is more than `max_cells` weights.
        """
        tables.csv(tables.Chosen(self._with_head(stack, layer, head), head, queries, keys, max_cells), target)

    def to_npz(
        self,
        path: str | Path,
        stack: str | None = None,
        layer: int | None = None,
        *,
        max_weights: int = tables.MOST_WEIGHTS,
    ) -> None:
        """Write weights and labels for numpy.load: all layers, those of one stack, or one of them.

        Layer 2 of stack "self" becomes `self.2` (head, query, key), `self.2.queries` and `self.2.keys`.

        Raises  RecordError  when that is more than `max_weights` weights, or a layer is named without its stack.
        """
        if stack is None and layer is not None:
            raise RecordError(
                "Layer {layer} of which stack? Name one of {known}.", layer=layer, known=", ".join(self.layers)
            )
        stacks = self.stacks if stack is None else (stack,)
        chosen = [(name, index) for name in stacks for index in self._indices(name, layer)]
        layers = {f"{name}.{index}": self.layer(name, index) for name, index in chosen}
        tables.npz(layers, Path(path), max_weights)

    @classmethod
    def from_attentions(
        cls,
        tensors: Iterable[Any],
        queries: Axis | Sequence[str],
        keys: Axis | Sequence[str] | None = None,
        *,
        stack: str = "self",
        sink: bool = False,
        model: ModelFacts | None = None,
        text: str = "",
    ) -> Self:
        """Make a record of the weights that another tool gives, such as transformers' `attentions`, layer by layer.

        `queries` and `keys` are labels or axes; without `keys` the queries read themselves. With `sink`, what a row
        lacks of 1 is what its learned sink takes, as in gpt-oss.

        Shape   each tensor (batch, head, query, key) with a batch of one, or (head, query, key); of any library.
        Unit    fraction of a row, 0 to 1; each row sums to 1, or to less with `sink`.
        Raises  RecordError  when no layer is given, or the batch, the axes or the rows of one are not as they must be.
        """
        asked = foreign.axis_of(queries)
        layers = foreign.layers_of(tensors, asked, asked if keys is None else foreign.axis_of(keys), sink)
        if not layers:
            raise RecordError(
                'No layer was given. Ask transformers for output_attentions=True with attn_implementation="eager".'
            )
        facts = ModelFacts("", layers=len(layers), heads=layers[0].heads, note="from_attentions")
        return cls(model or facts, Text(text), {stack: layers})

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

    def _indices(self, stack: str, layer: int | None) -> range:
        if layer is not None:
            return range(layer, layer + 1)
        self.layer(stack, 0)  # refuses a stack that is not there
        return range(len(self.layers[stack]))

    def _with_query(self, stack: str, layer: int, head: int, query: int) -> AnyLayer:
        own = self._with_head(stack, layer, head)
        if not 0 <= query < len(own.queries):
            raise RecordError(
                "Queries are 0 to {last}; {query} was asked for.",
                last=len(own.queries) - 1,
                query=query,
            )
        return own

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
