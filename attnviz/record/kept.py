"""One layer whose weights themselves are kept, where neither queries nor keys can be had."""

from dataclasses import dataclass

import numpy as np

from attnviz.axes import Axis
from attnviz.errors import RowError, ShapeError
from attnviz.record.any_layer import AnyLayer, blocks
from attnviz.record.arrays import FLOATS, dtype_name, float32, frozen
from attnviz.record.maps import ROW_TOLERANCE
from attnviz.record.visibility import Visibility


@dataclass(frozen=True, eq=False)
class KeptLayer(AnyLayer):
    """Every head of one layer, as the weights that a model's own code or another tool gave.

    Shape   kept (head, query, key), in the float type they came in. `keys` names the keys, then the sink if there is
            one; `visible` speaks of the keys alone.
    Unit    fraction of a row, 0 to 1; each row sums to 1, an attention sink being the last key.
    Raises  ShapeError  when the weights, the mask or an axis do not fit each other.
            RowError    when a row departs from 1 by more than ROW_TOLERANCE, or a weight is negative or no number.
    """

    queries: Axis
    keys: Axis
    kept: np.ndarray
    visible: Visibility

    def __post_init__(self) -> None:
        object.__setattr__(self, "kept", frozen(self.kept))
        self._check_shapes()
        for head in range(self.heads):
            for start, stop in blocks(0, len(self.queries), len(self.keys)):
                self._check_rows(head, start, stop)

    def _check_shapes(self) -> None:
        named = (len(self.queries), len(self.keys))
        if self.kept.ndim != 3 or 0 in self.kept.shape or self.kept.shape[1:] != named:
            raise ShapeError(
                "Weights are (head, query, key) with {named} of the axes; these are {shape}.",
                named=named,
                shape=self.kept.shape,
            )
        if dtype_name(self.kept) not in FLOATS:
            raise ShapeError("Weights are of {types}; these are {kept}.", types=FLOATS, kept=dtype_name(self.kept))
        masked = (self.visible.queries, self.visible.keys)
        if masked not in (named, (named[0], named[1] - 1)) or self.visible.heads not in (1, self.heads):
            raise ShapeError(
                "The mask is {masked} for {rules} heads; the layer {named} (query, key with any sink) for {heads}.",
                masked=masked,
                rules=self.visible.heads,
                named=named,
                heads=self.heads,
            )

    def _check_rows(self, head: int, start: int, stop: int) -> None:
        rows = float32(self.kept[head, start:stop])
        sums, least = rows.sum(axis=1), rows.min(axis=1)
        wrong = ~np.isclose(sums, 1, rtol=0, atol=ROW_TOLERANCE) | (least < 0)
        if wrong.any():
            row = int(wrong.argmax())
            raise RowError(
                "Row {row} ({query!r}) of H{head} sums to {total:.3f} with a smallest weight of {least:.3g}; a row of "
                "weights is 0 or more everywhere and sums to 1.",
                row=start + row,
                query=self.queries[start + row],
                head=head,
                total=float(sums[row]),
                least=float(least[row]),
            )

    @property
    def heads(self) -> int:
        return int(self.kept.shape[0])

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        return {"kept": self.kept}

    def part(self, head: int, start: int, stop: int, left: int, right: int) -> np.ndarray:
        own = self.kept[head, start:stop, left:right]
        return own.copy() if own.dtype == np.float32 else float32(own)
