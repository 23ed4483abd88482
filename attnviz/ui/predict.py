"""Predict, then reveal: the questions of a set, one at a time, and what a visitor made of them."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

import numpy as np
import streamlit as st
from cachetools import LRUCache, cached
from PIL import Image

from attnviz import share
from attnviz.components.quiz import quiz as draw
from attnviz.errors import InputError
from attnviz.figures.theme import RAMP_DARK, RAMP_LIGHT
from attnviz.record import AttentionRecord
from attnviz.service.engine import engine
from attnviz.service.pictures import sample
from attnviz.service.pyramid import root_bytes
from attnviz.service.questions import (
    ABOUT,
    COUNTS,
    LEVELS,
    MOST_SEED,
    Asked,
    Find,
    Maps,
    Question,
    Quiz,
    Scene,
    Shown,
    Words,
    asked,
    read,
    written,
)
from attnviz.service.questions.question import number, percent
from attnviz.share import View
from attnviz.ui import catalogue, state
from attnviz.ui.frame import tell
from attnviz.ui.waiting import awaited

SPOKEN_IN_BROWSER = ("quiz",)
SITTING = "attnviz_sitting"  # the set that is answered in this session, and the answers
MOST_QUESTIONS_READY = 256

Answers = tuple[int | None, ...]  # one a question that is passed; None: skipped


@dataclass
class Parts:
    """What a packet carries beside its header; each part is known by its place."""

    arrays: list[np.ndarray] = field(default_factory=list)

    def add(self, array: np.ndarray) -> int:
        """Take an array in and say its place."""
        self.arrays.append(array)
        return len(self.arrays) - 1


def show(view: View) -> None:
    """Draw the set of a view as far as it has been answered."""
    said, waiting = state.speech(), st.container(key="quiz_waiting")
    with st.container(key="quiz_told"):
        quiz = _set_of(view, said)

    def find(wanted: View) -> AttentionRecord:
        with waiting:
            return awaited(engine().ticket_for(wanted), said)

    every = asked(quiz)
    passed = [_made(each, find) for each in every[: _count_reported(quiz)]]
    answers = _answers(quiz, passed)
    parts = Parts()
    facts = _facts(quiz, said) | {
        "epoch": state.session().epoch,
        "answers": answers,
        "marks": [_mark(question, answer) for question, answer in zip(passed, answers, strict=False)],
        "question": _open(every, answers, find, parts, said),
        "result": _result(every, passed, answers, parts, said),
        "score": _score(passed, answers, said) if len(answers) == len(every) else None,
    }
    draw(facts, parts.arrays, key=state.helm_of(view))


def _set_of(view: View, said: catalogue.Words) -> Quiz:
    try:
        return read(view.quiz)
    except InputError as error:  # a link that was written by hand
        tell(said.error(error), urgent=True)
        return Quiz()


def _reported(quiz: Quiz) -> Sequence[Any]:
    """The answers that the browser reports of a set, or those that this session has kept of it."""
    found = (st.session_state.get(state.QUIZ.helm) or {}).get("sitting")
    if isinstance(found, Mapping) and found.get("set") == written(quiz) and isinstance(found.get("answers"), list):
        return list(found["answers"])
    spelled, kept = st.session_state.get(SITTING, ("", ()))
    return kept if spelled == written(quiz) else ()


def _count_reported(quiz: Quiz) -> int:
    return min(len(_reported(quiz)), quiz.count)


def _answers(quiz: Quiz, passed: Sequence[Question]) -> Answers:
    """What was reported up to the first answer that is none, kept for this session alone."""
    found: list[int | None] = []
    for question, answer in zip(passed, _reported(quiz), strict=False):
        if answer is not None and not (type(answer) is int and 0 <= answer < len(question.choices)):
            break
        found.append(answer)
    st.session_state[SITTING] = (written(quiz), tuple(found))
    return tuple(found)


def _name_of_question(each: Asked, find: Find) -> Asked:
    return each


@cached(LRUCache(MOST_QUESTIONS_READY), key=_name_of_question, lock=Lock())
def _made(each: Asked, find: Find) -> Question:
    """A question, kept by what it asks."""
    return each.question(find)


def _facts(quiz: Quiz, said: catalogue.Words) -> dict[str, Any]:
    return {
        "set": {
            "spelled": written(quiz),
            "about": quiz.about,
            "level": quiz.level,
            "seed": quiz.seed,
            "count": quiz.count,
        },
        "offered": {
            "about": ABOUT,
            "level": {level: _level_told(*bounds, said) for level, bounds in LEVELS.items()},
            "counts": COUNTS,
            "seeds": MOST_SEED,
        },
        "language": said.language,
        "words": said.within(*SPOKEN_IN_BROWSER),
        "ramp": {"light": RAMP_LIGHT, "dark": RAMP_DARK},
    }


def _level_told(least: float, most: float, said: catalogue.Words) -> str:
    """What a level means: margins are shares of the first choice that the second one lacks."""
    return said(
        "predict.level_told_easy" if most == 1 else "predict.level_told",
        least=percent(1 - most),
        most=percent(1 - least),
    )


def _mark(question: Question, answer: int | None) -> bool | None:
    return None if answer is None else question.is_right(answer)


def _open(
    every: Sequence[Asked], answers: Answers, find: Find, parts: Parts, said: catalogue.Words
) -> dict[str, Any] | None:
    """The first question without an answer; of what it scores nothing is told."""
    at = len(answers)
    if at >= len(every):
        return None
    question = _made(every[at], find)
    return _asked(at, every[at], question, question.shown, parts, said)


def _asked(
    at: int, each: Asked, question: Question, shown: Shown, parts: Parts, said: catalogue.Words
) -> dict[str, Any]:
    return {
        "number": at,
        "kind": question.kind,
        "ask": said(f"predict.ask.{question.kind}", **question.asks),
        "reader": "" if isinstance(shown, Maps) else said(f"predict.reader.{each.topic}", model=question.view.model),
        "shown": _shown(shown, parts),
        "options": list(question.options),
    }


def _result(
    every: Sequence[Asked], passed: Sequence[Question], answers: Answers, parts: Parts, said: catalogue.Words
) -> dict[str, Any] | None:
    """What the last question comes to, unless it was skipped."""
    if not answers or answers[-1] is None:
        return None
    last, chosen = len(answers) - 1, answers[-1]
    question = passed[last]
    return _asked(last, every[last], question, question.revealed, parts, said) | {
        "chosen": chosen,
        "right": [choice for choice in range(len(question.choices)) if question.is_right(choice)],
        "scores": [number(score) for score in question.scores],
        "names": list(question.choices),
        "lines": [_numbers(question, chosen, said), _why(question, said)],
        "link": _link(question),
    }


def _numbers(question: Question, chosen: int, said: catalogue.Words) -> str:
    best, second = question.best, question.second
    margin = said("predict.margin", margin=percent(question.margin))
    if question.options:
        exact = said("predict.exact", rest=question.why["rest"], choice=question.choices[best])
        return said("predict.between").join([exact, margin])
    parts = [
        said("predict.best", choice=question.choices[best], score=number(question.scores[best])),
        said("predict.second", choice=question.choices[second], score=number(question.scores[second])),
    ]
    if chosen not in (best, second):
        parts.append(said("predict.yours", choice=question.choices[chosen], score=number(question.scores[chosen])))
    return said("predict.between").join([*parts, margin])


def _why(question: Question, said: catalogue.Words) -> str:
    return said(f"predict.why.{question.because}", **question.why)


def _link(question: Question) -> str:
    """Where the map of a question can be looked at, in the visitor's own language."""
    own = state.opened()
    view = replace(question.view, language=own.language)
    return share.link(view, share.home(st.context.url or "", own.page)).url


def _score(passed: Sequence[Question], answers: Answers, said: catalogue.Words) -> dict[str, Any]:
    pairs = list(zip(passed, answers, strict=True))
    return {
        "right": sum(_mark(question, answer) is True for question, answer in pairs),
        "list": [
            {
                "ask": said(f"predict.ask.{question.kind}", **question.asks),
                "mark": _mark(question, answer),
                "yours": None if answer is None else _scored(question, answer, said),
                "best": _scored(question, question.best, said),
                "why": _why(question, said),
                "link": _link(question),
            }
            for question, answer in pairs
        ],
    }


def _scored(question: Question, choice: int, said: catalogue.Words) -> str:
    if question.options:
        return question.choices[choice]
    return said("predict.scored", choice=question.choices[choice], score=number(question.scores[choice]))


def _shown(shown: Shown, parts: Parts) -> dict[str, Any]:
    match shown:
        case Words(axis, place, weights):
            names = {"labels": list(axis.labels), "special": list(axis.special), "glued": list(axis.glued)}
            dyed = None if weights is None else parts.add(root_bytes(weights))
            return {"type": "words", **names, "asked": place, "weights": dyed}
        case Scene():
            return _scene(shown, parts)
        case Maps(maps):
            each = [{"part": parts.add(root_bytes(one)), "rows": one.shape[0], "cols": one.shape[1]} for one in maps]
            return {"type": "maps", "maps": each}


def _scene(shown: Scene, parts: Parts) -> dict[str, Any]:
    """A picture and cells of its grid: a patch is known by its cell, the class token by none."""
    cells = shown.axis.cells
    return {
        "type": "scene",
        "image": parts.add(np.frombuffer(_png(shown.image), np.uint8)),
        "grid": shown.axis.grid,
        "marked": [cells[patch] for patch in shown.marked],
        "asked": None if shown.asked is None else cells[shown.asked],
        "weights": None if shown.weights is None else parts.add(_on_grid(shown)),
    }


def _on_grid(shown: Scene) -> np.ndarray:
    """What each cell of the grid gets, against the largest of them: 255·√(weight / largest), uint8."""
    assert shown.weights is not None
    on_grid = np.zeros(shown.axis.grid[0] * shown.axis.grid[1], np.float32)
    for cell, weight in zip(shown.axis.cells, shown.weights, strict=True):
        if cell is not None:
            on_grid[cell] = weight
    return root_bytes(on_grid / on_grid.max())


def _png(name: str) -> bytes:
    written_to = io.BytesIO()
    Image.fromarray(sample(name).pixels).save(written_to, "PNG")
    return written_to.getvalue()
