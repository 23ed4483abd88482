"""Which keys each query may see, in a number or two a row where a row is one stretch of keys or one window."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attnviz.errors import ShapeError
from attnviz.record.arrays import frozen


class Visibility(ABC):
    """The mask rule of one layer. Heads share it, or each has its own."""

    keys: int

    @staticmethod
    def full(queries: int, keys: int) -> "Intervals":
        """Let every query see every key."""
        return Intervals(keys, np.zeros((1, queries), np.int32), np.full((1, queries), keys, np.int32))

    @staticmethod
    def causal(queries: int, keys: int) -> "Intervals":
        """Let query i see keys 0 to i, as a pass with nothing cached does."""
        high = np.minimum(np.arange(1, queries + 1, dtype=np.int32), keys)
        return Intervals(keys, np.zeros((1, queries), np.int32), high[None])

    @staticmethod
    def from_weights(weights: np.ndarray) -> "Visibility":
        """Read off what each query saw: a key to which any head gave more than 0, where no mask has been told.

        Shape   weights (head, query, key), keys without any sink.
        """
        seen = np.zeros((1, *weights.shape[1:]), bool)
        for head in weights:
            seen[0] |= head > 0
        return Visibility.from_mask(seen)

    @staticmethod
    def from_mask(mask: np.ndarray) -> "Visibility":
        """Hold a mask as compactly as its rows allow.

        Shape   mask (head or 1, query, key), bool, True where a query may see a key.
        """
        keys = mask.shape[-1]
        seen = mask.sum(axis=-1, dtype=np.int32)
        low = np.where(seen > 0, mask.argmax(axis=-1), 0).astype(np.int32)
        high = np.where(seen > 0, keys - mask[..., ::-1].argmax(axis=-1), 0).astype(np.int32)
        if (high - low == seen).all():
            return Intervals(keys, low, high)
        return Bits(keys, np.packbits(mask, axis=-1))

    @staticmethod
    def from_rows(blocks: Iterable[np.ndarray]) -> "Visibility":
        """Hold a mask that comes some rows at a time, so that it is never spelled out whole.

        Shape   each (query, key), bool, True where a query may see a key.
        """
        packed, parts = [], []
        for rows in blocks:
            parts.append(Visibility.from_mask(rows[None]))
            packed.append(np.packbits(rows, axis=-1))
        stretches = [part for part in parts if isinstance(part, Intervals)]
        if len(stretches) == len(parts):
            low, high = (np.concatenate([getattr(part, end) for part in stretches], 1) for end in ("low", "high"))
            return Intervals(parts[0].keys, low, high)
        return Bits(parts[0].keys, np.concatenate(packed)[None])

    @property
    @abstractmethod
    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays by name, as a file keeps them."""

    @property
    @abstractmethod
    def counts(self) -> np.ndarray:
        """How many keys each query sees.

        Shape   (head or 1, query), int.
        """

    @property
    def heads(self) -> int:
        """How many heads have a rule of their own; 1 when all share one."""
        return len(self.counts)

    @property
    def queries(self) -> int:
        """How many queries the rule speaks of."""
        return int(self.counts.shape[1])

    @abstractmethod
    def mask(self, head: int, start: int, stop: int, left: int = 0, right: int | None = None) -> np.ndarray:
        """Spell out some rows of one head, all keys of them or some.

        Shape   (query, key), bool.
        """

    @abstractmethod
    def reach(self, head: int, start: int, stop: int) -> tuple[int, int]:
        """Bound the keys that any of these queries sees, so that work is spent on those alone."""

    def common(self, head: int, start: int, stop: int) -> tuple[int, int]:
        """Name some stretch of keys, maybe empty, that all of these queries see: no mask is spelled out there."""
        return 0, 0


@dataclass(frozen=True, eq=False)
class Intervals(Visibility):
    """Each row sees one stretch of keys: full, causal, sliding, chunked, prefix and padded masks are of this kind.

    Shape   low, high (head or 1, query), int32, half-open.
    Raises  ShapeError  when the ends have another shape or type, cross, or lie outside the keys.
    """

    keys: int
    low: np.ndarray
    high: np.ndarray

    def __post_init__(self) -> None:
        low, high = self.low, self.high
        if low.ndim != 2 or 0 in low.shape or low.shape != high.shape or {low.dtype, high.dtype} != {np.dtype("int32")}:
            raise ShapeError(
                "Intervals are int32 (head or 1, query); these are {low} and {high}.",
                low=low.shape,
                high=high.shape,
            )
        if (low < 0).any() or (low > high).any() or (high > self.keys).any():
            raise ShapeError(
                "Every interval lies inside 0 to {keys} keys; at least one of these does not.",
                keys=self.keys,
            )
        object.__setattr__(self, "low", frozen(low))
        object.__setattr__(self, "high", frozen(high))

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        return {"low": self.low, "high": self.high}

    @property
    def counts(self) -> np.ndarray:
        return self.high - self.low

    def mask(self, head: int, start: int, stop: int, left: int = 0, right: int | None = None) -> np.ndarray:
        head = min(head, len(self.low) - 1)
        key = np.arange(left, self.keys if right is None else right, dtype=np.int32)
        return (key >= self.low[head, start:stop, None]) & (key < self.high[head, start:stop, None])

    def reach(self, head: int, start: int, stop: int) -> tuple[int, int]:
        head = min(head, len(self.low) - 1)
        low, high = self.low[head, start:stop], self.high[head, start:stop]
        seeing = high > low
        return (int(low[seeing].min()), int(high[seeing].max())) if seeing.any() else (0, 0)

    def common(self, head: int, start: int, stop: int) -> tuple[int, int]:
        head = min(head, len(self.low) - 1)
        first, last = int(self.low[head, start:stop].max()), int(self.high[head, start:stop].min())
        return (first, last) if first < last else (0, 0)


@dataclass(frozen=True, eq=False)
class Bits(Visibility):
    """Each row sees any keys, one bit a key.

    Shape   bits (head or 1, query, ceil(key / 8)), uint8, the first key in the highest bit; spare bits are 0.
    Raises  ShapeError  when the bits have another shape or type, or a spare one is set.
    """

    keys: int
    bits: np.ndarray

    def __post_init__(self) -> None:
        width = -(-self.keys // 8)
        if self.bits.ndim != 3 or 0 in self.bits.shape or self.bits.dtype != np.uint8 or self.bits.shape[2] != width:
            raise ShapeError(
                "Bits are uint8 (head or 1, query, {width}); these are {shape}.",
                width=width,
                shape=self.bits.shape,
            )
        spare = -self.keys % 8
        if (self.bits[..., -1] & ((1 << spare) - 1)).any():
            raise ShapeError(
                "The last {spare} bits of a row stand for no key and must be 0.",
                spare=spare,
            )
        object.__setattr__(self, "bits", frozen(self.bits))

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        return {"bits": self.bits}

    @property
    def counts(self) -> np.ndarray:
        return np.bitwise_count(self.bits).sum(axis=-1, dtype=np.int32)

    @property
    def heads(self) -> int:
        return len(self.bits)

    @property
    def queries(self) -> int:
        return int(self.bits.shape[1])

    def mask(self, head: int, start: int, stop: int, left: int = 0, right: int | None = None) -> np.ndarray:
        head, right = min(head, len(self.bits) - 1), self.keys if right is None else right
        spelled = np.unpackbits(self.bits[head, start:stop, left // 8 : -(-right // 8)], axis=-1).view(bool)
        return spelled[:, left % 8 : left % 8 + right - left]

    def reach(self, head: int, start: int, stop: int) -> tuple[int, int]:
        return 0, self.keys


@dataclass(frozen=True, eq=False)
class Grouped(Visibility):
    """Each position sees those of its own group: the windows of a picture, or the parts that a shift joins in one.

    Shape   groups (position,), int32: the group of each; queries and keys are the same positions.
    Raises  ShapeError  when there is not one group a key, or a group has no number from 0 to the last key's.
    """

    keys: int
    groups: np.ndarray

    def __post_init__(self) -> None:
        if self.groups.shape != (self.keys,) or not self.keys or self.groups.dtype != np.int32:
            raise ShapeError(
                "Groups are int32, one for each of {keys} positions; these are {shape}.",
                keys=self.keys,
                shape=self.groups.shape,
            )
        if self.groups.min() < 0 or self.groups.max() >= self.keys:
            raise ShapeError(
                "Groups of {keys} positions have numbers below that; one of these has not.", keys=self.keys
            )
        object.__setattr__(self, "groups", frozen(self.groups))

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        return {"groups": self.groups}

    @property
    def counts(self) -> np.ndarray:
        return np.bincount(self.groups)[self.groups][None]

    @property
    def heads(self) -> int:
        return 1

    @property
    def queries(self) -> int:
        return self.keys

    def mask(self, head: int, start: int, stop: int, left: int = 0, right: int | None = None) -> np.ndarray:
        return self.groups[start:stop, None] == self.groups[left : self.keys if right is None else right]

    def reach(self, head: int, start: int, stop: int) -> tuple[int, int]:
        first, last = self._ends
        own = self.groups[start:stop]
        return (int(first[own].min()), int(last[own].max()) + 1) if own.size else (0, 0)

    @cached_property
    def _ends(self) -> tuple[np.ndarray, np.ndarray]:
        """The first and the last position of each group."""
        first, last = np.full(self.keys, self.keys), np.full(self.keys, -1)
        positions = np.arange(self.keys)
        np.minimum.at(first, self.groups, positions)
        np.maximum.at(last, self.groups, positions)
        return first, last
