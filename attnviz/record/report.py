"""What a record is made of: the ingredients of every layer, as plain facts for a reader to be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from attnviz.record.any_layer import AnyLayer
from attnviz.record.arrays import dtype_name
from attnviz.record.kept import KeptLayer
from attnviz.record.layer import Layer
from attnviz.record.sink import same_positions
from attnviz.record.visibility import Grouped, Intervals, Visibility
from attnviz.record.windowed import WindowedLayer

Kept = Literal["queries and keys", "weights"]
Sharing = Literal["own", "grouped", "one"]
Mask = Literal["full", "padded", "causal", "prefix", "window", "chunks", "windows", "other"]
Bias = Literal["none", "by distance", "by key", "by pair"]

LOOKED_AT = 64  # positions, when the kind of a bias is told: the same rule makes all of it


@dataclass(frozen=True)
class Ingredients:
    """What goes into the weights of one layer.

    `sharing` says whether each head has keys of its own, groups of heads share them, or all heads have the same; it is
    unknown, as `key_heads` and `width` are, where the weights themselves were kept. `cross` says that keys are other
    positions than queries, those of another input or of a coarser grid; `padding`, that what windows pad takes weight.

    Unit    window: how many keys a query sees at most, or in a prefix how many all of them see; softcap: nats.
    """

    kept: Kept
    dtype: str
    heads: int
    mask: Mask
    window: int | None = None
    key_heads: int | None = None
    width: int | None = None
    softcap: float | None = None
    sink: bool = False
    bias: Bias = "none"
    cross: bool = False
    padding: bool = False

    @property
    def sharing(self) -> Sharing | None:
        """How heads share keys."""
        if self.key_heads is None:
            return None
        return "own" if self.key_heads == self.heads else "one" if self.key_heads == 1 else "grouped"


@dataclass(frozen=True)
class CaptureReport:
    """What a record shows, and what its model has that it does not show.

    `rotary` says whether the model turns positions into queries and keys, which are kept after that; None when the
    record does not tell. `left_out` names layers that weigh no pairs of tokens, by their place in the model and kind.
    """

    stacks: Mapping[str, tuple[Ingredients, ...]]
    rotary: bool | None = None
    left_out: tuple[tuple[int, str], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "stacks", MappingProxyType(dict(self.stacks)))

    @property
    def kinds(self) -> dict[str, dict[Ingredients, tuple[int, ...]]]:
        """The layers of each stack that are made alike, in the order in which each kind first appears."""
        told: dict[str, dict[Ingredients, tuple[int, ...]]] = {}
        for stack, layers in self.stacks.items():
            alike: dict[Ingredients, tuple[int, ...]] = {}
            for index, each in enumerate(layers):
                alike[each] = (*alike.get(each, ()), index)
            told[stack] = alike
        return told


def ingredients(layer: AnyLayer) -> Ingredients:
    """Tell what one layer is made of."""
    cross = not same_positions(layer.queries, layer.keys)
    if isinstance(layer, WindowedLayer):
        slots, kept = int(layer.where.shape[1]), dtype_name(layer.kept)
        return Ingredients("weights", kept, layer.heads, "windows", slots, cross=cross, padding=layer.has_sink)
    mask, window = _mask(layer.visible)
    if isinstance(layer, KeptLayer):
        kept = dtype_name(layer.kept)
        return Ingredients("weights", kept, layer.heads, mask, window, sink=layer.has_sink, cross=cross)
    assert isinstance(layer, Layer)
    return Ingredients(
        kept="queries and keys",
        dtype=dtype_name(layer.q),
        heads=layer.heads,
        mask=mask,
        window=window,
        key_heads=int(layer.k.shape[0]),
        width=int(layer.q.shape[2]),
        softcap=layer.softcap,
        sink=layer.has_sink,
        bias=_bias(layer),
        cross=cross,
    )


def _mask(visible: Visibility) -> tuple[Mask, int | None]:
    """Name a mask by what it does to this input: a window wider than the text is no window."""
    if isinstance(visible, Grouped):
        return "windows", int(visible.counts.max())
    if not isinstance(visible, Intervals):
        return "other", None
    told = _rule(visible.low, visible.high, visible.keys)
    first, last = visible.reach(0, 0, visible.queries)
    if told[0] != "other" or visible.heads > 1 or (first, last) in ((0, visible.keys), (0, 0)):
        return told
    own = slice(first, last) if visible.queries == visible.keys else slice(None)  # what is no padding
    told = _rule(visible.low[:, own] - first, visible.high[:, own] - first, last - first)
    return ("padded", None) if told[0] == "full" else told


def _rule(low: np.ndarray, high: np.ndarray, keys: int) -> tuple[Mask, int | None]:
    """Name the rule of some rows, each of which sees one stretch of keys."""
    query = np.arange(low.shape[1])
    causal = bool((high == np.minimum(query + 1, keys)).all())
    seen, first = max(int((high - low).max()), 1), int(high[0, 0])
    if not low.any():
        if (high == keys).all():
            return "full", None
        if causal or (high == np.clip(query + 1, first, keys)).all():
            return ("causal", None) if causal else ("prefix", first)
    if causal and bool((low == query // seen * seen).all()):
        return "chunks", seen
    behind = causal and bool((low == np.maximum(query + 1 - seen, 0)).all())
    around = (low == np.maximum(query + 1 - first, 0)) & (high == np.minimum(query + first, keys))
    if behind or bool(around.all()):
        return "window", seen
    return ("windows", seen) if _split(low, high, keys) else ("other", None)


def _split(low: np.ndarray, high: np.ndarray, keys: int) -> bool:
    """Say whether positions side by side form groups, each of which sees itself and nothing else."""
    query, own = np.arange(keys), low[0]
    if low.shape != (1, keys) or not bool(((own <= query) & (query < high[0])).all()):
        return False
    return bool((own == own[own]).all() and (np.bincount(own)[own] == high[0] - own).all())


def _bias(layer: Layer) -> Bias:
    """Say what a bias depends on, by looking at its first positions."""
    if layer.bias is None:
        return "none"
    part = layer.bias[:, :LOOKED_AT, :LOOKED_AT]
    if not np.ptp(part) and np.ptp(layer.bias):
        return "by pair"  # BigBird's: none inside its first block, and the same from all others to it
    reach = layer.visible.mask(0, 0, part.shape[1], 0, part.shape[2])
    steps = np.where(reach[1:, 1:] & reach[:-1, :-1], part[:, 1:, 1:] - part[:, :-1, :-1], 0)
    if np.abs(steps).max(initial=0) <= 1e-5 * max(1.0, float(np.abs(part).max())):
        return "by distance"
    down = np.where(reach[1:] & reach[:-1], part[:, 1:] - part[:, :-1], 0)
    return "by key" if np.abs(down).max(initial=0) <= 1e-5 * max(1.0, float(np.abs(part).max())) else "by pair"
