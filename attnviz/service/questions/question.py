"""One question about a real map: what is shown, what can be chosen, and what every choice scores by the record."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from attnviz.axes import Patches, Tokens
from attnviz.record import AttentionRecord
from attnviz.share.view import View

Level = Literal["easy", "medium", "hard"]
Topic = Literal["text", "series", "picture"]
Place = tuple[int, ...]  # a subject of the kind, then what the kind needs to know: layer, head, position, choices
Find = Callable[[View], AttentionRecord]

TOPICS: tuple[Topic, ...] = get_args(Topic)
LEVELS: Mapping[Level, tuple[float, float]] = {"easy": (0.5, 1.0), "medium": (0.2, 0.5), "hard": (0.05, 0.2)}
TIE = 1e-6  # scores that differ by no more are one score: both are right
LEAST_SCORE = 0.03  # of the best choice; below it three decimals would not tell the first from the second


@dataclass(frozen=True, eq=False)
class Words:
    """A text, token by token, each of which can be chosen where there are no options.

    Unit    weights (token,): what each token is dyed by, 0 to 1; None before they are told.
    """

    axis: Tokens
    asked: int | None
    weights: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture with marked patches, each of which can be chosen where there are no options.

    Shape   marked: positions on the axis; weights (position,), or None before they are told.
    """

    image: str
    axis: Patches
    marked: tuple[int, ...] = ()
    asked: int | None = None
    weights: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Maps:
    """Small maps, each of which can be chosen.

    Shape   each (query, key).
    """

    maps: tuple[np.ndarray, ...]


Shown = Words | Scene | Maps


@dataclass(frozen=True, eq=False)
class Question:
    """A question whose truth is the record's own: the choice that scores most.

    `view` is where the answer can be looked at; `asks` and `why` fill the blanks of the sentences that the kind has in
    every language, `because` naming the one that says why.

    Unit    scores: one a choice, 0 to 1, exactly as the record has them.
    """

    kind: str
    view: View
    shown: Shown
    revealed: Shown
    choices: tuple[str, ...]
    scores: tuple[float, ...]
    asks: Mapping[str, str]
    because: str
    why: Mapping[str, str]
    options: tuple[str, ...] = field(default=())  # to choose from beside what is shown, where that is not clicked

    @property
    def best(self) -> int:
        """The choice that scores most."""
        return int(np.argmax(self.scores))

    @property
    def second(self) -> int:
        """The choice that scores most of all others."""
        others = np.array(self.scores)
        others[self.best] = -np.inf
        return int(np.argmax(others))

    @property
    def margin(self) -> float:
        """How far the second falls behind the first.

        Unit    share of the first, 0 to 1.
        """
        return margin_of(np.array(self.scores))

    def is_right(self, choice: int) -> bool:
        """Say whether a choice scores as much as the best one."""
        return self.scores[choice] >= self.scores[self.best] - TIE


@dataclass(frozen=True)
class Kind:
    """A way to ask: its name, what it can be asked about, and both halves of making a question.

    `places` names where one may be asked about a subject, and `ask` makes the question of such a place. Which places
    are asked is settled beforehand (`gather`), so that no rounding of a server has a say in it.
    """

    name: str
    about: Mapping[Topic, tuple[View, ...]]
    places: Callable[[Find, Topic, int], Iterable[Place]]
    ask: Callable[[Find, Topic, Place], "Question"]


def margin_of(scores: np.ndarray) -> float:
    """How far the second score falls behind the first.

    Shape   scores (choice,), at least two.
    Unit    share of the first, 0 to 1.
    """
    second, first = np.partition(scores.astype(np.float64), -2)[-2:]
    return float((first - second) / first) if first > 0 else 0.0


def level_of(margin: float, edge: float = 0.0) -> Level | None:
    """The level of a margin that lies inside it by some edge; None where it lies in none so.

    Unit    margin and edge: share of the first score.
    """
    return next(
        (
            level
            for level, (least, most) in LEVELS.items()
            if margin >= least + edge and (most == 1 or margin < most - edge)
        ),
        None,
    )


def number(score: float) -> str:
    """A score as the screen writes it."""
    return f"{score:.3f}"


def percent(share: float) -> str:
    """A share of a whole as the screen writes it."""
    return f"{100 * share:.0f} %"


def head_name(layer: int, head: int) -> str:
    """A head as the screen names it."""
    return f"L{layer} H{head}"
