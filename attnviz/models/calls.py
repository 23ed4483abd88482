"""What attention modules leave behind in one pass: what they compared, or the weights alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from attnviz.axes import Named, Sides
from attnviz.errors import WeightsUnavailable
from attnviz.families.family import Compared
from attnviz.record import AnyLayer, Intervals, KeptLayer, Layer, Visibility, WindowedLayer, with_sink
from attnviz.record.arrays import sealed


@dataclass(frozen=True, eq=False)
class Call:
    """What one attention module compared in one forward pass, taken off the batch and off the device.

    Shape   q (head, query, d), k (kv_head, key, d), sinks (head,), bias (head or 1, query, key).
    """

    module: str
    place: str
    q: np.ndarray
    k: np.ndarray
    scaling: float
    visible: Visibility
    softcap: float | None = None
    sinks: np.ndarray | None = None
    bias: np.ndarray | None = None

    def layer(self, sides: Sides, others: Sequence[Compared] = ()) -> AnyLayer:
        """Name the positions, and so make a layer of the call; several windows become one layer of weights."""
        if sides.windows is not None:
            return _windowed([self, *others], sides)
        keys = sides.keys if self.sinks is None else with_sink(sides.keys)
        return Layer(
            sides.queries, keys, self.q, self.k, self.scaling, self.visible, self.softcap, self.sinks, self.bias
        )

    @property
    def lengths(self) -> tuple[int, int]:
        """How many queries were compared with how many keys."""
        return int(self.q.shape[1]), int(self.k.shape[1])

    def weights(self) -> np.ndarray:
        """Make the weights that the call led to, the sink's share left out.

        Shape   (1, head, query, key), float32.
        """
        own = self.layer(Sides(*unnamed((self.q.shape[1], self.k.shape[1]))))
        return own.weights()[None, :, :, : self.k.shape[1]]


@dataclass(frozen=True, eq=False)
class Weighed:
    """The weights that one attention module gave in one forward pass, in every window if it attends in windows.

    Shape   kept (window, head, query, key), float32.
    """

    module: str
    place: str
    kept: np.ndarray

    def layer(self, sides: Sides, others: Sequence[Compared] = ()) -> AnyLayer:
        """Name the positions, and so make a layer of the weights.

        Raises  WeightsUnavailable  when they are those of several inputs and not of windows.
        """
        if sides.windows is not None:
            return _windowed([self, *others], sides)
        if len(self.kept) != 1:
            raise WeightsUnavailable(
                "{module} read {count} inputs at once; a record holds one. Give one alone.",
                module=self.module,
                count=len(self.kept),
            )
        return KeptLayer(sides.queries, sides.keys, self.kept[0], Visibility.from_weights(self.kept[0]))

    @property
    def lengths(self) -> tuple[int, int]:
        """How many queries were compared with how many keys, in each window."""
        return int(self.kept.shape[2]), int(self.kept.shape[3])

    def weights(self) -> np.ndarray:
        """Give the weights as the module gave them.

        Shape   (window, head, query, key), float32.
        """
        return self.kept


@dataclass(frozen=True, eq=False)
class Tiled:
    """What one attention module compared in several inputs side by side, each of which reads all of itself alone.

    Shape   q (tile, head, query, d), k (tile, kv_head, key, d).
    """

    module: str
    place: str
    q: np.ndarray
    k: np.ndarray
    scaling: float

    def layer(self, sides: Sides, others: Sequence[Compared] = ()) -> AnyLayer:
        """Name the positions, and so make a layer of the call: one of queries and keys where tile follows tile.

        Raises  WeightsUnavailable  when they are several inputs and not the windows of one.
        """
        if sides.windows is None:
            raise WeightsUnavailable(
                "{module} read {count} inputs at once; a record holds one. Give one alone.",
                module=self.module,
                count=len(self.q),
            )
        tiles, slots = self.q.shape[0], self.lengths[0]
        after_one_another = tuple(tuple(range(at, at + slots)) for at in range(0, tiles * slots, slots))
        if others or slots != self.lengths[1] or sides.windows.where != after_one_another:
            return _windowed([self, *others], sides)
        low = np.repeat(np.arange(tiles, dtype=np.int32) * slots, slots)[None]
        visible = Intervals(tiles * slots, low, low + np.int32(slots))
        q, k = (sealed(np.concatenate(list(each), axis=1)) for each in (self.q, self.k))
        return Layer(sides.queries, sides.keys, q, k, self.scaling, visible)

    @property
    def lengths(self) -> tuple[int, int]:
        """How many queries were compared with how many keys, in each tile."""
        return int(self.q.shape[2]), int(self.k.shape[2])

    def weights(self) -> np.ndarray:
        """Make the weights that the call led to, tile by tile.

        Shape   (tile, head, query, key), float32.
        """
        visible = Visibility.full(*self.lengths)
        tiles = (
            Call(self.module, self.place, q, k, self.scaling, visible).weights()
            for q, k in zip(self.q, self.k, strict=True)
        )
        return np.concatenate(list(tiles))


AnyCall = Call | Weighed | Tiled


def _windowed(calls: Sequence[Compared], sides: Sides) -> WindowedLayer:
    """Lay the weights of windows, which came in one call or in one each, on the positions of a layer."""
    assert sides.windows is not None
    tables = [table for call in calls for table in call.weights()]
    return WindowedLayer.laid(sides.queries, sides.keys, tables, sides.windows)


def unnamed(sides: tuple[int, int]) -> tuple[Named, Named]:
    """Make axes of positions that stand for nothing: queries and keys, as many as there are."""
    queries, keys = (Named(("",) * count) for count in sides)
    return queries, keys


def in_order(calls: Sequence[Compared]) -> Iterator[tuple[str, list[Compared]]]:
    """Name each place that called, in the order of first calls, with its calls."""
    places: dict[str, list[Compared]] = {}
    for call in calls:
        places.setdefault(call.place, []).append(call)
    yield from places.items()
