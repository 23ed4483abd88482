"""What could not be shown as a link asked for it. Values, not sentences: each language words them itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from attnviz.share.view import View, whole

MAX_GIVEN_CHARACTERS = 40

Problem = Literal[
    "number",  # `accepted` holds the lowest and the highest
    "choice",  # `accepted` holds every choice
    "form",  # written as no such field is written: a model name, a commit, a mix
    "damaged",  # the text arrived broken
    "left out",  # the link was too long to carry the text; `given` counts its characters
    "newer",  # the link was made by a newer version; `accepted` holds ours
]


@dataclass(frozen=True)
class Note:
    """One field of a link that opened on something else than it asked for."""

    problem: Problem
    field: str  # a field of View, or "version"
    given: str  # what the link said, shortened
    accepted: tuple[str, ...] = ()

    @classmethod
    def about(cls, problem: Problem, field: str, given: str, accepted: Iterable[object] = ()) -> "Note":
        """Make a note with the given words cut to what a reader can take in."""
        shown = given if len(given) <= MAX_GIVEN_CHARACTERS else given[: MAX_GIVEN_CHARACTERS - 1] + "…"
        return cls(problem, field, whole(shown), tuple(str(choice) for choice in accepted))


@dataclass(frozen=True)
class Opened:
    """The view that a link opens on, and what had to give."""

    view: View
    notes: tuple[Note, ...] = ()
