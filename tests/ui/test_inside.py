"""The page inside a head, as the server sees it."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from attnviz.components.packet import unpack
from attnviz.lab.bench import read
from tests.ui.conftest import Open, Opened

LONG = {"t": "cat " * 129}
LETTERS = {"m": "repeats-2", "t": "k q x b k q x b k", "l": "1", "h": "1", "q": "8"}


@pytest.fixture
def open_inside(open_app: Open) -> Any:
    """Open the page by a link."""

    def opened(locale: str = "en-US", **query: str) -> Opened:
        return open_app(locale).follow("inside", **query)

    return opened


def packet(app: Opened) -> dict[str, Any]:
    return unpack(app.part("inside_view")[0].bytes)[0]


def told(app: Opened) -> dict[str, Any]:
    return app.settings["inside"]


def test_the_page_shows_the_head_of_its_link_on_its_text(open_inside):
    app = open_inside(**LETTERS)
    header = packet(app)
    assert (header["layer"], header["heads"], header["width"]) == (1, 4, 16)
    assert [step["name"] for step in header["steps"]][:4] == ["embedded", "normed", "projected", "turned"]
    assert header["id"] == app.heads[0]["id"]
    assert app.messages == []


def test_without_a_link_it_shows_the_first_picture_of_the_text_page(open_app):
    app = open_app().go("inside")
    assert (packet(app)["layer"], told(app)["lab"]["head"], told(app)["lab"]["query"]) == (3, 1, 8)


def test_the_code_of_every_step_comes_with_its_numbers(open_inside):
    app = open_inside(**LETTERS)
    code = told(app)["code"]
    assert set(code["numpy"]) == set(code["torch"]) == {step["name"] for step in packet(app)["steps"]}
    assert code["torch"]["weights"] == "W = S.softmax(dim=-1)"


def test_the_way_into_the_lab_opens_there_on_the_slice_that_was_said(open_inside, open_app):
    lab = told(open_inside(**LETTERS))["lab"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(lab["link"]).query).items()}
    assert urlsplit(lab["link"]).path == "/learn"
    bench = read(query["lab"])
    assert (len(bench.queries), len(bench.queries[0]), bench.mask) == (4, 4, "causal")
    opened = open_app().follow("learn", **query)
    assert opened.messages == []


def test_a_choice_of_the_hand_moves_the_slice_and_the_link(open_inside):
    app = open_inside(**LETTERS).choose(head=2, query=5)
    assert (told(app)["lab"]["head"], told(app)["lab"]["query"]) == (2, 5)
    assert "h=2&q=5" in app.query


def test_another_layer_brings_its_own_steps(open_inside):
    app = open_inside(**LETTERS).choose(layer=0)
    assert packet(app)["layer"] == 0


def test_a_layer_that_is_not_there_is_told_and_the_nearest_shown(open_inside):
    app = open_inside(**LETTERS | {"l": "7"})
    assert packet(app)["layer"] == 1
    assert len(app.messages) == 1


def test_a_text_too_long_to_be_followed_is_said_and_the_heads_stay(open_inside):
    app = open_inside(**LONG)
    assert len(app.messages) == 1
    assert "this page follows 128 of them step by step. Shorten it by 3." in app.messages[0]
    assert app.part("inside_view") == []
    assert app.part("head_atlas")


def test_a_chinese_reader_is_told_in_chinese(open_inside):
    app = open_inside("zh-CN", **LONG)
    assert "请缩短 3 个" in app.messages[0]
    assert app.settings["words"]["inside.step.weights.words"].startswith("每个分数变成一个份额")


def test_the_text_page_leads_here_with_everything_that_is_chosen(open_app):
    app = open_app("en-US", **LETTERS)
    assert [each.proto.page for each in app.app.get("page_link")] == ["inside"]
    app.go("inside")
    assert (packet(app)["layer"], told(app)["lab"]["head"], told(app)["lab"]["query"]) == (1, 1, 8)
