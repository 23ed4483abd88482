"""Settles where questions are asked: `python -m attnviz.service.questions.gather` writes places.toml anew.

A set must be the same on every server, and weights differ in their last digits from one to the next. So it is decided
here, once, which places are easy, medium or hard, each by far more than such a digit; a server draws from the list.
"""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from attnviz.service.questions.draw import drawn
from attnviz.service.questions.kinds import KINDS
from attnviz.service.questions.question import LEAST_SCORE, LEVELS, Find, Kind, Level, Place, Topic, level_of

TABLE = Path(__file__).parent / "places.toml"
EDGE = 0.01  # a margin lies inside its level by so much, and weights of two servers differ by a millionth
MOST_PLACES = 40  # of one kind, topic and level
MOST_TRIED = 1500  # of one subject


def gathered(find: Find, kind: Kind, topic: Topic) -> dict[Level, list[Place]]:
    """Choose places of every level, subjects taking turns."""
    filed: dict[Level, list[list[Place]]] = {level: [] for level in LEVELS}
    for subject in range(len(kind.about[topic])):
        own: dict[Level, list[Place]] = {level: [] for level in LEVELS}
        for place in drawn(kind.places(find, topic, subject), "gather")[:MOST_TRIED]:
            question = kind.ask(find, topic, place)
            level = level_of(question.margin, EDGE)
            if level is not None and question.scores[question.best] >= LEAST_SCORE:
                own[level].append(place)
        for level, places in own.items():
            filed[level].append(places)
    return {level: _in_turn(every)[:MOST_PLACES] for level, every in filed.items()}


def _in_turn(lists: list[list[Place]]) -> list[Place]:
    return [place for turn in zip_longest(*lists) for place in turn if place is not None]


def lines(find: Find) -> Iterator[str]:
    """The lines of the table."""
    yield "# Where questions are asked; written by `python -m attnviz.service.questions.gather`, never by hand.\n"
    yield "# A place is a subject, then what its kind needs to know, joined by full stops.\n"
    for kind in KINDS:
        for topic in kind.about:
            yield f"\n[{kind.name}.{topic}]\n"
            for level, places in gathered(find, kind, topic).items():
                yield f'{level} = "{" ".join(".".join(map(str, place)) for place in places)}"\n'


def main() -> None:
    """Write the table."""
    from attnviz.service.engine import engine

    own = engine()
    TABLE.write_text("".join(lines(own.record_for)), encoding="utf-8")
    own.close()


if __name__ == "__main__":
    main()
