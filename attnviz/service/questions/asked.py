"""Which questions a set asks, and each of them made of its record when it is asked for."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice, zip_longest

from attnviz.service.questions.draw import drawn
from attnviz.service.questions.kinds import KINDS
from attnviz.service.questions.question import Find, Kind, Level, Place, Question, Topic
from attnviz.service.questions.quiz import Quiz

TABLE = "places.toml"


@dataclass(frozen=True)
class Asked:
    """One question of a set before it is made: a kind, what it is about, and where."""

    kind: str
    topic: Topic
    place: Place

    def question(self, find: Find) -> Question:
        """Make the question, of the record that `find` gives for a view."""
        return _named()[self.kind].ask(find, self.topic, self.place)


@cache
def asked(quiz: Quiz) -> tuple[Asked, ...]:
    """List what a set asks. Kinds take turns in an order drawn by the seed, and so do the places of each."""
    pairs = {f"{kind.name} {topic}": (kind.name, topic) for kind in KINDS for topic in kind.about}
    wanted = [name for name, (_, topic) in pairs.items() if quiz.about in ("all", topic)]
    lots = [
        [Asked(*pairs[name], place) for place in drawn(places()[*pairs[name], quiz.level], quiz.seed, name)]
        for name in drawn(wanted, quiz.seed)
    ]
    turns = (each for turn in zip_longest(*lots) for each in turn if each is not None)
    return tuple(islice(turns, quiz.count))


@cache
def places() -> Mapping[tuple[str, Topic, Level], tuple[Place, ...]]:
    """Where each kind may be asked about each topic, by level, as `gather` settled it."""
    table = tomllib.loads((files(__package__) / TABLE).read_text(encoding="utf-8"))
    return {
        (kind, topic, level): tuple(tuple(map(int, place.split("."))) for place in listed.split())
        for kind, topics in table.items()
        for topic, levels in topics.items()
        for level, listed in levels.items()
    }


@cache
def _named() -> Mapping[str, Kind]:
    return {kind.name: kind for kind in KINDS}
