"""Which patch asks, and which patch is read most: answered by a click on one of the marked patches."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from attnviz.axes import Patches
from attnviz.service.questions.draw import drawn, each_with, heads_of
from attnviz.service.questions.material import SCENE_VIEWS, about
from attnviz.service.questions.question import (
    LEVELS,
    Find,
    Kind,
    Level,
    Place,
    Question,
    Scene,
    Topic,
    head_name,
    level_of,
    margin_of,
    number,
)

MARKS = "ABCD"
APART = 2  # patches from one marked patch to the next at least, so that a finger meets one of them
EVERY = 7  # so many patches are passed over from one that is tried to the next


def places_of_asks(find: Find, topic: Topic, subject: int) -> Iterator[Place]:
    """Rows of patches, each beside three patches whose own rows are less like it."""
    axis = _axis(find, subject)
    record = find(SCENE_VIEWS[subject])
    for layer, head, query in each_with(heads_of(record), _patches(axis)[::EVERY]):
        alike = _alike(record.map("self", layer, head).weights, query)
        for level in LEVELS:
            marked = _marked(axis, alike, query, level, subject)
            if marked:
                yield subject, layer, head, query, *marked


def places_of_patch(find: Find, topic: Topic, subject: int) -> Iterator[Place]:
    """Rows of patches and of the class token: the patch that is read most, beside three that are read less."""
    axis = _axis(find, subject)
    record = find(SCENE_VIEWS[subject])
    for layer, head, query in each_with(heads_of(record), (0, *_patches(axis)[::EVERY])):
        row = record.row("self", layer, head, query)
        first = _strongest(axis, row)
        for level in LEVELS:
            marked = _marked(axis, row, first, level, subject)
            if marked and query not in marked:
                yield subject, layer, head, query, *marked


def ask_asks(find: Find, topic: Topic, place: Place) -> Question:
    """Ask whose row is drawn; the score of a patch is how much of its own row is that row."""
    subject, layer, head, query, *marked = place
    view = replace(SCENE_VIEWS[subject], layer=layer, head=head, query=query)
    weights = find(view).map("self", layer, head).weights
    scores = _alike(weights, query)[marked]
    shown = Scene(view.image, _axis(find, subject), marked=tuple(marked), weights=weights[query])
    return Question(
        kind="asks",
        view=view,
        shown=shown,
        revealed=replace(shown, asked=query),
        choices=tuple(MARKS),
        scores=tuple(scores.tolist()),
        asks={"head": head_name(layer, head)},
        because="asks",
        why={"first": MARKS[int(scores.argmax())], "second": number(float(np.sort(scores)[-2]))},
    )


def ask_patch(find: Find, topic: Topic, place: Place) -> Question:
    """Ask which of four patches a patch, or the class token, reads most."""
    subject, layer, head, query, *marked = place
    view = replace(SCENE_VIEWS[subject], layer=layer, head=head, query=query)
    axis, row = _axis(find, subject), find(view).row("self", layer, head, query)
    shown = Scene(view.image, axis, marked=tuple(marked), asked=query)
    return Question(
        kind="class" if axis.cells[query] is None else "patch",
        view=view,
        shown=shown,
        revealed=replace(shown, weights=row),
        choices=tuple(MARKS),
        scores=tuple(row[marked].tolist()),
        asks={"asked": axis[query], "head": head_name(layer, head)},
        because="patch",
        why={"times": f"{float(row[marked].max()) * len(axis):.1f}", "even": number(1 / len(axis))},
    )


def _axis(find: Find, subject: int) -> Patches:
    axis = find(SCENE_VIEWS[subject]).layer("self", 0).keys
    assert isinstance(axis, Patches)
    return axis


def _patches(axis: Patches) -> list[int]:
    return [position for position, cell in enumerate(axis.cells) if cell is not None]


def _strongest(axis: Patches, row: np.ndarray) -> int:
    patches = _patches(axis)
    return patches[int(row[patches].argmax())]


def _alike(weights: np.ndarray, query: int) -> np.ndarray:
    """How much of the row of each query is the row of this one: 1 less half of how far they differ."""
    return np.minimum(weights, weights[query]).sum(axis=1)


def _marked(axis: Patches, scores: np.ndarray, first: int, level: Level, subject: int) -> tuple[int, ...]:
    """Choose the patches to be marked: the first, one that is as close behind as the level has it, two others."""
    others = drawn((patch for patch in _patches(axis) if patch != first), subject, first, level)
    behind = {patch: level_of(margin_of(scores[[first, patch]])) for patch in others if scores[patch] < scores[first]}
    close = [patch for patch in behind if behind[patch] == level]
    found = [first]
    for patch in (*close[:1], *(patch for patch in behind if behind[patch] == "easy")):
        if all(_distance(axis, patch, other) >= APART for other in found):
            found.append(patch)
    found = found[: len(MARKS)]
    return tuple(drawn(found, "order", subject, first)) if close and len(found) == len(MARKS) else ()


def _distance(axis: Patches, one: int, other: int) -> int:
    """How many patches lie between two, along the longer side."""
    (row, col), (down, across) = (divmod(axis.cells[each] or 0, axis.grid[1]) for each in (one, other))
    return max(abs(row - down), abs(col - across))


ASKS = Kind("asks", about("picture"), places_of_asks, ask_asks)
PATCH = Kind("patch", about("picture"), places_of_patch, ask_patch)
