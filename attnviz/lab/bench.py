"""What a student has on the bench: three tables, how scores are scaled and masked, and how far it is worked out."""

import re
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from attnviz.errors import InputError
from attnviz.lab import masks
from attnviz.lab.steps import Attended, attend
from attnviz.lab.tables import Bounds, Table, checked, parts_of, read_number, read_table, spelled_table, unknown

Mask = Literal["none", "causal", "padding", "window", "own"]

MASKS: tuple[Mask, ...] = get_args(Mask)
STEPS = ("scores", "scaled", "masked", "weights", "output")
MOST_ROWS, MOST_NUMBERS = 6, 10  # of a table, what a screen shows and a link carries
LARGEST = 9999
DECIMALS = 4
BOUNDS = Bounds(MOST_ROWS, MOST_NUMBERS, LARGEST, DECIMALS)

_TABLES = {"q": "queries", "k": "keys", "v": "values"}


@dataclass(frozen=True)
class Bench:
    """One attention step as it is set up; equal benches show equal numbers.

    `size` is how many keys only fill up under the mask "padding", and how far "window" reaches; `closed` are the pairs
    (query, key) that a student has closed by hand, which count under "own". `step` is the last that is worked out.

    Unit    numbers have up to four decimals; `temperature` multiplies the divisor of the scores.
    Raises  InputError  when a table is ragged or too large, or a number out of bounds.
    """

    queries: Table
    keys: Table
    values: Table
    scaled: bool = True
    temperature: float = 1.0
    mask: Mask = "none"
    size: int = 1
    closed: frozenset[tuple[int, int]] = frozenset()
    step: int = len(STEPS)

    def __post_init__(self) -> None:
        for name, field in _TABLES.items():
            object.__setattr__(self, field, checked(name.upper(), getattr(self, field), BOUNDS))
        if not 0.01 <= self.temperature <= 100:
            raise InputError(
                "The temperature is {given:g}; choose one from 0.01 to 100.", given=float(self.temperature)
            )

    @property
    def divisor(self) -> float:
        """What scores are divided by."""
        return (len(self.queries[0]) ** 0.5 if self.scaled else 1.0) * self.temperature

    def visible(self) -> np.ndarray:
        """Which key each query may read.

        Shape   (query, key)
        """
        sides = len(self.queries), len(self.keys)
        match self.mask:
            case "causal":
                return masks.causal(*sides)
            case "padding":
                return masks.padding(*sides, filled=self.size)
            case "window":
                return masks.window(*sides, reach=self.size)
        seen = masks.none(*sides)
        for query, key in self.closed if self.mask == "own" else ():
            if query < sides[0] and key < sides[1]:
                seen[query, key] = False
        return seen

    def attended(self) -> Attended:
        """Work everything out.

        Raises  InputError  when sizes do not fit, or a query may read no key.
        """
        tables = (np.array(each) for each in (self.queries, self.keys, self.values))
        return attend(*tables, divisor=self.divisor, visible=self.visible())


def written(bench: Bench) -> str:
    """Spell a bench in the characters that a link leaves alone."""
    parts = [name + spelled_table(getattr(bench, field), DECIMALS) for name, field in _TABLES.items()]
    parts += [] if bench.scaled else ["n"]
    parts += [f"t{bench.temperature:g}"] if bench.temperature != 1 else []
    parts += [f"m{bench.mask}"] if bench.mask != "none" else []
    parts += [f"r{bench.size}"] if bench.size != 1 else []
    parts += ["c" + ",".join(f"{query}.{key}" for query, key in sorted(bench.closed))] if bench.closed else []
    parts += [f"s{bench.step}"] if bench.step != len(STEPS) else []
    return "_".join(parts)


def read(text: str) -> Bench:
    """Read a bench as it was spelled.

    Raises  InputError  when it was not spelled so; the message says which part.
    """
    parts = parts_of(text)
    tables = {name: read_table(part[1:]) for part in parts if (name := part[:1]) in _TABLES}
    if set(tables) != set(_TABLES):
        raise InputError("The lab needs three tables, Q, K and V. Open it anew from the page.")
    bench = Bench(tables["q"], tables["k"], tables["v"])
    for part in parts:
        bench = _with(bench, part)
    return bench


def _with(bench: Bench, part: str) -> Bench:
    name, rest = part[:1], part[1:]
    match name:
        case "n" if not rest:
            return replace(bench, scaled=False)
        case "t":
            return replace(bench, temperature=read_number(rest))
        case "m" if rest in MASKS:
            return replace(bench, mask=rest)
        case "r" if re.fullmatch("[0-9]", rest):
            return replace(bench, size=int(rest))
        case "s" if re.fullmatch(f"[0-{len(STEPS)}]", rest):
            return replace(bench, step=int(rest))
        case "c" if re.fullmatch(r"[0-9]\.[0-9](,[0-9]\.[0-9]){0,99}", rest):
            return replace(bench, closed=frozenset((int(each[0]), int(each[2])) for each in rest.split(",")))
    if name in _TABLES:
        return bench
    raise unknown(part)
