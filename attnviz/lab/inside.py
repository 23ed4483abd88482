"""A head of a real model beside the lab: each of its steps as code, and a slice of it that fits on the bench."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from attnviz.capture.inside import Inside, Step
from attnviz.lab import masks
from attnviz.lab.bench import Bench, Mask
from attnviz.lab.tables import Table

LIBRARIES = ("numpy", "torch")
MOST_LINES = 10
TOKENS, NUMBERS, VALUES = 4, 4, 2  # of a slice
ROUNDED = 3  # decimals, so that a link carries it
MOST_DIVIDED = 100.0  # what a bench takes for a temperature
LARGEST = 999.0

_NUMPY: Mapping[str, str] = MappingProxyType(
    {
        "embedded.sum": "E = embeddings[ids]\n{X} = E + P",
        "embedded.alone": "E = embeddings[ids]\n{X} = E",
        "embedded.norm": "E = embeddings[ids]\nwhole = E + P\napart = whole - whole.mean(axis=1, keepdims=True)\n"
        "square = (apart**2).mean(axis=1, keepdims=True)\n{X} = apart / np.sqrt(square + eps) * gain + shift",
        "embedded.other": "E = embeddings[ids]",
        "layer": "apart = {X} - {X}.mean(axis=-1, keepdims=True)\n"
        "square = (apart**2).mean(axis=-1, keepdims=True)\n"
        "{N} = apart / np.sqrt(square + eps) * gain + shift",
        "rms": "square = ({X}**2).mean(axis=-1, keepdims=True)\n{N} = {X} / np.sqrt(square + eps) * gain",
        "rms_plus_one": "square = ({X}**2).mean(axis=-1, keepdims=True)\n"
        "{N} = {X} / np.sqrt(square + eps) * (1 + gain)",
        "projected": "def heads(x):\n"
        "    return x.reshape(len(x), -1, d).swapaxes(0, 1)\n\n"
        "q = heads({X} @ W_Q + b_Q)\nk = heads({X} @ W_K + b_K)\nv = heads({X} @ W_V + b_V)",
        "turned.halves": "def turned(x):\n"
        "    first, rest = np.split(x, [cos.shape[1]], axis=-1)\n"
        "    low, high = np.split(first, 2, axis=-1)\n"
        "    first = first * cos + np.concatenate([-high, low], axis=-1) * sin\n"
        "    return np.concatenate([first, rest], axis=-1)\n\n"
        "q, k = turned(q), turned(k)",
        "turned.pairs": "def turned(x):\n"
        "    first, rest = np.split(x, [cos.shape[1]], axis=-1)\n"
        "    aside = np.stack([-first[..., 1::2], first[..., ::2]], axis=-1).reshape(first.shape)\n"
        "    return np.concatenate([first * cos + aside * sin, rest], axis=-1)\n\n"
        "q, k = turned(q), turned(k)",
        "scores.own": "S = q @ k.swapaxes(1, 2)",
        "scores.shared": "each = np.repeat(k, len(q) // len(k), axis=0)  # heads that share their keys\n"
        "S = q @ each.swapaxes(1, 2)",
        "scaled.root": "S = S / np.sqrt(d)",
        "scaled.factor": "S = S * scaling",
        "capped": "S = softcap * np.tanh(S / softcap)",
        "biased": "S = S + B",
        "masked": "S = np.where(visible, S, -np.inf)",
        "weights": "most = S.max(axis=-1, keepdims=True)\nraised = np.exp(S - most)\n"
        "W = raised / raised.sum(axis=-1, keepdims=True)",
        "mixed": "O = W @ v",
        "mixed.shared": "O = W @ np.repeat(v, len(W) // len(v), axis=0)",
        "joined": "J = O.swapaxes(0, 1).reshape(O.shape[1], -1)",
        "output": "Y = J @ W_O + b_O",
        "residual": "R = X + Y",
    }
)
_TORCH: Mapping[str, str] = MappingProxyType(
    {
        "embedded.sum": _NUMPY["embedded.sum"],
        "embedded.alone": _NUMPY["embedded.alone"],
        "embedded.norm": "E = embeddings[ids]\n"
        "{X} = torch.nn.functional.layer_norm(E + P, E.shape[-1:], gain, shift, eps)",
        "embedded.other": _NUMPY["embedded.other"],
        "layer": "{N} = torch.nn.functional.layer_norm({X}, {X}.shape[-1:], gain, shift, eps)",
        "rms": "{N} = torch.nn.functional.rms_norm({X}, {X}.shape[-1:], gain, eps)",
        "rms_plus_one": "{N} = torch.nn.functional.rms_norm({X}, {X}.shape[-1:], 1 + gain, eps)",
        "projected": "def heads(x):\n"
        "    return x.unflatten(1, (-1, d)).transpose(0, 1)\n\n"
        "q = heads({X} @ W_Q + b_Q)\nk = heads({X} @ W_K + b_K)\nv = heads({X} @ W_V + b_V)",
        "turned.halves": "def turned(x):\n"
        "    first, rest = x.tensor_split([cos.shape[1]], dim=-1)\n"
        "    low, high = first.chunk(2, dim=-1)\n"
        "    first = first * cos + torch.cat([-high, low], dim=-1) * sin\n"
        "    return torch.cat([first, rest], dim=-1)\n\n"
        "q, k = turned(q), turned(k)",
        "turned.pairs": "def turned(x):\n"
        "    first, rest = x.tensor_split([cos.shape[1]], dim=-1)\n"
        "    aside = torch.stack([-first[..., 1::2], first[..., ::2]], dim=-1).flatten(-2)\n"
        "    return torch.cat([first * cos + aside * sin, rest], dim=-1)\n\n"
        "q, k = turned(q), turned(k)",
        "scores.own": "S = q @ k.mT",
        "scores.shared": "each = k.repeat_interleave(len(q) // len(k), dim=0)  # heads that share their keys\n"
        "S = q @ each.mT",
        "scaled.root": "S = S / d**0.5",
        "scaled.factor": "S = S * scaling",
        "capped": "S = softcap * torch.tanh(S / softcap)",
        "biased": "S = S + B",
        "masked": "S = S.masked_fill(~visible, -torch.inf)",
        "weights": "W = S.softmax(dim=-1)",
        "mixed": "O = W @ v",
        "mixed.shared": "O = W @ v.repeat_interleave(len(W) // len(v), dim=0)",
        "joined": "J = O.transpose(0, 1).flatten(1)",
        "output": "Y = J @ W_O + b_O",
        "residual": "R = X + Y",
    }
)
CODE = MappingProxyType({"numpy": _NUMPY, "torch": _TORCH})
_NORMS = MappingProxyType({"normed": ("N", "X"), "added": ("Y", "Y"), "after": ("Z", "R")})


def code_of(inside: Inside) -> dict[str, dict[str, str]]:
    """Write each step in each library: library, then step, then lines; a step that no formula is known for has none."""
    return {library: {name: _code(inside, step, library) for name, step in inside.steps.items()} for library in CODE}


def _code(inside: Inside, step: Step, library: str) -> str:
    own, normed = CODE[library], "N" if "normed" in inside.steps else "X"
    if step.name in _NORMS:
        made, given = _NORMS[step.name]
        return own.get(step.form, "").format(N=made, X=given) if step.form else ""
    if step.name == "sized":
        lines = (own[step.form].format(N=side, X=side).replace("gain", f"gain_{side}") for side in "qk")
        return "\n".join(lines) if step.form else ""
    if step.name == "embedded":
        form = "alone" if step.form == "sum" and "P" not in step.tables else step.form
        text = own.get(f"embedded.{form}", "").format(X="X" if inside.layer == 0 else "X0")
        return text if "P" in step.tables else text.replace(" + P", "")
    shared = len(inside.table("v")) < inside.heads
    form = {"mixed": "shared" if shared else ""}.get(step.name, step.form)
    text = own[f"{step.name}.{form}" if form else step.name]
    return text.format(X=normed) if step.name == "projected" else text


@dataclass(frozen=True)
class Slice:
    """A few tokens and a few numbers of one head, on a bench; `tokens` and `numbers` say which.

    Unit    positions of the text; places in the vectors of queries and keys, and in those of values.
    """

    bench: Bench
    tokens: tuple[int, ...]
    numbers: tuple[int, ...]
    values: tuple[int, ...]


def slice_of(inside: Inside, head: int, query: int) -> Slice | None:
    """Cut out the keys that a query reads most, and the numbers that make their scores; None where none fit a bench.

    The divisor is the head's own, so that scores are the part of the head's that these numbers make; a position bias
    and a soft-cap stay behind.
    """
    q, k, v = (inside.of_head(name, head) for name in "qkv")
    weights, seen = inside.of_head("W", head), inside.visible[min(head, len(inside.visible) - 1)]
    others = [int(key) for key in np.argsort(-weights[query], kind="stable") if key != query and seen[query, key]]
    tokens = tuple(sorted([query, *others[: TOKENS - 1]]))
    rows = list(tokens)
    numbers = _largest(np.abs(q[query] * k[rows]).max(axis=0), NUMBERS)
    values = _largest(np.abs(weights[query, rows, None] * v[rows]).max(axis=0), VALUES)
    q, k, v = q[np.ix_(rows, numbers)], k[np.ix_(rows, numbers)], v[np.ix_(rows, values)]
    temperature = round(1 / (inside.scaling * len(numbers) ** 0.5), ROUNDED)
    visible = seen[np.ix_(rows, rows)]
    fits = 0 < temperature <= MOST_DIVIDED and visible.any(axis=1).all()
    if not fits or max(float(np.abs(table).max()) for table in (q, k, v)) > LARGEST:
        return None
    mask, closed = _masked(visible)
    bench = Bench(_table(q), _table(k), _table(v), temperature=temperature, mask=mask, closed=closed)
    return Slice(bench, tokens, tuple(numbers), tuple(values))


def _masked(visible: np.ndarray) -> tuple[Mask, frozenset[tuple[int, int]]]:
    """Find the mask of a bench that closes the same pairs."""
    if visible.all():
        return "none", frozenset()
    if (visible == masks.causal(*visible.shape)).all():
        return "causal", frozenset()
    return "own", frozenset((int(query), int(key)) for query, key in np.argwhere(~visible))


def _largest(sizes: np.ndarray, count: int) -> list[int]:
    return sorted(int(place) for place in np.argsort(-sizes, kind="stable")[:count])


def _table(numbers: np.ndarray) -> Table:
    return tuple(tuple(round(float(number), ROUNDED) for number in row) for row in numbers)
