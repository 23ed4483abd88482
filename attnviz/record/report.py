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
from attnviz.record.visibility import Intervals, Visibility

Kept = Literal["queries and keys", "weights"]
Sharing = Literal["own", "grouped", "one"]
Mask = Literal["full", "causal", "window", "chunks", "other"]
Bias = Literal["none", "by distance", "by key", "by pair"]

LOOKED_AT = 64  # positions, when the kind of a bias is told: the same rule makes all of it


@dataclass(frozen=True)
class Ingredients:
    """What goes into the weights of one layer.

    `sharing` says whether each head has keys of its own, groups of heads share them, or all heads have the same; it is
    unknown, as `key_heads` and `width` are, where the weights themselves were kept.

    Unit    window: how many keys a query sees at most; softcap: nats.
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
    mask, window = _mask(layer.visible)
    if isinstance(layer, KeptLayer):
        return Ingredients("weights", dtype_name(layer.kept), layer.heads, mask, window, sink=layer.has_sink)
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
    )


def _mask(visible: Visibility) -> tuple[Mask, int | None]:
    """Name a mask by what it does to this input: a window wider than the text is no window."""
    if not isinstance(visible, Intervals):
        return "other", None
    query = np.arange(visible.queries)
    causal = bool((visible.high == np.minimum(query + 1, visible.keys)).all())
    whole = bool((visible.high == visible.keys).all())
    if not visible.low.any() and (causal or whole):
        return ("full" if whole else "causal"), None
    seen = int(visible.counts.max())
    if causal and bool((visible.low == query // seen * seen).all()):
        return "chunks", seen
    alike = causal and bool((visible.low == np.maximum(query + 1 - seen, 0)).all())
    half = int(visible.high[0, 0]) - 1
    around = (visible.low == np.maximum(query - half, 0)) & (visible.high == np.minimum(query + half + 1, visible.keys))
    return ("window", seen) if alike or bool(around.all()) else ("other", None)


def _bias(layer: Layer) -> Bias:
    """Say what a bias depends on, by looking at its first positions."""
    if layer.bias is None:
        return "none"
    part = layer.bias[:, :LOOKED_AT, :LOOKED_AT]
    reach = layer.visible.mask(0, 0, part.shape[1], 0, part.shape[2])
    steps = np.where(reach[1:, 1:] & reach[:-1, :-1], part[:, 1:, 1:] - part[:, :-1, :-1], 0)
    if np.abs(steps).max(initial=0) <= 1e-5 * max(1.0, float(np.abs(part).max())):
        return "by distance"
    down = np.where(reach[1:] & reach[:-1], part[:, 1:] - part[:, :-1], 0)
    return "by key" if np.abs(down).max(initial=0) <= 1e-5 * max(1.0, float(np.abs(part).max())) else "by pair"
