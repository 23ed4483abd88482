"""The lesson on what attention costs, as the server sees it."""

import json
from typing import Any

import pytest

from attnviz.service import timing
from attnviz.service.timing import Timed
from attnviz.ui import lab_costs
from tests.ui.conftest import Open, Opened

LLAMA = "n8192_d4096_l32_h32_g8_b1_pbfloat16"


@pytest.fixture
def open_costs(open_app: Open) -> Any:
    """Open the lesson by a link."""

    def opened(spelled: str = "", locale: str = "en-US") -> Opened:
        return open_app(locale).follow("learn", le="costs", **({"lc": spelled} if spelled else {}))

    return opened


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A clock that says how often it was asked, and always the same."""
    asked: list[str] = []

    def awaited(ticket: Any, said: Any) -> tuple[Timed, ...]:
        asked.append("asked")
        return (Timed(512, 0.01, 0.002), Timed(1_024, 0.04, 0.009))

    monkeypatch.setattr(timing, "ticket", lambda: None)
    monkeypatch.setattr(lab_costs, "awaited", awaited)
    return asked


def facts(app: Opened) -> dict[str, Any]:
    return json.loads(app.part("lab_costs")[0].json)


def test_the_lesson_says_plainly_what_maps_and_queries_and_keys_take(open_costs):
    sentence, _ = facts(open_costs())["sentences"]
    assert sentence.startswith("At 8,192 tokens the maps of all heads take 72.5 GB; queries and keys,")
    assert sentence.endswith("take 755.0 MB.")


def test_every_number_has_its_formula_and_stands_on_its_curve(open_costs):
    told = facts(open_costs(LLAMA))
    rows = {row["name"]: row for row in told["rows"]}
    assert (rows["maps_bytes"]["formula"], rows["maps_bytes"]["said"]) == ("b · l · h · n² · s", "137.4 GB")
    assert rows["pairs"]["said"] == "3.518·10¹³"
    memory = told["charts"][0]
    assert memory["mark"] == 8_192
    for line in memory["lines"]:
        assert dict(map(tuple, line["points"]))[8_192] == line["at"]


def test_models_of_this_server_stand_beside_the_well_known_ones(open_costs):
    models = {each["name"]: each for each in facts(open_costs())["models"]}
    assert models["GPT-2"]["setting"]["tokens"] == 1_024
    assert models["minilm"] == {
        "name": "minilm",
        "source": "config.json",
        "here": True,
        "setting": {"tokens": 512, "width": 384, "layers": 6, "heads": 12, "key_heads": 12, "batch": 1},
    }
    assert models["scenes"]["setting"]["tokens"] == 145


def test_attention_has_the_shortest_path_and_the_least_of_each_column_is_marked(open_costs):
    kinds = {each["name"]: each["cells"] for each in facts(open_costs("n512_d512_l1_h8_g8_b1"))["kinds"]}
    assert [cell["number"] for cell in kinds["recurrence"]] == ["1.342·10⁸", "512", "512"]
    assert [cell["best"] for cell in kinds["attention"]] == [False, True, True]
    assert kinds["restricted"][0] == {"formula": "64 · n · d", "number": "1.678·10⁷", "best": True}


def test_heads_that_do_not_fit_are_said_and_the_sizes_stay(open_costs):
    told = facts(open_costs("n16_d10_l1_h4_g4_b1"))
    assert "10 numbers cannot be shared by 4 heads" in told["refused"]
    assert told["setting"]["width"] == 10


def test_a_link_that_is_no_sizes_says_so_and_shows_the_first_ones(open_costs):
    app = open_costs("n16_d10")
    assert any("`layers` is missing" in message for message in app.messages)
    assert facts(app)["setting"]["tokens"] == 8_192


def test_nothing_is_measured_before_it_is_asked_for(open_costs, clock):
    assert facts(open_costs())["measured"] is None
    assert clock == []


def test_what_was_measured_stays_beside_its_formula(open_costs, clock):
    app = open_costs()
    app.app.session_state[lab_costs.ASKED] = True
    app.run()
    measured = facts(app)["measured"]
    assert measured["sentence"].startswith("1,024 tokens, 64 numbers a head: 40.0 ms with the map stored, 9.0 ms")
    assert [line["points"][0][1] for line in measured["chart"]["lines"]] == [0.01, 0.002, 0.01]
    assert facts(app.run())["measured"] == measured
    assert clock == ["asked"]


def test_what_the_browser_reports_is_worked_out_and_put_in_the_link(open_costs):
    app = open_costs()
    app.app.session_state["lab_costs"] = {"choice": {"epoch": facts(app)["epoch"], "costs": LLAMA}}
    app.run()
    assert facts(app)["worked"] == LLAMA
    assert f"lc={LLAMA}" in app.query


def test_the_lesson_speaks_chinese(open_costs):
    assert facts(open_costs(locale="zh-CN"))["sentences"][0].startswith("有 8,192 个词元时")
