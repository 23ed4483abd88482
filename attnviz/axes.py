"""The names of positions, and how they lie in a text. Knows nothing of weights or models."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from attnviz.errors import ShapeError

Span = tuple[int, int]


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
