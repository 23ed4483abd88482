"""Drawing by lot, alike on every server: things come in the order of the digests of their names."""

from collections.abc import Iterable
from hashlib import blake2b
from itertools import product
from typing import TypeVar

from attnviz.record import AttentionRecord

Named = TypeVar("Named", bound=int | str | tuple[int | str, ...])
Head = tuple[int, int]


def drawn(things: Iterable[Named], *salt: int | str) -> list[Named]:
    """Order things by lot; what they are called decides, and neither time, process nor any random generator."""
    return sorted(things, key=lambda thing: blake2b(repr((salt, thing)).encode(), digest_size=8).digest())


def heads_of(record: AttentionRecord) -> list[Head]:
    """Every layer and head of the first stack."""
    stack = next(iter(record.stacks))
    return [(layer, head) for layer, own in enumerate(record.layers[stack]) for head in range(own.heads)]


def each_with(heads: Iterable[Head], positions: Iterable[int]) -> list[tuple[int, int, int]]:
    """Every head with every position."""
    return [(*head, position) for head, position in product(heads, positions)]
