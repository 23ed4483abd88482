"""Which of these small maps belongs to such a head: answered by a click on a map."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from attnviz.measures.character import SCORES
from attnviz.measures.character import Kind as HeadKind
from attnviz.record import AttentionRecord
from attnviz.service.questions.draw import Head, drawn, heads_of
from attnviz.service.questions.material import ONE_LAYER_VIEWS, SUBJECTS, TEXT_VIEWS, about
from attnviz.service.questions.question import (
    LEVELS,
    Find,
    Kind,
    Maps,
    Place,
    Question,
    Topic,
    head_name,
    level_of,
    margin_of,
    number,
)
from attnviz.share.view import View

Score = Callable[[AttentionRecord, Head], float]
Choice = tuple[int, int, int]  # which of the subjects side by side, layer, head

GOOD_PART = 0.4  # a head that gives less to what is asked for is no such head
ALL = 1.0  # a map that gives less to what is not later, however little, is not causal
CHOICES = 4
BESIDE = {"induction": ONE_LAYER_VIEWS, "causal": TEXT_VIEWS}  # whose heads stand beside those of the subject


def offset(kind: HeadKind, record: AttentionRecord, head: Head) -> float:
    """What a head gives to the token before, or to the one after, averaged over those that have one.

    Unit    fraction of a row.
    """
    layer = record.layer("self", head[0])
    weights = layer.weights(slice(head[1], head[1] + 1))
    return float(SCORES[kind](weights, np.arange(len(layer.queries)), layer.queries)[0])


def followed(record: AttentionRecord, head: Head) -> float:
    """What a head gives to what followed the same token before, averaged over tokens that were there before.

    Unit    fraction of a row.
    Source  Olsson et al. 2022, arXiv:2209.11895, prefix matching.
    """
    labels = list(record.layer("self", head[0]).keys)
    weights = record.map("self", *head).weights
    after = np.array([[key > 0 and labels[key - 1] == label for key in range(len(labels))] for label in labels])
    after &= np.tri(len(labels), dtype=bool)
    asked = after.any(axis=1)
    return float((weights * after)[asked].sum(axis=1).mean())


def earlier(record: AttentionRecord, head: Head) -> float:
    """What a head gives to tokens that are not later; 1 where a mask forbids later ones.

    Unit    fraction of a row, averaged.
    """
    later = np.triu(record.map("self", *head).weights, 1)  # zeros to the last bit where they are forbidden
    return 1 - float(later.sum(axis=1, dtype=np.float64).mean())


def _places(kind: str, score: Score, least: float, find: Find, topic: Topic, subject: int) -> Iterator[Place]:
    """Beside each head that is one, three others, the nearest of which is as near as each level has it."""
    views = _views(kind, topic, subject)
    heads = [(which, *head) for which, view in enumerate(views) for head in heads_of(find(view))]
    scores = {each: score(find(views[each[0]]), each[1:]) for each in heads}
    for first in (each for each in heads if scores[each] >= least):
        for level in LEVELS:
            others = _others(first, heads, scores, level, subject)
            if others:
                yield (subject, *(part for each in drawn((first, *others), "order", subject) for part in each))


def _others(
    first: Choice, heads: Sequence[Choice], scores: dict[Choice, float], level: str, subject: int
) -> list[Choice]:
    behind = {each: level_of(margin_of(np.array([scores[first], scores[each]]))) for each in heads}
    lot = [each for each in drawn(heads, *first, subject) if each != first and scores[each] < scores[first]]
    near = [each for each in lot if behind[each] == level][:2]
    far = [each for each in lot if behind[each] == "easy" and each not in near]
    return [*near, *far][: CHOICES - 1] if near and len(near) + len(far) >= CHOICES - 1 else []


def _views(kind: str, topic: Topic, subject: int) -> tuple[View, ...]:
    """The subject, and the one whose heads stand beside its own."""
    own = SUBJECTS[topic][subject]
    return (own, BESIDE[kind][subject]) if kind in BESIDE else (own,)


def _ask(kind: str, score: Score, find: Find, topic: Topic, place: Place) -> Question:
    subject, *coded = place
    views = _views(kind, topic, subject)
    heads = [
        replace(views[which], layer=layer, head=head, query=None)
        for which, layer, head in zip(coded[::3], coded[1::3], coded[2::3], strict=True)
    ]
    scores = tuple(score(find(view), (view.layer, view.head)) for view in heads)
    maps = Maps(tuple(find(view).map("self", view.layer, view.head).weights for view in heads))
    best = int(np.argmax(scores))
    return Question(
        kind=kind,
        view=heads[best],
        shown=maps,
        revealed=maps,
        choices=tuple(f"{view.model} {head_name(view.layer, view.head)}" for view in heads),
        scores=scores,
        asks={"count": str(len(heads))},
        because=kind,
        why={
            "head": head_name(heads[best].layer, heads[best].head),
            "second": number(max(scores[:best] + scores[best + 1 :])),
        },
    )


def _kind(name: str, topics: tuple[Topic, ...], score: Score, least: float = GOOD_PART) -> Kind:
    return Kind(name, about(*topics), partial(_places, name, score, least), partial(_ask, name, score))


PREVIOUS = _kind("previous", ("text", "series"), partial(offset, "previous"))
NEXT = _kind("next", ("text",), partial(offset, "next"))
INDUCTION = _kind("induction", ("series",), followed)
CAUSAL = _kind("causal", ("series",), earlier, ALL)
