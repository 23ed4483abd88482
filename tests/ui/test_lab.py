"""The lab's page, as the server sees it."""

import json
from typing import Any

import pytest

from attnviz.lab.bench import read
from attnviz.ui.catalogue import LANGUAGES, words
from attnviz.ui.lab import PRESETS
from tests.ui.conftest import Open, Opened


@pytest.fixture
def open_lab(open_app: Open) -> Any:
    """Open the page by a link."""

    def opened(locale: str = "en-US", **query: str) -> Opened:
        return open_app(locale).follow("learn", **query)

    return opened


def facts(app: Opened) -> dict[str, Any]:
    return json.loads(app.part("lab_bench")[0].json)


def test_the_page_opens_on_the_worked_example(open_lab):
    told = facts(open_lab())
    assert [step["name"] for step in told["steps"]] == ["scores", "scaled", "masked", "weights", "output"]
    assert told["steps"][3]["cells"][0] == ["0.0900", "0.2447", "0.6652"]
    assert told["facts"][0] == {
        "entropy": pytest.approx(1.2009, abs=1e-4),
        "most": pytest.approx(1.5850, abs=1e-4),
        "largest": pytest.approx(0.6652, abs=1e-4),
        "at": 2,
    }


def test_a_link_opens_on_the_numbers_it_names(open_lab):
    told = facts(open_lab(lab="q2_k3_v5_t2_s1"))
    assert told["setting"]["q"] == [[2]]
    assert (told["setting"]["temperature"], told["setting"]["step"]) == (2, 1)
    assert told["steps"][1]["lines"] == [["6 / (√1·2) = 3"]]


def test_sizes_that_do_not_fit_are_said_and_the_numbers_stay(open_lab):
    told = facts(open_lab(lab=PRESETS["misfit"]))
    assert told["steps"] == []
    assert "query of 10 numbers cannot be compared with a key of 7" in told["refused"]
    assert told["setting"]["q"] == [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]


def test_a_link_that_is_no_bench_says_so_and_shows_the_worked_example(open_lab):
    app = open_lab(lab="q1_k1")
    assert any("three tables" in each.proto.body for each in app.app.get("html"))
    assert facts(app)["setting"]["q"] == [[1], [2], [3]]


def test_what_the_browser_reports_is_worked_out_and_put_in_the_link(open_lab):
    app = open_lab()
    epoch = facts(app)["epoch"]
    app.app.session_state["lab_step"] = {"choice": {"epoch": epoch, "bench": "q1;1_k0;0_v2;4"}}
    app.run()
    told = facts(app)
    assert told["steps"][4]["cells"] == [["3"], ["3"]]
    assert "lab=q1;1_k0;0_v2;4" in str(app.part("address")[0].json)


def test_a_report_of_an_older_epoch_changes_nothing(open_lab):
    app = open_lab(lab="q2_k3_v5")
    app.app.session_state["lab_step"] = {"choice": {"epoch": "x.0", "bench": "q9_k9_v9"}}
    assert facts(app.run())["setting"]["q"] == [[2]]


@pytest.mark.parametrize("name", PRESETS)
def test_every_example_is_a_bench_and_has_a_name(name):
    read(PRESETS[name])
    assert all(f"lab.preset.{name}" in words(language).phrases for language in LANGUAGES)


def test_the_mistakes_are_a_lesson_with_a_link(open_lab):
    pairs = json.loads(open_lab(le="mistakes").part("lab_mistakes")[0].json)["pairs"]
    masked = next(pair for pair in pairs if pair["name"] == "masked_afterwards")
    assert (masked["wrong"]["sign"], masked["right"]["sign"]) == ("0.284", "1")
    assert masked["wrong"]["code"].startswith("def masked_afterwards(Q, K):")
