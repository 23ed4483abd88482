"""Dates as people write them, with the place of the day, the month and the year in each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

FIRST, LAST = date(1900, 1, 1).toordinal(), date(2099, 12, 31).toordinal()
ONE_IN = 10  # dates are kept out of training

Parts = tuple[tuple[str, str], ...]  # what is written, and which part of the date it is: d, m, y or nothing


@dataclass(frozen=True)
class Written:
    """A date as it was written and as it should be.

    Unit    spans: first and last character, the last not included, of "d", "m" and "y" in the text.
    """

    text: str
    iso: str
    spans: dict[str, tuple[int, int]]


def is_held_out(ordinal: int) -> bool:
    """Say whether training never sees a date, in whatever way it is written."""
    return (ordinal * 2654435761 >> 8) % ONE_IN == 0


def draw(rng: np.random.Generator, held_out: bool, way: int | None = None) -> Written:
    """Draw a date and a way to write it."""
    while True:
        ordinal = int(rng.integers(FIRST, LAST + 1))
        if is_held_out(ordinal) == held_out:
            chosen = int(rng.integers(len(WAYS))) if way is None else way
            return write(date.fromordinal(ordinal), WAYS[chosen])


def write(day: date, way: Callable[[date], Parts]) -> Written:
    """Write a date one way, and note where its parts stand."""
    text, spans = "", {}
    for piece, part in way(day):
        if part:
            spans[part] = (len(text), len(text) + len(piece))
        text += piece
    return Written(text, day.isoformat(), spans)


def _month(day: date) -> str:
    return MONTHS[day.month - 1]


def _ordinal(day: int) -> str:
    ending = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


WAYS: tuple[Callable[[date], Parts], ...] = (
    lambda d: ((str(d.day), "d"), (" ", ""), (_month(d), "m"), (" ", ""), (str(d.year), "y")),
    lambda d: ((_month(d), "m"), (" ", ""), (str(d.day), "d"), (", ", ""), (str(d.year), "y")),
    lambda d: ((str(d.day), "d"), (" ", ""), (_month(d)[:3], "m"), (" ", ""), (str(d.year), "y")),
    lambda d: ((_month(d)[:3], "m"), (" ", ""), (str(d.day), "d"), (", ", ""), (str(d.year), "y")),
    lambda d: (
        (DAYS[d.weekday()], ""), (", ", ""), (str(d.day), "d"), (" ", ""), (_month(d), "m"), (" ", ""),
        (str(d.year), "y"),
    ),
    lambda d: (("the ", ""), (_ordinal(d.day), "d"), (" of ", ""), (_month(d), "m"), (" ", ""), (str(d.year), "y")),
    lambda d: ((str(d.day), "d"), (".", ""), (str(d.month), "m"), (".", ""), (str(d.year), "y")),
    lambda d: ((f"{d.day:02}", "d"), ("/", ""), (f"{d.month:02}", "m"), ("/", ""), (str(d.year), "y")),
)  # fmt: skip
