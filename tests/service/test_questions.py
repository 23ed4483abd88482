"""Questions of real maps: every one that can be asked is true of its record, and a set is the same everywhere."""

import itertools
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from attnviz.errors import InputError
from attnviz.record import AttentionRecord
from attnviz.service.engine import Engine
from attnviz.service.limits import Limits
from attnviz.service.questions import (
    ABOUT,
    KINDS,
    LEVELS,
    TIE,
    Asked,
    Maps,
    Question,
    Quiz,
    Scene,
    asked,
    read,
    written,
)
from attnviz.service.questions.asked import places
from attnviz.service.questions.draw import drawn
from attnviz.service.questions.gather import EDGE
from attnviz.service.questions.question import level_of, margin_of
from attnviz.service.questions.tokens import READS
from attnviz.share import View

SUBJECTS = [(kind.name, topic) for kind in KINDS for topic in kind.about]

# What the link text-easy-17-4 has asked since it was first given out; changes only with the table of places.
GOLDEN = [
    "sums 6.1.6.11.38.16.100.90",
    "read 0.4.5.10",
    "next 2.0.3.8.0.2.4.0.1.8.0.4.3",
    "previous 6.0.2.7.0.2.4.0.0.2.0.4.10",
]


@cache
def own() -> Engine:
    """An engine of these tests alone: that of the process belongs to whoever starts a server."""
    return Engine(Limits())


@pytest.fixture(scope="module", autouse=True)
def closed() -> Iterator[None]:
    yield
    own().close()


def find(view: View) -> AttentionRecord:
    return own().record_for(view)


def every(kind: str, topic: str) -> list[tuple[str, Question]]:
    """Every question of a kind that any set can ask, with the level it is filed under."""
    filed = [(level, place) for level in LEVELS for place in places()[kind, topic, level]]
    return [(level, Asked(kind, topic, place).question(find)) for level, place in filed]


def off_diagonal(question: Question, by: int) -> list[float]:
    assert isinstance(question.shown, Maps)
    return [float(np.diagonal(each, by).mean()) for each in question.shown.maps]


def induced(question: Question) -> list[float]:
    """What each map gives to what followed the same letter before, letter by letter."""
    letters = question.view.text.split()
    found = []
    for each in question.shown.maps:
        rows = [
            sum(each[1 + query, 1 + key] for key in range(1, query + 1) if letters[key - 1] == letter)
            for query, letter in enumerate(letters)
            if letter in letters[:query]
        ]
        found.append(float(np.mean(rows)))
    return found


def marked(question: Question) -> list[int]:
    assert isinstance(question.shown, Scene)
    return list(question.shown.marked)


def rest(question: Question) -> list[float]:
    """How near each option is to what the rest of the row gets, as a ratio."""
    view, record = question.view, find(question.view)
    axis = record.layer("self", 0).keys
    row = record.row("self", view.layer, view.head, view.query)
    apart = axis.special if view.page == "text" else [cell is None for cell in axis.cells]
    left = float(row[~np.array(apart)].sum())
    return [min(float(option), left) / max(float(option), left) for option in question.options]


def weights(question: Question) -> np.ndarray:
    return find(question.view).map("self", question.view.layer, question.view.head).weights


def common(question: Question) -> list[float]:
    """How much of the drawn row each marked patch's own row shares: 1 less half of all differences."""
    own = weights(question)
    return [float(1 - np.abs(own[patch] - own[question.view.query]).sum() / 2) for patch in marked(question)]


TRUTHS = {
    "reads": lambda question: weights(question)[question.view.query],
    "read": lambda question: weights(question)[:, question.view.query],
    "sums_text": rest,
    "sums_picture": rest,
    "previous": lambda question: off_diagonal(question, -1),
    "next": lambda question: off_diagonal(question, 1),
    "induction": induced,
    "causal": lambda question: [1 - float(np.triu(each, 1).sum(axis=1).mean()) for each in question.shown.maps],
    "asks": common,
    "patch": lambda question: weights(question)[question.view.query][marked(question)],
    "class": lambda question: weights(question)[0][marked(question)],
}


@pytest.mark.parametrize(("kind", "topic"), SUBJECTS)
def test_every_question_is_true_of_its_record_and_as_hard_as_its_level(kind, topic):
    for level, question in every(kind, topic):
        truth = np.array(TRUTHS[question.kind](question))
        np.testing.assert_allclose(question.scores, truth, atol=2e-6)
        first, second = sorted(truth)[:-3:-1]
        assert question.best == truth.argmax()
        assert first - second > 1000 * TIE  # far above what two servers differ by
        assert level_of(question.margin, EDGE / 2) == level
        assert [each for each in range(len(truth)) if question.is_right(each)] == [question.best]


@pytest.mark.parametrize(("kind", "topic"), SUBJECTS)
def test_a_view_shows_what_was_asked_about_and_the_open_question_tells_nothing_of_it(kind, topic):
    for _, question in every(kind, topic):
        if isinstance(question.shown, Maps):
            np.testing.assert_array_equal(question.shown.maps[question.best], weights(question))
        elif not question.options and question.kind != "asks":
            assert question.shown.weights is None
            assert question.revealed.weights is not None
        elif question.kind == "asks":
            assert question.shown.asked is None
            assert question.revealed.asked == question.view.query


def test_only_the_right_map_is_causal():
    for _, question in every("causal", "series"):
        later = [bool(np.triu(each, 1).any()) for each in question.shown.maps]
        assert later.index(False) == question.best
        assert later.count(False) == 1


@pytest.mark.parametrize(("about", "level"), list(itertools.product(ABOUT, LEVELS)))
def test_every_seed_asks_as_many_as_the_set_says_none_twice(about, level):
    for seed in range(1, 60):
        found = asked(Quiz(about, level, seed, 20))
        assert len(set(found)) == 20
        assert all(about in ("all", each.topic) for each in found)
        assert all(each.place in places()[each.kind, each.topic, level] for each in found)


def test_a_shorter_set_is_the_beginning_of_a_longer_one():
    assert asked(Quiz("text", "hard", 5, 12))[:5] == asked(Quiz("text", "hard", 5, 5))


def test_a_set_is_the_same_on_every_server():
    found = [f"{each.kind} {'.'.join(map(str, each.place))}" for each in asked(Quiz("text", "easy", 17, 4))]
    assert found == GOLDEN


def test_other_seeds_ask_other_questions():
    sets = {asked(Quiz("all", "easy", seed, 5)) for seed in range(1, 40)}
    assert len(sets) == 39


def test_the_right_answer_stands_anywhere():
    stood = {question.best for _, question in every("patch", "picture")}
    assert stood == {0, 1, 2, 3}
    assert {question.best for _, question in every("previous", "text")} == {0, 1, 2, 3}
    assert {question.best for _, question in every("sums", "picture")} == {0, 1, 2, 3}


def test_two_that_score_alike_are_both_right_and_never_asked():
    question = next(READS.ask(find, "text", place) for place in READS.places(find, "text", 0) if place[1:] == (3, 1, 8))
    tied = Question(**{**vars(question), "scores": (0.25, 0.5, 0.5 - TIE / 2, 0.0), "choices": tuple("abcd")})
    assert [tied.is_right(each) for each in range(4)] == [False, True, True, False]
    assert level_of(tied.margin) is None


def test_margins_are_shares_of_the_first():
    assert margin_of(np.array([0.1, 0.4, 0.3])) == pytest.approx(0.25)
    assert level_of(0.25) == "medium"
    assert level_of(0.25, edge=0.06) is None
    assert level_of(1.0) == "easy"
    assert level_of(0.04) is None


def test_lots_are_drawn_by_name_alone():
    assert drawn(range(6), 17, "some") == drawn(reversed(range(6)), 17, "some")
    assert drawn(range(6), 17, "some") != drawn(range(6), 18, "some")


@pytest.mark.parametrize("quiz", [Quiz(), Quiz("text", "hard", 9999, 20), Quiz("picture", "medium", 1, 1)])
def test_a_set_is_read_as_it_was_written(quiz):
    assert read(written(quiz)) == quiz


def test_nothing_is_the_first_set():
    assert read("") == Quiz()
    assert written(Quiz("text", "easy", 17, 8)) == "text-easy-17-8"


@pytest.mark.parametrize(
    "about", ["text", "text-easy", "text-easy-17", "x-easy-1-8", "text_easy_17_8", "text-easy-\uff11-8"]
)
@pytest.mark.parametrize("end", ["", "-"])
def test_what_is_not_spelled_so_says_how_a_set_is_written(about, end):
    with pytest.raises(InputError, match=r"is no set of questions\. One is written as text-easy-17-8"):
        read(about + end)


@pytest.mark.parametrize("numbers", ["0-8", "017-8", "17-0", "17-21", "10000-8", "17-8-", "17-8.5", "17-8 "])
def test_seeds_and_counts_have_bounds(numbers):
    with pytest.raises(InputError, match="up to 20 questions"):
        read(f"text-easy-{numbers}")
