"""The names of positions, and how they lie in a text, a picture or a sound. Knows nothing of weights or models."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from attnviz.errors import ShapeError

Span = tuple[int, int]
Size = tuple[int, int]  # (height, width) or (rows, cols)
Seconds = tuple[float, float]  # half-open


class Axis(Protocol):
    """What names one side of a map: a length, and a label for every position."""

    def __len__(self) -> int: ...

    def __getitem__(self, position: int, /) -> str: ...

    def __iter__(self) -> Iterator[str]: ...


@dataclass(frozen=True)
class Tokens:
    """The positions of a text: what a reader sees of each token, and where it lies.

    Shape   every field but `source` has one entry a token, in the order of the model.
    Unit    spans are half-open character offsets into `source`; None where a token stands for no text.
    Raises  ShapeError  when the fields differ in length.
    """

    source: str
    labels: tuple[str, ...]  # for the screen: characters, never byte pieces or word-piece marks
    raw: tuple[str, ...]  # the vocabulary's own spelling
    spans: tuple[Span | None, ...]
    special: tuple[bool, ...]
    words: tuple[int | None, ...]  # which word of `source` a token belongs to

    def __post_init__(self) -> None:
        lengths = {name: len(getattr(self, name)) for name in ("labels", "raw", "spans", "special", "words")}
        if len(set(lengths.values())) != 1:
            raise ShapeError(
                "The fields of an axis differ in length: {lengths}. Give each token one entry.", lengths=lengths
            )

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, position: int, /) -> str:
        return self.labels[position]

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)

    @property
    def glued(self) -> tuple[bool, ...]:
        """Whether each token follows the one before it with no space between, as word pieces and byte pieces do."""
        before = (None, *self.spans[:-1])
        return tuple(
            span is not None and last is not None and (span == last or span[0] == last[1])
            for last, span in zip(before, self.spans, strict=True)
        )


@dataclass(frozen=True)
class ImageGeometry:
    """How the picture that a model saw lies in the one that was given: resized, then cropped or padded.

    Unit    pixels, (height, width); `offset` (top, left) is where the seen picture begins in the resized one: above 0
            where an edge was cut off, below 0 where a border was added.
    Raises  ShapeError  when a size is not above 0.
    """

    original: Size
    resized: Size
    offset: Size
    seen: Size

    def __post_init__(self) -> None:
        sizes = (*self.original, *self.resized, *self.seen)
        if min(sizes) < 1:
            raise ShapeError("A picture has at least 1 pixel a side; these sides are {sizes}.", sizes=sizes)

    @property
    def filled(self) -> tuple[Span, Span]:
        """Say which rows and which columns of the seen picture hold picture; around them is a border.

        Unit    pixels of the seen picture, half-open: (top, bottom), (left, right).
        """
        rows, cols = (
            (max(0, -offset), min(seen, resized - offset))
            for offset, seen, resized in zip(self.offset, self.seen, self.resized, strict=True)
        )
        return rows, cols

    def to_original(self, y: float, x: float) -> tuple[float, float]:
        """Find the place of the given picture that lies at a place of the one the model saw.

        Unit    pixels from the top left corner, 0.5 being the middle of the first; outside the picture where a border
                was added.
        """
        return (
            (y + self.offset[0]) * self.original[0] / self.resized[0],
            (x + self.offset[1]) * self.original[1] / self.resized[1],
        )


@dataclass(frozen=True)
class Patches:
    """The positions of a picture: the cells of a grid, in the model's order, and the tokens beside them.

    Shape   labels and cells have one entry a position; a cell is its number in the grid, row by row, or None for a
            token that is no patch: a class token, a register, a detection token, padding.
    Unit    patch: pixels (height, width) of one cell, in the picture that the model saw.
    Raises  ShapeError  when the fields differ in length, or a cell lies outside the grid.
    """

    geometry: ImageGeometry
    grid: Size
    patch: tuple[float, float]
    labels: tuple[str, ...]
    cells: tuple[int | None, ...]

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.cells):
            raise ShapeError(
                "The fields of an axis differ in length: {lengths}. Give each token one entry.",
                lengths={"labels": len(self.labels), "cells": len(self.cells)},
            )
        count = self.grid[0] * self.grid[1]
        if not all(cell is None or 0 <= cell < count for cell in self.cells):
            raise ShapeError("A patch lies outside the grid of {grid} (rows, cols).", grid=self.grid)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, position: int, /) -> str:
        return self.labels[position]

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)

    def box(self, position: int) -> tuple[float, float, float, float] | None:
        """Say where a patch lies in the picture that the model saw; None for a token that is no patch.

        Unit    pixels: top, left, bottom, right.
        """
        cell = self.cells[position]
        if cell is None:
            return None
        (row, col), (height, width) = divmod(cell, self.grid[1]), self.patch
        return row * height, col * width, (row + 1) * height, (col + 1) * width


@dataclass(frozen=True)
class Frames:
    """The positions of a sound: stretches of time, and of pitch where the model cuts that too.

    Shape   every field has one entry a position; spans and bands are None for a token that stands for no sound.
    Unit    spans: seconds from the start, half-open; bands: mel bins, half-open, None throughout where a frame holds
            all of them; seconds: how long the sound lasts, what comes later being padding.
    Raises  ShapeError  when the fields differ in length.
    """

    seconds: float
    labels: tuple[str, ...]
    spans: tuple[Seconds | None, ...]
    bands: tuple[Span | None, ...]

    def __post_init__(self) -> None:
        lengths = {name: len(getattr(self, name)) for name in ("labels", "spans", "bands")}
        if len(set(lengths.values())) != 1:
            raise ShapeError(
                "The fields of an axis differ in length: {lengths}. Give each token one entry.", lengths=lengths
            )

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, position: int, /) -> str:
        return self.labels[position]

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)


@dataclass(frozen=True)
class Named:
    """Positions that have a name and stand for no place: object queries, learned probes, what a window pads."""

    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, position: int, /) -> str:
        return self.labels[position]

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)


@dataclass(frozen=True)
class Joined:
    """Axes one after the other: the words of a prompt, the patches of a picture, the words after it."""

    parts: tuple[Axis, ...]

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def __getitem__(self, position: int, /) -> str:
        return tuple(self)[position]

    def __iter__(self) -> Iterator[str]:
        return (label for part in self.parts for label in part)


@dataclass(frozen=True)
class Windows:
    """How the windows in which a layer attends lie on its positions.

    Shape   where: each window's positions, in the order in which the layer holds them; None for padding inside a
            window, which takes its share of a row and stands for no position.
    """

    where: tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True)
class Sides:
    """What names the two sides of one layer, and how its windows lie on them where it attends in windows."""

    queries: Axis
    keys: Axis
    windows: Windows | None = None
