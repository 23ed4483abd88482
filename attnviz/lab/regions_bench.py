"""A picture on the bench: how it is cut, where the weights of its regions come from, and what they come to."""

import re
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from attnviz.errors import InputError
from attnviz.lab.arithmetic import added, product, quotient, share, spelled
from attnviz.lab.regions import gathered
from attnviz.lab.steps import softmax
from attnviz.lab.tables import parts_of, read_number, read_table, spelled_table, unknown

Source = Literal["hand", "query", "model"]

SOURCES: tuple[Source, ...] = get_args(Source)
MOST_SIDE = 8  # rows or columns: more cannot be told apart on a phone
MOST_PART = 99  # by hand
DECIMALS = 2  # of a part
COLOUR_DECIMALS = 1  # of 0 to 255
CHANNELS = 3


@dataclass(frozen=True)
class RegionBench:
    """How a picture is cut and weighed; equal benches show equal numbers.

    `parts` are what a student gives each region by hand; `query` is the region whose colour is compared with the
    others; `layer`, `head` and `token` name the row of a model, token 0 being its class token, then patches row by row.

    Unit    parts: any number from 0 to 99, of which a weight is the share; `temperature` multiplies the divisor.
    Raises  InputError  when regions are too many, parts too few, or a number is out of bounds.
    """

    picture: str
    rows: int
    cols: int
    parts: tuple[float, ...]
    source: Source = "hand"
    query: int = 0
    scaled: bool = True
    temperature: float = 1.0
    layer: int = 5
    head: int = 2
    token: int = 0

    def __post_init__(self) -> None:
        if not (1 <= self.rows <= MOST_SIDE and 1 <= self.cols <= MOST_SIDE):
            raise InputError(
                "The picture is cut into {rows} × {cols} regions; choose 1 to {most} either way.",
                rows=self.rows,
                cols=self.cols,
                most=MOST_SIDE,
            )
        if len(self.parts) != self.count:
            raise InputError(
                "{count} regions need as many parts; {given} were given.", count=self.count, given=len(self.parts)
            )
        if not all(0 <= part <= MOST_PART for part in self.parts):
            raise InputError("Every part is a number from 0 to {most}.", most=MOST_PART)
        if self.query >= self.count:
            raise InputError(
                "Region {query} was asked for; the last one is {last}.", query=self.query, last=self.count - 1
            )
        if not 0.01 <= self.temperature <= 100:
            raise InputError(
                "The temperature is {given:g}; choose one from 0.01 to 100.", given=float(self.temperature)
            )

    @property
    def count(self) -> int:
        """How many regions there are."""
        return self.rows * self.cols

    @property
    def divisor(self) -> float:
        """What scores are divided by."""
        return (CHANNELS**0.5 if self.scaled else 1.0) * self.temperature

    @property
    def divisor_name(self) -> str:
        """What the divisor is called."""
        root = f"√{CHANNELS}" if self.scaled else "1"
        return root if self.temperature == 1 else f"({root}·{spelled(self.temperature)})"


BEGIN = RegionBench("scene-cake", 3, 3, (1, 0, 0, 4, 4, 2, 0, 4, 1))


@dataclass(frozen=True, eq=False)
class ModelRow:
    """What one position of a picture reads, in one head of a model.

    Shape   read (patch rows, patch columns)
    Unit    fraction of a row; `rest` is what goes to the class token, which is no part of the picture.
    """

    read: np.ndarray
    rest: float


@dataclass(frozen=True, eq=False)
class Weighed:
    """Regions, what each weighs, and what they come to: A = Σ wᵢ xᵢ.

    Shape   weights (region,), scores (region,) where weights are their softmax, colours x (region, 3), whole A (3,);
            lines: how each weight comes about; sums: how each number of A does.
    Unit    weights: fraction of the whole, which they share with `rest`; colours: 0 to 255, red, green, blue.
    """

    weights: np.ndarray
    rest: float
    scores: np.ndarray | None
    colours: np.ndarray
    whole: np.ndarray
    lines: tuple[str, ...]
    sums: tuple[str, ...]


def rounded(colours: np.ndarray) -> np.ndarray:
    """Mean colours as the bench has them: with one decimal, so that the numbers on the screen are all there is."""
    return np.round(colours, COLOUR_DECIMALS)


def weighed(bench: RegionBench, colours: np.ndarray, row: ModelRow | None = None) -> Weighed:
    """Weigh the regions of a picture and add them up; `row` is for weights that come from a model.

    Shape   colours (region, 3)
    Raises  InputError  when all parts are 0.
    """
    scores, rest = None, 0.0
    if bench.source == "query":
        scores = compared(bench, colours)
        weights = softmax(scores)
        lines = tuple(share(scores.tolist(), at) for at in range(bench.count))
    elif bench.source == "model":
        assert row is not None, "Weights of a model are asked for with its row."
        weights, rest = gathered(row.read, bench.rows, bench.cols), row.rest
        lines = tuple(_sum(row.read, bench, at) for at in range(bench.count))
    else:
        weights, lines = _by_hand(bench)
    sums = tuple(product(weights.tolist(), colours[:, channel].tolist()) for channel in range(CHANNELS))
    return Weighed(weights, rest, scores, colours, weights @ colours, lines, sums)


def compared(bench: RegionBench, colours: np.ndarray) -> np.ndarray:
    """Score each region by how alike its mean colour is to that of the query: q·k/√3.

    Shape   colours (region, 3); result (region,).
    Unit    keys are colours less their mean, in units of their spread.
    """
    keys = standard(colours)
    return keys @ keys[bench.query] / bench.divisor


def standard(colours: np.ndarray) -> np.ndarray:
    """Colours less their mean, in units of their spread; of a picture of one colour, zeros.

    Shape   (region, 3)
    """
    return (colours - colours.mean(axis=0)) / (colours.std() or 1)


def _by_hand(bench: RegionBench) -> tuple[np.ndarray, tuple[str, ...]]:
    parts = np.array(bench.parts)
    if not parts.sum() > 0:
        raise InputError("Every region has the part 0. Give one of them more: weights share 1.")
    return parts / parts.sum(), tuple(quotient(part, parts.sum()) for part in bench.parts)


def _sum(read: np.ndarray, bench: RegionBench, at: int) -> str:
    """The weights of a region's patches, added up; of a patch that lies in several, its part."""
    down, across = (
        _inside(place, count, patches)
        for place, count, patches in zip(divmod(at, bench.cols), (bench.rows, bench.cols), read.shape, strict=True)
    )
    inside = np.outer(down, across)
    terms = list(zip(inside[inside > 0].tolist(), read[inside > 0].tolist(), strict=True))
    said = added(terms, lambda term: spelled(term[1]) if term[0] == 1 else f"{spelled(term[0])}·{spelled(term[1])}")
    return f"{said} = {spelled(float((read * inside).sum()))}"


def _inside(place: int, count: int, patches: int) -> np.ndarray:
    """How much of each patch of one side lies in a region of it.

    Shape   (patch,)
    """
    begins, ends = place * patches / count, (place + 1) * patches / count
    at = np.arange(patches)
    return np.clip(np.minimum(at + 1, ends) - np.maximum(at, begins), 0, 1).round(9)


def written(bench: RegionBench) -> str:
    """Spell a bench in the characters that a link leaves alone."""
    parts = [f"p{bench.picture}", f"g{bench.rows}.{bench.cols}", f"w{spelled_table((bench.parts,), DECIMALS)}"]
    parts += [f"o{bench.source}"] if bench.source != "hand" else []
    parts += [f"q{bench.query}"] if bench.query else []
    parts += [] if bench.scaled else ["n"]
    parts += [f"t{bench.temperature:g}"] if bench.temperature != 1 else []
    parts += [f"l{bench.layer}.{bench.head}"] if (bench.layer, bench.head) != (BEGIN.layer, BEGIN.head) else []
    parts += [f"k{bench.token}"] if bench.token else []
    return "_".join(parts)


def read(text: str) -> RegionBench:
    """Read a bench as it was spelled; nothing is the one to begin with.

    Raises  InputError  when it was not spelled so; the message says which part.
    """
    if not text:
        return BEGIN
    parts = parts_of(text)
    named = {part[:1]: part for part in parts}
    if not all(name in named for name in "pgw"):
        raise InputError("The picture on the bench needs a name, a grid and parts. Open it anew from the page.")
    rows, cols = _pair(named["g"])
    numbers = sum(read_table(named["w"][1:]), ())
    bench = RegionBench(_name(named["p"]), rows, cols, tuple(round(each, DECIMALS) for each in numbers))
    for part in parts:
        bench = _with(bench, part)
    return bench


def _with(bench: RegionBench, part: str) -> RegionBench:
    name, rest = part[:1], part[1:]
    match name:
        case "p" | "g" | "w":
            return bench
        case "o" if rest in SOURCES:
            return replace(bench, source=rest)
        case "q" if re.fullmatch("[0-9]{1,4}", rest):
            return replace(bench, query=int(rest))
        case "k" if re.fullmatch("[0-9]{1,4}", rest):
            return replace(bench, token=int(rest))
        case "n" if not rest:
            return replace(bench, scaled=False)
        case "t":
            return replace(bench, temperature=read_number(rest))
        case "l":
            layer, head = _pair(part)
            return replace(bench, layer=layer, head=head)
    raise unknown(part)


def _name(part: str) -> str:
    if not re.fullmatch("p[a-z0-9-]{1,64}", part):
        raise unknown(part)
    return part[1:]


def _pair(part: str) -> tuple[int, int]:
    found = re.fullmatch(r".([0-9]{1,4})\.([0-9]{1,4})", part)
    if found is None:
        raise unknown(part)
    return int(found[1]), int(found[2])
