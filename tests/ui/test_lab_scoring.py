"""The lesson on ways to score, as the server sees it."""

import json
from typing import Any

import pytest

from attnviz.lab.scoring import WAYS
from attnviz.lab.scoring_bench import read
from attnviz.ui.catalogue import LANGUAGES, words
from attnviz.ui.lab_scoring import PRESETS
from tests.ui.conftest import Open, Opened


@pytest.fixture
def open_lesson(open_app: Open) -> Any:
    """Open the lesson by a link."""

    def opened(locale: str = "en-US", **query: str) -> Opened:
        return open_app(locale).follow("learn", le="scoring", **query)

    return opened


def facts(app: Opened) -> dict[str, Any]:
    return json.loads(app.part("lab_scoring")[0].json)


def test_the_lesson_opens_on_five_ways_to_score_the_same_numbers(open_lesson):
    told = facts(open_lesson())
    assert {way: told["ways"][way]["scores"]["cells"][0] for way in WAYS} == {
        "dot": ["2", "6", "2"],
        "scaled": ["1.414", "4.243", "1.414"],
        "general": ["2", "6", "2"],
        "cosine": ["1", "1", "0.7071"],
        "additive": ["1.928", "1.999", "0.7926"],
    }
    assert told["ways"]["cosine"]["weights"]["cells"][0] == ["0.3642", "0.3642", "0.2717"]
    assert told["hidden"][0][0] == ["0.964", "0.964", "0"]
    assert [row[0] for row in told["pooled"]["shares"]["cells"]] == ["0.2414", "0.2414", "0.5171"]


def test_states_of_a_recurrent_encoder_are_the_keys(open_lesson):
    told = facts(open_lesson(ls=PRESETS["recurrent"]))
    assert told["keys"]["cells"][0] == ["0.7616", "0"]
    assert told["keys"]["lines"][1][0] == "tanh(1·0 + 0·1 + 0.5·0.7616 + 0·0 = 0.3808) = 0.3634"
    assert told["setting"]["k"] is None


@pytest.mark.parametrize(("locale", "said"), [("en-US", "query of 3 numbers"), ("zh-CN", "3")])
def test_a_way_that_does_not_fit_says_so_while_the_others_go_on(open_lesson, locale, said):
    told = facts(open_lesson(locale, ls=PRESETS["widths"]))
    assert [way for way in WAYS if "refused" in told["ways"][way]] == ["dot", "scaled", "cosine"]
    assert said in told["ways"]["dot"]["refused"]
    assert told["ways"]["general"]["scores"]["cells"][0] == ["5", "15", "4"]


def test_an_encoder_that_does_not_fit_is_said_and_the_numbers_stay(open_lesson):
    told = facts(open_lesson(ls=PRESETS["recurrent"].replace("r1,0;0,1", "r1;0")))
    assert "W_x takes vectors of 1 numbers and those of X have 2" in told["refused"]
    assert told["setting"]["r"] == [[1], [0]]


def test_pooling_that_does_not_fit_is_said_in_its_place(open_lesson):
    told = facts(open_lesson(ls=PRESETS["directions"].replace("g1,1", "g1")))
    assert "u_p takes vectors of 1 numbers" in told["pooled"]["refused"]
    assert "scores" in told["ways"]["dot"]


def test_a_link_that_is_no_bench_says_so_and_shows_the_first_example(open_lesson):
    app = open_lesson(ls="q1_k1_v1")
    assert any("Ways to score need" in each.proto.body for each in app.app.get("html"))
    assert facts(app)["setting"]["q"] == [[1, 1], [2, 0]]


def test_what_the_browser_reports_is_worked_out_and_put_in_the_link(open_lesson):
    app = open_lesson()
    epoch = facts(app)["epoch"]
    reported = PRESETS["directions"].replace("q1,1;2,0", "q0,2") + "_ydot"
    app.app.session_state["lab_scoring"] = {"choice": {"epoch": epoch, "scoring": reported}}
    app.run()
    told = facts(app)
    assert told["ways"]["dot"]["scores"]["cells"] == [["2", "6", "4"]]
    assert told["setting"]["way"] == "dot"
    assert "scores = Q @ K.T" in told["notebook"]["numpy"]
    assert f"ls={reported}" in str(app.part("address")[0].json)


@pytest.mark.parametrize("name", PRESETS)
def test_every_example_is_a_bench_and_has_a_name(name):
    read(PRESETS[name])
    assert all(f"scoring.preset.{name}" in words(language).phrases for language in LANGUAGES)
