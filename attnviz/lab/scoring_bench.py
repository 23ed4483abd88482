"""What is to be scored in several ways: queries, where the keys come from, and what each way learns."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np

from attnviz.errors import InputError
from attnviz.lab.encoders import convolution, recurrent
from attnviz.lab.pooling import Pooled, importances, pooled
from attnviz.lab.scoring import WAYS, additive, cosine, dot, general, scaled_dot
from attnviz.lab.steps import check_fit, softmax
from attnviz.lab.tables import Bounds, Table, checked, parts_of, read_table, spelled_table, unknown

Source = Literal["given", "recurrent", "convolution"]

STEPS = ("keys", "scores", "weights", "output", "pooled")
TITLES: Mapping[str, str] = MappingProxyType(
    {"q": "Q", "k": "K", "v": "V", "x": "X", "r": "W_x", "z": "W_h", "c": "C"}
    | {"m": "M", "a": "W", "b": "U", "e": "v", "p": "W_p", "f": "b_p", "g": "u_p"}
)
OF_SOURCE: Mapping[Source, tuple[str, ...]] = MappingProxyType(
    {"given": ("k", "v"), "recurrent": ("x", "r", "z"), "convolution": ("x", "c")}
)
LEARNT = ("m", "a", "b", "e", "p", "f", "g")
BOUNDS: Mapping[str, Bounds] = MappingProxyType(
    {name: Bounds(5, 4, 999, 3) for name in "qkvx"}
    | {name: Bounds(4, 4, 999, 3) for name in "rzmabp"}
    | {name: Bounds(1, 4, 999, 3) for name in "efg"}
    | {"c": Bounds(4, 12, 999, 3)}
)


@dataclass(frozen=True, eq=False)
class Scored:
    """What one way to score leads to.

    Shape   scores and weights (query, key), output (query, number)
    Unit    weights: fraction of a row, each row sums to 1
    """

    scores: np.ndarray
    weights: np.ndarray
    output: np.ndarray


@dataclass(frozen=True)
class Scoring:
    """The same queries, keys and values for every way to score; equal ones show equal numbers.

    `tables` are Q, what keys and values come from, and what is learnt: M of general, W, U and v of additive, W_p, b_p
    and u_p of pooling. Keys that an encoder makes are values too. `way` is the one whose code is shown, `step` the last
    that is worked out.

    Raises  InputError  when tables are missing, ragged or too large.
    """

    tables: Mapping[str, Table]
    way: str = "additive"
    step: int = len(STEPS)

    def __post_init__(self) -> None:
        names = set(self.tables) - {"q", *LEARNT}
        if not {"q", *LEARNT} <= set(self.tables) or names not in map(set, OF_SOURCE.values()):
            raise InputError(
                "Ways to score need Q, K and V, or Q, X and an encoder, and what each way learns. Open the lesson anew "
                "from the page."
            )
        kept = {name: checked(TITLES[name], self.tables[name], BOUNDS[name]) for name in TITLES if name in self.tables}
        object.__setattr__(self, "tables", MappingProxyType(kept))

    @property
    def source(self) -> Source:
        """Where the keys come from."""
        return "given" if "k" in self.tables else "recurrent" if "r" in self.tables else "convolution"

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps there are: keys that were given are not made."""
        return STEPS[1:] if self.source == "given" else STEPS

    def table(self, name: str) -> np.ndarray:
        """One of the tables.

        Shape   (row, number), or (number,) of those that have one row alone
        """
        rows = np.array(self.tables[name])
        return rows[0] if BOUNDS[name].rows == 1 else rows

    def keys(self) -> np.ndarray:
        """The keys as they were given, or as an encoder makes them.

        Shape   (key, width)
        Raises  InputError  when sizes do not fit.
        """
        match self.source:
            case "recurrent":
                return recurrent(self.table("x"), self.table("r"), self.table("z"))
            case "convolution":
                return convolution(self.table("x"), self.table("c"))
        return self.table("k")

    def values(self) -> np.ndarray:
        """The values as they were given; the states of an encoder are keys and values.

        Shape   (key, number)
        Raises  InputError  when sizes do not fit.
        """
        return self.table("v") if self.source == "given" else self.keys()

    def scored(self, way: str) -> Scored:
        """Score, share out and mix in one of the ways.

        Raises  InputError  when sizes do not fit that way.
        """
        queries, keys, values = self.table("q"), self.keys(), self.values()
        check_fit(keys, keys, values)
        learnt = {"general": ("m",), "additive": ("a", "b", "e")}.get(way, ())
        scores = _SCORES[way](queries, keys, *(self.table(name) for name in learnt))
        weights = softmax(scores)
        return Scored(scores, weights, weights @ values)

    def pooled(self) -> tuple[np.ndarray, Pooled]:
        """Score each value by itself, and what they come to.

        Shape   scores (key,)
        Raises  InputError  when sizes do not fit.
        """
        values = self.values()
        scores = importances(values, self.table("p"), self.table("f"), self.table("g"))
        return scores, pooled(values, scores)


_SCORES: dict[str, Callable[..., np.ndarray]] = dict(
    zip(WAYS, (dot, scaled_dot, general, cosine, additive), strict=True)
)


def written(bench: Scoring) -> str:
    """Spell what is to be scored in the characters that a link leaves alone."""
    parts = [name + spelled_table(table, BOUNDS[name].decimals) for name, table in bench.tables.items()]
    parts += [f"y{bench.way}"] if bench.way != "additive" else []
    parts += [f"s{bench.step}"] if bench.step != len(STEPS) else []
    return "_".join(parts)


def read(text: str) -> Scoring:
    """Read what is to be scored as it was spelled.

    Raises  InputError  when it was not spelled so; the message says which part.
    """
    parts = parts_of(text)
    bench = Scoring({part[0]: read_table(part[1:]) for part in parts if part[:1] in TITLES})
    for part in parts:
        bench = _with(bench, part)
    return bench


def _with(bench: Scoring, part: str) -> Scoring:
    name, rest = part[:1], part[1:]
    if name == "y" and rest in WAYS:
        return replace(bench, way=rest)
    if name == "s" and re.fullmatch(f"[0-{len(STEPS)}]", rest):
        return replace(bench, step=int(rest))
    if name in TITLES:
        return bench
    raise unknown(part)
