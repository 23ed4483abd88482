"""A set of questions: what it is about, how hard, its seed and how many. Two equal ones ask the same everywhere."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from attnviz.errors import InputError
from attnviz.service.questions.question import LEVELS, Level, Topic

About = Topic | Literal["all"]

ABOUT: tuple[str, ...] = ("all", *get_args(Topic))
MOST_SEED = 9999
MOST_QUESTIONS = 20
COUNTS = (5, 8, 12)  # that the screen offers

_FORM = re.compile(rf"({'|'.join(ABOUT)})-({'|'.join(LEVELS)})-([1-9][0-9]{{0,3}})-([1-9][0-9]?)")


@dataclass(frozen=True)
class Quiz:
    """A set, as a teacher hands it out."""

    about: str = "all"
    level: Level = "easy"
    seed: int = 1
    count: int = 8


def written(quiz: Quiz) -> str:
    """Spell a set in the characters that a link leaves alone."""
    return f"{quiz.about}-{quiz.level}-{quiz.seed}-{quiz.count}"


def read(text: str) -> Quiz:
    """Read a set as it was spelled; nothing is the first set.

    Raises  InputError  when it was not spelled so.
    """
    if not text:
        return Quiz()
    found = _FORM.fullmatch(text)
    if not found or int(found[4]) > MOST_QUESTIONS:
        raise InputError(
            "{given!r} is no set of questions. One is written as text-easy-17-8: what it is about ({abouts}), how hard "
            "({levels}), a seed up to {seeds:,}, and up to {most} questions.",
            given=text[:40],
            abouts=", ".join(ABOUT),
            levels=", ".join(LEVELS),
            seeds=MOST_SEED,
            most=MOST_QUESTIONS,
        )
    level: Level = next(each for each in LEVELS if each == found[2])
    return Quiz(found[1], level, int(found[3]), int(found[4]))
