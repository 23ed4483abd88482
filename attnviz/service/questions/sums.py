"""What is left of a row beside its special tokens: a row shares out 1, no more and no less."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from attnviz.axes import Axis, Patches, Tokens
from attnviz.measures.axes import class_key, special_keys
from attnviz.service.questions.draw import drawn, each_with, heads_of
from attnviz.service.questions.material import SUBJECTS, about
from attnviz.service.questions.question import (
    Find,
    Kind,
    Place,
    Question,
    Scene,
    Shown,
    Topic,
    Words,
    head_name,
)
from attnviz.share.view import View

LEAST, MOST = 0.15, 0.8  # of a row beside its special tokens: more would be hard to tell from 1
WHOLE = 100  # in hundredths, as options are: the answer of those who think that the rest shares 1 alone
STEPS = (0.42, 0.65, 0.87)  # from one option to the next, times: far apart, nearer, near


def places(find: Find, topic: Topic, subject: int) -> Iterator[Place]:
    """Every row of which the special tokens hold a good part, with four options near and far."""
    record = find(SUBJECTS[topic][subject])
    axis = record.layer("self", 0).keys
    apart = _apart(axis)
    ordinary = [place for place in range(len(axis)) if not apart[place] and _is_named(axis, place)]
    for layer, head, query in each_with(heads_of(record), ordinary):
        rest = _rest(find, SUBJECTS[topic][subject], layer, head, query)
        for step in STEPS if LEAST <= rest <= MOST else ():
            nearby = round(WHOLE * rest * step)
            other = round(WHOLE * rest / step) if rest / step < 0.95 else round(nearby * step)
            options = (round(WHOLE * rest), WHOLE, nearby, other)
            yield subject, layer, head, query, *drawn(options, subject, layer, head, query)


def ask(find: Find, topic: Topic, place: Place) -> Question:
    """Ask what the words, or the patches, of a row get together."""
    subject, layer, head, query, *hundredths = place
    view = replace(SUBJECTS[topic][subject], layer=layer, head=head, query=query)
    axis = find(view).layer("self", 0).keys
    rest = _rest(find, view, layer, head, query)
    options = np.array(hundredths) / WHOLE
    choices = tuple(f"{each:.2f}" for each in options)
    shown = _shown(axis, view, find(view).row("self", layer, head, query))
    return Question(
        kind=f"sums_{topic}",
        view=view,
        shown=shown,
        revealed=shown,
        choices=choices,
        scores=tuple((np.minimum(options, rest) / np.maximum(options, rest)).tolist()),
        asks={"asked": axis[query], "head": head_name(layer, head), "apart": f"{1 - rest:.3f}"},
        because=f"sums_{topic}",
        why={"apart": f"{1 - rest:.3f}", "rest": f"{rest:.3f}"},
        options=choices,
    )


def _apart(axis: Axis) -> np.ndarray:
    """Mark the special tokens of a text, or the class token of a picture."""
    apart = special_keys(axis)
    first = class_key(axis)
    if first is not None:
        apart[first] = True
    return apart


def _is_named(axis: Axis, place: int) -> bool:
    return isinstance(axis, Patches) or axis[place][0].isalnum()


def _rest(find: Find, view: View, layer: int, head: int, query: int) -> float:
    record = find(view)
    row = record.row("self", layer, head, query)
    return float(row[~_apart(record.layer("self", 0).keys)].sum())


def _shown(axis: Axis, view: View, row: np.ndarray) -> Shown:
    if isinstance(axis, Tokens):
        return Words(axis, asked=view.query, weights=row)
    assert isinstance(axis, Patches)
    return Scene(view.image, axis, asked=view.query, weights=row)


SUMS = Kind("sums", about("text", "picture"), places, ask)
