"""Where queries, keys and values come from, found out by comparing numbers: nothing is believed by its name."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from attnviz.capture.watched import Part, Watched

How = Literal["same", "scaled", "turned"]
Form = Literal["layer", "rms", "rms_plus_one", ""]
Turn = Literal["halves", "pairs"]

CLOSE = 1e-4  # of the largest number: rounding, with room


@dataclass(frozen=True, eq=False)
class Chain:
    """One side of the comparison on its way from a projection to the heads.

    Shape   projected, normed (head, token, d).
    """

    part: Part
    projected: np.ndarray
    normed: np.ndarray | None
    norm: Part | None
    how: How
    factor: float = 1.0

    @property
    def last(self) -> np.ndarray:
        """What it is before it is turned or scaled.

        Shape   (head, token, d)
        """
        return self.projected if self.normed is None else self.normed


@dataclass(frozen=True, eq=False)
class Rotary:
    """How positions turn queries and keys.

    Shape   cos, sin (token, number): as many numbers as are turned, the first ones of each vector.
    """

    cos: np.ndarray
    sin: np.ndarray
    turn: Turn

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Turn vectors by their positions.

        Shape   (head, token, d)
        Source  Su et al. 2021, arXiv:2104.09864, eq. 34.
        """
        width = self.cos.shape[1]
        first, rest = vectors[..., :width], vectors[..., width:]
        if self.turn == "halves":
            low, high = np.split(first, 2, axis=-1)
            aside = np.concatenate([-high, low], axis=-1)
        else:
            aside = np.stack([-first[..., 1::2], first[..., ::2]], axis=-1).reshape(first.shape)
        return np.concatenate([first * self.cos + aside * self.sin, rest], axis=-1)


def alike(found: np.ndarray, other: np.ndarray) -> bool:
    """Say whether two tables are one but for rounding.

    Shape   any, alike
    """
    if found.shape != other.shape:
        return False
    most = max(float(np.abs(other).max(initial=0)), 1e-6)
    return float(np.abs(found - other).max(initial=0)) <= CLOSE * most


def chain_to(parts: Sequence[Part], target: np.ndarray, sizes: Sequence[int]) -> Chain | None:
    """Find the projection that a side of the comparison was made by, and what came between.

    Shape   target (head, token, d); sizes: how many numbers queries, keys and values have, all heads together.
    """
    made = [(part, each) for part in parts if not part.is_norm for each in pieces(part.result, target.shape, sizes)]
    norms = [part for part in parts if part.is_norm]
    for hows in (("same", "scaled"), ("turned",)):
        for part, projected in made:
            if (told := _relation(projected, target))[0] in hows:
                return Chain(part, projected, None, None, *told)  # type: ignore[arg-type]  # one of the three
        for norm in norms:
            for normed, given in _paired(norm, target.shape):
                told = _relation(normed, target)
                source = next(((part, each) for part, each in made if alike(each, given)), None)
                if told[0] in hows and source is not None:
                    return Chain(source[0], source[1], normed, norm, *told)  # type: ignore[arg-type]
    return None


def pieces(made: np.ndarray, shape: tuple[int, ...], sizes: Sequence[int]) -> Iterator[np.ndarray]:
    """Cut what a projection gave into heads in every way in which models lay out queries, keys and values.

    Shape   made (token, number); each result of `shape`, (head, token, d).
    """
    heads, tokens, width = shape
    yield from as_heads(made, shape)
    if made.ndim != 2 or made.shape != (tokens, sum(sizes)):
        return
    ends = np.cumsum([0, *sizes])
    for start, stop in pairwise(ends):  # one after the other, as GPT-2 has them
        yield from as_heads(made[:, start:stop], shape)
    if made.shape[1] == 3 * heads * width:  # head by head, as GPT-NeoX has them
        for side in range(3):
            yield made.reshape(tokens, heads, 3, width)[:, :, side].transpose(1, 0, 2)


def as_heads(made: np.ndarray, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Lay a table out by heads, if it can be.

    Shape   made (token, number), (token, head, d) or (head, token, d); results (head, token, d).
    """
    heads, tokens, width = shape
    if made.shape == (tokens, heads * width):
        yield made.reshape(tokens, heads, width).transpose(1, 0, 2)
    if made.shape == (tokens, heads, width):
        yield made.transpose(1, 0, 2)
    if made.shape == (heads, tokens, width):
        yield made


def _paired(norm: Part, shape: tuple[int, ...]) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    return zip(as_heads(norm.result, shape), as_heads(norm.given, shape), strict=False)


def _relation(source: np.ndarray, target: np.ndarray) -> tuple[How | Literal["other"], float]:
    """Say what became of vectors: nothing, all of them longer by one factor, or turned, which keeps their lengths.

    Shape   (head, token, d)
    """
    if alike(source, target):
        return "same", 1.0
    factor = float((source * target).sum() / max(float((source * source).sum()), 1e-12))
    if factor > 0 and alike(source * np.float32(factor), target):
        return "scaled", factor
    lengths = [np.linalg.norm(each, axis=-1) for each in (source, target)]
    return ("turned" if alike(*lengths) else "other"), 1.0


def rotary_of(turns: tuple[np.ndarray, np.ndarray] | None, sides: Sequence[tuple[Chain, np.ndarray]]) -> Rotary | None:
    """Find the turn that makes of both sides what was compared, among those that models use.

    Shape   turns: cosines and sines (token, number); sides: each with what was compared (head, token, d).
    """
    if turns is None or any(each.ndim != 2 for each in turns):
        return None
    tokens, width = len(turns[0]), sides[0][1].shape[2]
    if tokens != sides[0][1].shape[1]:
        return None
    for cos, sin in _spreads(*turns):
        if cos.shape[1] <= width:
            for turn in ("halves", "pairs"):
                rotary = Rotary(cos, sin, turn)
                if all(alike(rotary(chain.last), target) for chain, target in sides):
                    return rotary
    return None


def _spreads(cos: np.ndarray, sin: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give one angle to each number, however few were told."""
    half = cos.shape[1] // 2
    yield cos, sin
    yield np.concatenate([cos, cos], axis=1), np.concatenate([sin, sin], axis=1)
    yield np.repeat(cos[:, :half], 2, axis=1), np.repeat(sin[:, :half], 2, axis=1)
    yield np.repeat(cos, 2, axis=1), np.repeat(sin, 2, axis=1)


def form_of(norm: Part) -> Form:
    """Say by which formula a norm makes what it gave; nothing when by none that is known."""
    weight, bias, eps = norm_of(norm.module)
    for form in ("layer", "rms", "rms_plus_one"):
        if alike(normalised(norm.given, weight, bias, eps, form), norm.result):
            return form
    return ""


def norm_of(module: Any) -> tuple[np.ndarray, np.ndarray, float]:
    """Read the numbers of a norm.

    Shape   weight and bias (number,), of length 1 where it has none.
    """
    named = (getattr(module, name, None) for name in ("weight", "bias"))
    weight, bias = (None if each is None else each.detach().float().cpu().numpy() for each in named)
    eps = next((getattr(module, name) for name in ("eps", "variance_epsilon") if hasattr(module, name)), 1e-6)
    return np.ones(1, np.float32) if weight is None else weight, np.zeros(1, np.float32) if bias is None else bias, eps


def normalised(given: np.ndarray, weight: np.ndarray, bias: np.ndarray, eps: float, form: Form) -> np.ndarray:
    """Bring each vector to one length.

    Shape   given (…, number), weight and bias (number,); result as given.
    Source  Ba et al. 2016, arXiv:1607.06450; Zhang & Sennrich 2019, arXiv:1910.07467.
    """
    if weight.shape[-1] not in (1, given.shape[-1]):
        return np.empty(0)
    if form == "layer":
        apart = given - given.mean(axis=-1, keepdims=True)
        return np.asarray(apart / np.sqrt(given.var(axis=-1, keepdims=True) + eps) * weight + bias)
    length = np.sqrt((given**2).mean(axis=-1, keepdims=True) + eps)
    return np.asarray(given / length * (weight if form == "rms" else 1 + weight) + bias)


def before_heads(watched: Watched, given: np.ndarray) -> Part | None:
    """Find the norm between the stream and a projection.

    Shape   given (token, width): what the projection was given.
    """
    assert watched.stream is not None
    return next(
        (
            each
            for each in watched.before
            if each.is_norm and alike(each.given, watched.stream) and alike(each.result, given)
        ),
        None,
    )
