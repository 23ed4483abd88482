"""What each head does, by the published definitions, with the chance level on this very input."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from attnviz.axes import Axis
from attnviz.measures.axes import reads_itself, special_keys
from attnviz.measures.entropy import entropy_bits
from attnviz.measures.heads import layers_of
from attnviz.measures.reach import even
from attnviz.measures.sample import sample, sampled
from attnviz.record import AnyLayer, AttentionRecord

Kind = Literal["previous", "next", "self", "first", "special", "even", "mixed"]
Score = Callable[[np.ndarray, np.ndarray, Axis], np.ndarray]  # weights (head, query, key), which queries, the keys

SHARE = 0.5  # a head is what half of its attention does,
LIFT = 2.0  # if that is at least twice what a head without preference would do on this input
EVEN = 0.9  # of the greatest entropy there can be


@dataclass(frozen=True)
class Character:
    """What one head does, to be said in one line.

    Unit    score and chance: share of the head's attention, 0 to 1. For "even" and "mixed": its entropy as a share of
            the greatest entropy there can be, where chance is 1.
    """

    kind: Kind
    score: float
    chance: float


def character(record: AttentionRecord, stack: str) -> tuple[tuple[Character, ...], ...]:
    """Name what every head of a stack does.

    A head is what it does most, against chance; that must be half of its attention and twice the chance level. A long
    text is judged by a sample of its queries (`measures.sample`).
    A head that reads the first token is "first" even where that token is special; "special" heads read several.

    Shape   [layer][head]
    Raises  RecordError  when the record has no such stack.
    Source  Clark et al. 2019, arXiv:1906.04341, section 3: shares to the token before, the token after, itself and
            special tokens; Xiao et al. 2023, arXiv:2309.17453: the first token.
    """
    return tuple(_of_layer(layer) for layer in layers_of(record, stack))


def _of_layer(layer: AnyLayer) -> tuple[Character, ...]:
    spans = sample(len(layer.queries))
    queries = np.concatenate([np.arange(*span) for span in spans])
    weights, chances = sampled(layer, spans), even(layer, spans)
    measured: dict[Kind, tuple[np.ndarray, np.ndarray]] = {}
    for kind, score in SCORES.items():
        if kind not in ALONG or reads_itself(layer.queries, layer.keys):
            keys = layer.queries if kind in ALONG else layer.keys  # a sink is no token before or after
            chance = np.broadcast_to(score(chances, queries, keys), layer.heads)
            measured[kind] = (score(weights, queries, keys), chance)
    most = np.maximum(
        np.log2(layer.reachable[:, queries]).mean(axis=1), 1e-9
    )  # a text of one token has nothing to spread
    spread = entropy_bits(weights).mean(axis=1) / most
    return tuple(
        _choose({kind: (float(own[head]), float(chance[head])) for kind, (own, chance) in measured.items()}, own_spread)
        for head, own_spread in enumerate(spread.tolist())
    )


def _choose(measured: dict[Kind, tuple[float, float]], spread: float) -> Character:
    """Pick the kind furthest above chance, of those that make up enough of the head."""
    fitting = {
        kind: (score - chance) / (1 - chance)
        for kind, (score, chance) in measured.items()
        if score >= max(SHARE, LIFT * chance)
    }
    if "first" in fitting and "special" in fitting:
        first, special = measured["first"][0], measured["special"][0]
        fitting.pop("special" if first >= 0.75 * special else "first")
    if fitting:
        kind = max(fitting, key=lambda each: fitting[each])
        return Character(kind, *measured[kind])
    return Character("even" if spread >= EVEN else "mixed", spread, 1.0)


def _offset(steps: int) -> Score:
    """Share given to the key so many positions after the query, averaged over the queries that have one."""

    def score(weights: np.ndarray, queries: np.ndarray, keys: Axis) -> np.ndarray:
        there = queries + steps
        rows = np.flatnonzero((there >= 0) & (there < len(keys)))
        along = weights[:, rows, there[rows]]
        return along.mean(axis=1) if along.size else np.zeros(len(weights), np.float32)

    return score


def _first(weights: np.ndarray, queries: np.ndarray, keys: Axis) -> np.ndarray:
    return weights[:, :, 0].mean(axis=1)


def _special(weights: np.ndarray, queries: np.ndarray, keys: Axis) -> np.ndarray:
    return weights[:, :, special_keys(keys)].sum(axis=2).mean(axis=1)


SCORES: dict[Kind, Score] = {
    "previous": _offset(-1),
    "next": _offset(1),
    "self": _offset(0),
    "first": _first,
    "special": _special,
}
ALONG = ("previous", "next", "self")  # mean nothing where queries and keys are different sentences
