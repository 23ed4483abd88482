"""Which token does this one read most, and who reads it most: answered by a click on a token."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from attnviz import measures
from attnviz.axes import Tokens
from attnviz.record import AttentionRecord
from attnviz.service.questions.draw import each_with, heads_of
from attnviz.service.questions.maps import GOOD_PART, followed
from attnviz.service.questions.material import SUBJECTS, about
from attnviz.service.questions.question import Find, Kind, Place, Question, Topic, Words, head_name, percent
from attnviz.share.view import Direction

FEWEST = 4  # tokens to choose from that score anything


def _places(direction: Direction, find: Find, topic: Topic, subject: int) -> Iterator[Place]:
    """Every word in every head where what answers is no special token: those hold most rows, and say little."""
    record = find(SUBJECTS[topic][subject])
    tokens = _tokens(record)
    spoken = [place for place, label in enumerate(tokens.labels) if label[0].isalnum() and not tokens.special[place]]
    for layer, head, token in each_with(heads_of(record), spoken):
        scores = _scores(record, direction, layer, head, token)
        if not tokens.special[int(scores.argmax())] and np.count_nonzero(scores) >= FEWEST:
            yield subject, layer, head, token


def _ask(direction: Direction, find: Find, topic: Topic, place: Place) -> Question:
    subject, layer, head, token = place
    view = replace(SUBJECTS[topic][subject], layer=layer, head=head, query=token, direction=direction)
    record = find(view)
    tokens, scores = _tokens(record), _scores(record, direction, layer, head, token)
    does, share = _done_by(record, topic, layer, head)
    shown, names = Words(tokens, asked=token), _names(tokens)
    return Question(
        kind=direction,
        view=view,
        shown=shown,
        revealed=replace(shown, weights=scores),
        choices=names,
        scores=tuple(scores.tolist()),
        asks={"token": names[token], "head": head_name(layer, head)},
        because=f"head.{does}",
        why={"head": head_name(layer, head), "share": percent(share)},
    )


def _done_by(record: AttentionRecord, topic: Topic, layer: int, head: int) -> tuple[str, float]:
    """Name what a head does, and the share of its attention that does it."""
    if topic == "series" and (share := followed(record, (layer, head))) >= GOOD_PART:
        return "induction", share
    character = measures.character(record, "self")[layer][head]
    return character.kind, character.score


def _tokens(record: AttentionRecord) -> Tokens:
    axis = record.layer("self", 0).keys
    assert isinstance(axis, Tokens)
    return axis


def _names(tokens: Tokens) -> tuple[str, ...]:
    """What tokens are called where one stands for itself: those that are there twice by their places too."""
    labels = tokens.labels
    return tuple(label if labels.count(label) == 1 else f"{label} ({place})" for place, label in enumerate(labels))


def _scores(record: AttentionRecord, direction: Direction, layer: int, head: int, token: int) -> np.ndarray:
    weights = record.map("self", layer, head).weights
    return weights[token] if direction == "reads" else weights[:, token]


READS = Kind("reads", about("text", "series"), partial(_places, "reads"), partial(_ask, "reads"))
READ = Kind("read", about("text"), partial(_places, "read"), partial(_ask, "read"))
