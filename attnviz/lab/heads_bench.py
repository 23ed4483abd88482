"""What a student has set up of several heads: tables, how many heads share which keys, and how far it is worked out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np

from attnviz.errors import InputError
from attnviz.lab import masks
from attnviz.lab.heads import Joined, attend_in_heads, projected, sharing, split
from attnviz.lab.tables import Bounds, Table, checked, parts_of, read_table, spelled_table, unknown

Mask = Literal["none", "causal"]

MASKS: tuple[Mask, ...] = get_args(Mask)
STEPS = ("vectors", "split", "scores", "weights", "found", "joined", "output")
MOST_HEADS = 4
TITLES: Mapping[str, str] = MappingProxyType(
    {"x": "X", "y": "Y", "a": "W_Q", "b": "W_K", "c": "W_V", "q": "Q", "k": "K", "v": "V", "o": "W_O"}
)
OF_TOKENS = ("x", "a", "b", "c", "o")
OF_VECTORS = ("q", "k", "v", "o")
_ROWS, _WIDTH, _JOINED = 5, 6, 8  # what a screen shows and a link carries
_LARGEST, _DECIMALS = 999, 3
BOUNDS: Mapping[str, Bounds] = MappingProxyType(
    {name: Bounds(_ROWS, _WIDTH, _LARGEST, _DECIMALS) for name in "xy"}
    | {name: Bounds(_WIDTH, _JOINED, _LARGEST, _DECIMALS) for name in "abc"}
    | {name: Bounds(_ROWS, _JOINED, _LARGEST, _DECIMALS) for name in "qkv"}
    | {"o": Bounds(_JOINED, _WIDTH, _LARGEST, _DECIMALS)}
)


@dataclass(frozen=True, eq=False)
class Done:
    """Attention in several heads with everything on the way to its output.

    Shape   tokens (query, width) and others (key, width), or None where queries, keys and values were given;
            queries, keys and values (position, heads · width); groups names the key head of each query head.
    """

    tokens: np.ndarray | None
    others: np.ndarray | None
    queries: np.ndarray
    keys: np.ndarray
    values: np.ndarray
    groups: tuple[int, ...]
    found: Joined


@dataclass(frozen=True)
class Heads:
    """Several heads as they are set up; equal ones show equal numbers.

    `tables` are X, W_Q, W_K, W_V and W_O, with Y where keys come from other tokens, or Q, K, V and W_O; `head` is the
    one in view, `step` the last that is worked out.

    Raises  InputError  when tables are missing, ragged or too large.
    """

    tables: Mapping[str, Table]
    heads: int = 2
    key_heads: int = 2
    mask: Mask = "none"
    head: int = 0
    step: int = len(STEPS)

    def __post_init__(self) -> None:
        names = set(self.tables) - {"y"} if "x" in self.tables else set(self.tables)
        if names not in ({*OF_TOKENS}, {*OF_VECTORS}):
            raise InputError(
                "Many heads need X, W_Q, W_K, W_V and W_O, or Q, K, V and W_O. Open the lesson anew from the page."
            )
        kept = {name: checked(TITLES[name], self.tables[name], BOUNDS[name]) for name in TITLES if name in self.tables}
        object.__setattr__(self, "tables", MappingProxyType(kept))

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps there are: vectors that were given are not made."""
        return STEPS if "x" in self.tables else STEPS[1:]

    @cached_property
    def visible(self) -> np.ndarray:
        """Which key each query may read.

        Shape   (query, key)
        """
        queries, keys = ("x", "y" if "y" in self.tables else "x") if "x" in self.tables else ("q", "k")
        return getattr(masks, self.mask)(len(self.tables[queries]), len(self.tables[keys]))

    def done(self) -> Done:
        """Work everything out.

        Raises  InputError  when sizes do not fit, or a query may read no key.
        """
        groups = sharing(self.heads, self.key_heads)
        table = {name: np.array(rows) for name, rows in self.tables.items()}
        tokens = table.get("x")
        others = table.get("y", tokens)
        if tokens is None or others is None:
            queries, keys, values = (table[name] for name in "qkv")
        else:
            queries, keys, values = projected(tokens, others, table["a"], table["b"], table["c"])
        shared = split(queries, self.heads), split(keys, self.key_heads), split(values, self.key_heads)
        found = attend_in_heads(*shared, table["o"], visible=self.visible)
        return Done(tokens, others, queries, keys, values, groups, found)


def written(bench: Heads) -> str:
    """Spell a bench of several heads in the characters that a link leaves alone."""
    parts = [name + spelled_table(table, BOUNDS[name].decimals) for name, table in bench.tables.items()]
    parts += [f"h{bench.heads}"] if bench.heads != 2 else []
    parts += [f"g{bench.key_heads}"] if bench.key_heads != 2 else []
    parts += [f"m{bench.mask}"] if bench.mask != "none" else []
    parts += [f"e{bench.head}"] if bench.head else []
    parts += [f"s{bench.step}"] if bench.step != len(STEPS) else []
    return "_".join(parts)


def read(text: str) -> Heads:
    """Read a bench of several heads as it was spelled.

    Raises  InputError  when it was not spelled so; the message says which part.
    """
    parts = parts_of(text)
    bench = Heads({part[0]: read_table(part[1:]) for part in parts if part[:1] in TITLES})
    for part in parts:
        bench = _with(bench, part)
    return bench


def _with(bench: Heads, part: str) -> Heads:
    name, rest = part[:1], part[1:]
    match name:
        case "h" if re.fullmatch(f"[1-{MOST_HEADS}]", rest):
            return replace(bench, heads=int(rest))
        case "g" if re.fullmatch(f"[1-{MOST_HEADS}]", rest):
            return replace(bench, key_heads=int(rest))
        case "m" if rest in MASKS:
            return replace(bench, mask=rest)
        case "e" if re.fullmatch(f"[0-{MOST_HEADS - 1}]", rest):
            return replace(bench, head=int(rest))
        case "s" if re.fullmatch(f"[0-{len(STEPS)}]", rest):
            return replace(bench, step=int(rest))
    if name in TITLES:
        return bench
    raise unknown(part)
