"""Predict, then reveal, as the server sees it: what travels before an answer, and what after."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from attnviz.components.packet import unpack
from attnviz.service.engine import engine
from attnviz.service.questions import Question, asked, read
from attnviz.share import from_query
from attnviz.ui.catalogue import words
from tests.ui.conftest import Open, Opened

SET = "text-easy-17-3"
BEFORE = {"number", "kind", "ask", "reader", "shown", "options"}  # what is told of a question that is open
AFTER = BEFORE | {"chosen", "right", "scores", "names", "lines", "link"}


@pytest.fixture
def open_predict(open_app: Open) -> Any:
    """Open the page by a link."""

    def opened(locale: str = "en-US", **query: str) -> Opened:
        return open_app(locale).follow("predict", **query)

    return opened


def packet(app: Opened) -> tuple[dict[str, Any], bytes]:
    return unpack(app.part("quiz")[0].bytes)


def facts(app: Opened) -> dict[str, Any]:
    return packet(app)[0]


def report(app: Opened, answers: list[Any], spelled: str = SET) -> dict[str, Any]:
    app.app.session_state["quiz"] = {"sitting": {"set": spelled, "answers": answers}}
    return facts(app.run())


def question(number: int, spelled: str = SET) -> Question:
    return asked(read(spelled))[number].question(engine().record_for)


def wrong(number: int) -> int:
    return 0 if question(number).best else 1


def test_a_link_opens_on_the_first_question_of_its_set(open_predict):
    told = facts(open_predict(qz=SET))
    assert told["set"] == {"spelled": SET, "about": "text", "level": "easy", "seed": 17, "count": 3}
    assert (told["question"]["number"], told["question"]["kind"]) == (0, question(0).kind)
    assert (told["answers"], told["result"], told["score"]) == ([], None, None)


@pytest.mark.parametrize("spelled", ["all-easy-1-12", "picture-hard-3-8", "series-medium-4-8"])
def test_the_right_answer_does_not_travel_before_it_is_given(open_predict, spelled):
    app = open_predict(qz=spelled)
    for number in range(read(spelled).count):
        told, payload = packet(app)
        own = question(number, spelled)
        assert set(told["question"]) == BEFORE
        assert told["result"] is None
        assert len(payload) == sum(told["parts"])
        open_card = json.dumps(told["question"])
        assert not [f"{score:.3f}" for score in own.scores if f'"{score:.3f}"' in open_card]
        if own.kind in ("reads", "read", "patch", "class"):
            assert told["question"]["shown"]["weights"] is None
        if own.kind == "asks":
            assert told["question"]["shown"]["asked"] is None
        report(app, [None] * (number + 1), spelled)


def test_an_answer_is_judged_and_the_next_question_comes_with_it(open_predict):
    told = report(open_predict(qz=SET), [question(0).best])
    result = told["result"]
    assert set(result) == AFTER
    assert (result["chosen"], result["right"]) == (question(0).best, [question(0).best])
    assert result["scores"] == [f"{score:.3f}" for score in question(0).scores]
    assert told["marks"] == [True]
    assert told["question"]["number"] == 1


def test_a_wrong_answer_is_told_with_its_number(open_predict):
    told = report(open_predict(qz=SET), [wrong(0)])
    assert told["marks"] == [False]
    assert told["result"]["right"] == [question(0).best]
    assert told["result"]["lines"][0].endswith("margin " + f"{question(0).margin:.0%}".replace("%", " %"))


def test_the_link_of_a_result_opens_the_map_that_was_asked_about(open_predict):
    result = report(open_predict(qz=SET), [0])["result"]
    address = urlsplit(result["link"])
    found = from_query(parse_qs(address.query))
    view = question(0).view
    assert found.notes == ()
    assert (found.view.model, found.view.text, found.view.layer) == (view.model, view.text, view.layer)
    assert (found.view.head, found.view.query) == (view.head, view.query)


def test_the_end_says_the_score_and_what_was_missed(open_predict):
    told = report(open_predict(qz=SET), [question(0).best, None, wrong(2)])
    assert told["question"] is None
    assert told["score"]["right"] == 1
    assert [each["mark"] for each in told["score"]["list"]] == [True, None, False]
    assert all(each["why"] and "http" in each["link"] for each in told["score"]["list"])


def test_a_skipped_question_is_not_revealed_before_the_end(open_predict):
    told = report(open_predict(qz=SET), [None])
    assert (told["result"], told["question"]["number"]) == (None, 1)


@pytest.mark.parametrize("nonsense", [["cat"], [99], [-1], [True], [1.0], [[0]], [{"a": 1}]])
def test_an_answer_that_is_none_is_not_taken(open_predict, nonsense):
    told = report(open_predict(qz=SET), [None, *nonsense])
    assert told["answers"] == [None]


def test_answers_to_another_set_are_not_taken(open_predict):
    assert report(open_predict(qz=SET), [0], "text-easy-18-3")["answers"] == []


def test_more_answers_than_questions_end_the_set(open_predict):
    assert len(report(open_predict(qz=SET), [None] * 50)["answers"]) == 3


def test_answers_are_in_no_link_and_outlast_a_visit_to_another_page(open_predict):
    app = open_predict(qz=SET)
    report(app, [question(0).best, None])
    assert parse_qs(app.query) == {"v": ["1"], "qz": [SET]}
    app.go("glossary")
    assert facts(app.go("predict"))["answers"] == [question(0).best, None]


def test_another_set_begins_anew(open_predict):
    app = open_predict(qz=SET)
    report(app, [0])
    epoch = facts(app)["epoch"]
    app.app.session_state["quiz"] = {"choice": {"epoch": epoch, "quiz": "picture-hard-8-5"}}
    told = facts(app.run())
    assert (told["set"]["spelled"], told["answers"]) == ("picture-hard-8-5", [])
    assert "qz=picture-hard-8-5" in app.query


def test_a_link_that_is_no_set_says_so_and_asks_the_first_one(open_predict):
    app = open_predict(qz="text-easy-0-8")
    assert any("is no set of questions" in message for message in app.messages)
    assert facts(app)["set"]["spelled"] == "all-easy-1-8"


def test_levels_say_their_thresholds(open_predict):
    assert facts(open_predict())["offered"]["level"] == {
        "easy": "The second choice has at most 50 % of what the first has.",
        "medium": "The second choice has 50 % to 80 % of what the first has.",
        "hard": "The second choice has 80 % to 95 % of what the first has.",
    }


def test_questions_are_asked_in_chinese_too(open_predict):
    told = facts(open_predict("zh-CN", qz=SET))
    assert told["question"]["ask"] == words("zh")(f"predict.ask.{question(0).kind}", **question(0).asks)
    assert told["words"]["quiz.skip"] == "跳过"
