"""The sizes of a stack of attention as a student sets them, what they cost, and how the cost grows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, get_args

from attnviz.errors import InputError
from attnviz.lab.costs import BYTES, WELL_KNOWN, Cost, Shape, cost
from attnviz.lab.heads import sharing
from attnviz.lab.tables import parts_of, unknown

Dtype = Literal["float32", "float16", "bfloat16"]
Against = Literal["tokens", "width"]

DTYPES: tuple[Dtype, ...] = get_args(Dtype)
AGAINST: tuple[Against, ...] = get_args(Against)
MOST: Mapping[str, int] = MappingProxyType(
    {"tokens": 2**20, "width": 2**14, "layers": 256, "heads": 256, "key_heads": 256, "batch": 1_024}
)
LETTERS: Mapping[str, str] = MappingProxyType(
    {"n": "tokens", "d": "width", "l": "layers", "h": "heads", "g": "key_heads", "b": "batch"}
)
LEAST_TOKENS, LEAST_HEAD_WIDTH, MOST_HEAD_WIDTH = 16, 2, 1_024  # where curves begin and end


@dataclass(frozen=True)
class CostBench:
    """Sizes, the kind of number that they are kept in, and what the curves are drawn against.

    Raises  InputError  when a size is out of bounds; whether sizes fit one another is for `check`.
    """

    shape: Shape
    dtype: Dtype = "float32"
    against: Against = "tokens"

    def __post_init__(self) -> None:
        shape = self.shape
        for name, most in MOST.items():
            given = getattr(shape, name)
            if not 1 <= given <= most:
                raise InputError("`{name}` is {given:,}; choose 1 to {most:,}.", name=name, given=given, most=most)

    def check(self) -> None:
        """Hold sizes against one another.

        Raises  InputError  when heads do not fit the width, or key heads the heads.
        """
        shape = self.shape
        if shape.width % shape.heads:
            raise InputError(
                "{width:,} numbers cannot be shared by {heads} heads. Choose a width that {heads} divides.",
                width=shape.width,
                heads=shape.heads,
            )
        sharing(shape.heads, shape.key_heads)

    @property
    def cost(self) -> Cost:
        """What the sizes cost."""
        return cost(self.shape, self.dtype)


BEGIN = CostBench(next(each.shape for each in WELL_KNOWN if each.name == "SmolLM2 135M"))


@dataclass(frozen=True)
class Curves:
    """What a stack costs as one of its sizes grows.

    Shape   at and costs: one a point, in the order of growth.
    """

    at: tuple[int, ...]
    costs: tuple[Cost, ...]


def curves(bench: CostBench) -> Curves:
    """Let one size of a bench grow, the others staying as they are; widths grow head by head."""
    if bench.against == "tokens":
        at = _doubled(LEAST_TOKENS, MOST["tokens"])
    else:
        at = tuple(bench.shape.heads * each for each in _doubled(LEAST_HEAD_WIDTH, MOST_HEAD_WIDTH))
    return Curves(at, tuple(cost(replace(bench.shape, **{bench.against: each}), bench.dtype) for each in at))


def _doubled(least: int, most: int) -> tuple[int, ...]:
    found = [least]
    while found[-1] * 2 <= most:
        found.append(found[-1] * 2)
    return tuple(found)


def formulas(bench: CostBench) -> dict[str, tuple[str, str]]:
    """Write each cost as a formula, and as the same with the numbers put in.

    Unit    n tokens, d numbers of a token, g those of its shared keys, l layers, h heads, b inputs, s bytes of a
            number.
    """
    shape, size = bench.shape, BYTES[bench.dtype]
    n, d, g = (f"{each:,}" for each in (shape.tokens, shape.width, shape.key_heads * shape.head_width))
    times = f"{shape.batch:,} · {shape.layers:,}"
    return {
        "maps_bytes": ("b · l · h · n² · s", f"{times} · {shape.heads:,} · {n}² · {size}"),
        "kept_bytes": ("b · l · n · (d + g) · s", f"{times} · {n} · ({d} + {g}) · {size}"),
        "pairs": ("b · l · 4 · n² · d", f"{times} · 4 · {n}² · {d}"),
        "projections": ("b · l · 4 · n · d · (d + g)", f"{times} · 4 · {n} · {d} · ({d} + {g})"),
    }


def written(bench: CostBench) -> str:
    """Spell a bench in the characters that a link leaves alone."""
    parts = [f"{letter}{getattr(bench.shape, name)}" for letter, name in LETTERS.items()]
    parts += [f"p{bench.dtype}"] if bench.dtype != "float32" else []
    parts += [f"a{bench.against}"] if bench.against != "tokens" else []
    return "_".join(parts)


def read(text: str) -> CostBench:
    """Read a bench as it was spelled; nothing is the one to begin with.

    Raises  InputError  when it was not spelled so; the message says which part.
    """
    if not text:
        return BEGIN
    parts = parts_of(text)
    named = {part[:1]: part[1:] for part in parts}
    if not set(named) <= {*LETTERS, "p", "a"} or len(named) != len(parts):
        raise unknown(next((part for part in parts if part[:1] not in {*LETTERS, "p", "a"}), parts[0]))
    missing = [name for letter, name in LETTERS.items() if letter not in named]
    if missing:
        raise InputError("The costs need every size; `{name}` is missing. Open the lesson anew.", name=missing[0])
    sizes = {name: _count(letter + named[letter]) for letter, name in LETTERS.items()}
    dtype, against = named.get("p", "float32"), named.get("a", "tokens")
    if dtype not in DTYPES or against not in AGAINST:
        raise unknown(f"p{dtype}" if dtype not in DTYPES else f"a{against}")
    return CostBench(Shape(**sizes), dtype, against)


def _count(part: str) -> int:
    if not re.fullmatch("[0-9]{1,8}", part[1:]):
        raise unknown(part)
    return int(part[1:])
