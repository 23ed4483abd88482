"""What measures of heads share: the layers of a stack, and one number for each head."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from attnviz.errors import MeasureError
from attnviz.record import AnyLayer, AttentionRecord

Fuse = Literal["mean", "max", "min"]
FUSES: tuple[Fuse, ...] = ("mean", "max", "min")


@dataclass(frozen=True, eq=False)
class HeadScores:
    """One number for every head of a stack, and what it would be if every query read all it may read alike.

    Shape   values and chance: one array (head,) a layer, as layers may differ in heads; read-only.
    Unit    `unit` says it.
    """

    values: tuple[np.ndarray, ...]
    chance: tuple[np.ndarray, ...]
    unit: str

    @classmethod
    def collect(cls, measured: Iterable[tuple[np.ndarray, np.ndarray]], unit: str) -> "HeadScores":
        """Freeze what was measured layer by layer.

        Shape   measured: values (head,) and chance (head or 1,) for each layer.
        """
        values, chance = [], []
        for own, expected in measured:
            values.append(_frozen(own))
            chance.append(_frozen(np.broadcast_to(expected, own.shape)))
        return cls(tuple(values), tuple(chance), unit)


def layers_of(record: AttentionRecord, stack: str) -> tuple[AnyLayer, ...]:
    """Give the layers of one stack, input side first.

    Raises  RecordError  when the record has no such stack.
    """
    record.layer(stack, 0)  # refuses in the record's own words
    return record.layers[stack]


def head_mean(layer: AnyLayer) -> np.ndarray:
    """Average the heads of a layer, one at a time, so that a long text never needs all of them at once.

    Shape   (query, key)
    Unit    fraction of a row; each row sums to 1.
    """
    total = np.zeros((len(layer.queries), len(layer.keys)), np.float32)
    for head in range(layer.heads):
        total += layer.weights(heads=slice(head, head + 1))[0]
    return total / layer.heads


def check_fuse(fuse: str) -> None:
    """Refuse a way to fuse heads that there is not.

    Raises  MeasureError  with those that there are.
    """
    if fuse not in FUSES:
        raise MeasureError("Heads are fused by {known}; {fuse!r} was asked for.", known=", ".join(FUSES), fuse=fuse)


def fused(layer: AnyLayer, fuse: Fuse) -> np.ndarray:
    """Make one table of the heads of a layer, one at a time: their mean, or the greatest or smallest of each pair.

    Shape   (query, key)
    Unit    fraction of a row, whose sum is 1 for the mean alone.
    Raises  MeasureError  when heads are not fused in such a way.
    """
    check_fuse(fuse)
    if fuse == "mean":
        return head_mean(layer)
    join = np.maximum if fuse == "max" else np.minimum
    result = layer.weights(heads=slice(0, 1))[0]
    for head in range(1, layer.heads):
        join(result, layer.weights(heads=slice(head, head + 1))[0], out=result)
    return result


def _frozen(numbers: np.ndarray) -> np.ndarray:
    array = np.array(numbers, np.float32)
    array.flags.writeable = False
    return array
