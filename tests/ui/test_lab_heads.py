"""The lesson on several heads, as the server sees it."""

import json
from typing import Any

import pytest

from attnviz.lab.heads_bench import read
from attnviz.ui.catalogue import LANGUAGES, words
from attnviz.ui.lab_heads import PRESETS
from tests.ui.conftest import Open, Opened

SAME = "1,0;0,1"


@pytest.fixture
def open_lesson(open_app: Open) -> Any:
    """Open the lesson by a link."""

    def opened(locale: str = "en-US", **query: str) -> Opened:
        return open_app(locale).follow("learn", le="heads", **query)

    return opened


def facts(app: Opened) -> dict[str, Any]:
    return json.loads(app.part("lab_heads")[0].json)


def test_the_lesson_opens_on_two_heads_that_read_otherwise(open_lesson):
    told = facts(open_lesson())
    assert [part["weights"]["cells"][0] for part in told["parts"]] == [
        ["0.4856", "0.4856", "0.0287"],
        ["0.8943", "0.0529", "0.0529"],
    ]
    assert told["vectors"]["q"]["lines"][0][0] == "2·1 + 0·0 + 2·0 + 0·0 = 2"
    assert told["output"]["cells"][0] == ["1.943", "0.05741", "1.789", "0.2114"]
    assert told["refused"] is None


def test_a_link_opens_on_the_numbers_and_the_head_that_it_names(open_lesson):
    told = facts(open_lesson(lh=f"x1,2_a{SAME}_b{SAME}_c{SAME}_o{SAME}_e1_s3"))
    assert (told["setting"]["head"], told["setting"]["step"]) == (1, 3)
    assert told["setting"]["x"] == [[1, 2]]
    assert told["parts"][1]["found"]["cells"] == [["2"]]


def test_shared_keys_are_counted(open_lesson):
    assert facts(open_lesson(lh=PRESETS["grouped"]))["kept"] == {"kept": 8, "own": 16}
    assert facts(open_lesson(lh=PRESETS["one_key"]))["kept"] == {"kept": 4, "own": 16}


@pytest.mark.parametrize(("locale", "said"), [("en-US", "cannot be split among 3 heads"), ("zh-CN", "3 个头")])
def test_sizes_that_do_not_fit_are_said_and_the_numbers_stay(open_lesson, locale, said):
    told = facts(open_lesson(locale, lh=PRESETS["misfit"]))
    assert said in told["refused"]
    assert told["parts"] == []
    assert told["setting"]["x"] == [[2, 0, 2, 0], [2, 0, 0, 2], [0, 2, 0, 2]]
    assert "W_O = np.array" in told["given"]["numpy"]


def test_a_link_that_is_no_bench_says_so_and_shows_the_first_example(open_lesson):
    app = open_lesson(lh="q1_k1")
    assert any("Many heads need X" in each.proto.body for each in app.app.get("html"))
    assert facts(app)["setting"]["x"] == [[2, 0, 2, 0], [2, 0, 0, 2], [0, 2, 0, 2]]


def test_what_the_browser_reports_is_worked_out_and_put_in_the_link(open_lesson):
    app = open_lesson()
    epoch = facts(app)["epoch"]
    reported = f"x1,2_a{SAME}_b{SAME}_c{SAME}_o{SAME}"
    app.app.session_state["lab_heads"] = {"choice": {"epoch": epoch, "heads": reported}}
    app.run()
    assert facts(app)["output"]["cells"] == [["1", "2"]]
    assert f"lh={reported}" in str(app.part("address")[0].json)


@pytest.mark.parametrize("name", PRESETS)
def test_every_example_is_a_bench_and_has_a_name(name):
    read(PRESETS[name])
    assert all(f"heads.preset.{name}" in words(language).phrases for language in LANGUAGES)
