"""Links: what they look like, how long they are, and what they open on."""

import json
from dataclasses import asdict
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from attnviz.share import BUDGET_CHARACTERS, HeadWeight, Note, View, from_query, home, link, to_query
from attnviz.share.link import MIGRATIONS, VERSION

GOLDEN = Path(__file__).with_name("golden_links.txt")


def opened(query: str, page: str = "text"):
    return from_query(parse_qs(query, keep_blank_values=True), page)


def test_a_new_page_is_the_version_alone():
    assert to_query(View()) == "v=1"


def test_settings_follow_the_text_in_one_fixed_order_and_stay_readable():
    view = View(model="gpt2", text="The cat sat.", layer=2, head=0, query=2, average="heads", language="zh")
    assert to_query(view) == "v=1&m=gpt2&t=The+cat+sat%2E&l=2&h=0&q=2&a=heads&lang=zh"


def test_a_mix_is_spelled_layer_dot_head_times_weight():
    view = View(average="mix", mix=(HeadWeight(2, 7, 1), HeadWeight(3, 4, 0.5)))
    assert to_query(view) == "v=1&a=mix&x=2.7*1,3.4*0.5"
    assert opened(to_query(view)).view == view


def test_chinese_travels_deflated_because_percent_signs_cost_nine_letters_a_character():
    query = to_query(View(text="注意力机制让模型看见每一个词。" * 4))
    assert query.startswith("v=1&z=")
    assert opened(query).view.text == "注意力机制让模型看见每一个词。" * 4


@pytest.mark.parametrize("mark", [".", "_", "-", "~", "!", ")", ",", "'", "*"])
def test_the_last_mark_of_a_text_is_not_left_bare_at_the_end_of_a_link(mark):
    url = link(View(text=f"So it ends{mark}"), "https://example.org").url
    assert url[-1] != mark
    assert opened(urlsplit(url).query).view.text == f"So it ends{mark}"


@pytest.mark.parametrize(
    "text", ["", " ", "~tilde", "a\nb\r\nc\td", "\x00\x01\x7f", "&t=x#y?z=%41+", "👩‍👩‍👧", "\u202eRTL", "\ufffd\uffff"]
)
def test_odd_texts_come_back_as_they_were(text):
    assert opened(to_query(View(text=text))) == from_query({"t": text})
    assert opened(to_query(View(text=text))).view == View(text=text)


def test_a_text_beyond_the_packed_bound_still_comes_back_from_its_query():
    text = "长" * 30_000
    assert "&t=" in to_query(View(text=text))
    assert opened(to_query(View(text=text))).view.text == text


def test_a_link_names_its_page_by_its_path():
    view = View(page="heads", layer=1)
    made = link(view, "https://example.org/attnviz/")
    assert made.url == "https://example.org/attnviz/heads?v=1&l=1"
    assert made.carries_text
    assert made.length == len(made.url)
    assert opened("v=1&l=1", "heads").view == view


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://example.org/a", "text"),
        ("https://example.org/a/", "text"),
        ("https://example.org/a/text?v=1#x", "text"),
        ("https://example.org/a/heads", "heads"),
    ],
)
def test_the_home_of_every_page_is_the_same(address, page):
    assert home(address, page) == "https://example.org/a/"


def test_the_home_of_a_server_without_a_path_is_its_root():
    assert home("http://localhost:8501", "text") == "http://localhost:8501/"


@pytest.mark.parametrize(("unit", "fits"), [("a b c d ", 1_000), ("注意力看见了什么？", 1_000)])
def test_english_and_chinese_of_a_thousand_repeating_characters_fit(unit, fits):
    view = View(text=(unit * fits)[:fits])
    made = link(view, "https://example.org/")
    assert made.carries_text
    assert made.length <= BUDGET_CHARACTERS
    assert opened(urlsplit(made.url).query).view == view


def test_a_link_over_its_budget_leaves_the_text_out_and_says_so():
    text = "".join(chr(0x4E00 + 7 * i % 20_000) for i in range(2_000))
    made = link(View(text=text, layer=1, query=1_500), "https://example.org/")
    assert not made.carries_text
    assert made.url == "https://example.org/?v=1&left=2000&l=1"
    found = opened(urlsplit(made.url).query)
    assert found.view == View(layer=1)
    assert found.notes == (Note("left out", "text", "2000"),)


@pytest.mark.parametrize(
    ("query", "view", "note"),
    [
        ("l=99999", View(layer=9999), Note("number", "layer", "99999", ("0", "9999"))),
        ("h=-1", View(head=0), Note("number", "head", "-1", ("0", "9999"))),
        ("dr=100", View(discard=99), Note("number", "discard", "100", ("0", "99"))),
        ("ms=101", View(mass=100), Note("number", "mass", "101", ("0", "100"))),
        ("q=five", View(), Note("number", "query", "five", ("0", "9999"))),
        ("l=٣", View(), Note("number", "layer", "٣", ("0", "9999"))),
        ("d=up", View(), Note("choice", "direction", "up", ("reads", "read"))),
        ("m=../../etc", View(), Note("form", "model", "../../etc")),
        ("m=gpt2&r=main", View(model="gpt2"), Note("form", "revision", "main")),
        ("x=1.2*1,1.x*3", View(mix=(HeadWeight(1, 2, 1),)), Note("form", "mix", "1.2*1,1.x*3")),
        ("x=1.2*101", View(), Note("form", "mix", "1.2*101")),
        ("z=AAAA", View(), Note("damaged", "text", "AAAA")),
        ("v=2&l=4", View(layer=4), Note("newer", "version", "2", ("1",))),
        ("v=one", View(), Note("form", "version", "one", ("1",))),
        ("m=" + "a" * 97, View(), Note("form", "model", "a" * 39 + "…")),
    ],
)
def test_a_bad_field_opens_on_the_nearest_view_with_one_note(query, view, note):
    found = opened(query)
    assert found.view == view
    assert found.notes == (note,)


def test_the_commit_of_a_model_that_cannot_be_shown_is_not_kept():
    found = opened("m=%20&r=" + "a" * 40)
    assert found.view == View()
    assert [note.field for note in found.notes] == ["model"]


def test_unknown_fields_are_left_alone_and_the_last_of_a_repeated_one_counts():
    found = opened("utm_source=chat&l=1&l=4&embed=true")
    assert found.view == View(layer=4)
    assert found.notes == ()


def test_half_a_character_becomes_the_replacement_character():
    found = from_query({"t": "a\ud800b", "m": "\udfff"})
    assert found.view.text == "a\ufffdb"
    assert [note.given for note in found.notes] == ["\ufffd", "a\ufffdb"]


def test_every_version_has_a_way_to_ours():
    assert len(MIGRATIONS) == VERSION - 1


def golden() -> list[tuple[str, str]]:
    lines = [line for line in GOLDEN.read_text("utf-8").split("\n") if line and not line.startswith("#")]
    return list(zip(lines[::2], lines[1::2], strict=True))


@pytest.mark.parametrize(("url", "view"), golden())
def test_released_links_open_for_ever(url, view):
    parts = urlsplit(url)
    found = opened(parts.query, parts.path.strip("/") or "text")
    # Fields of today that the link was made without, and what it showed then.
    new_since = {"picture": "map", "image": "astronaut", "corner": None, "fuse": "mean", "overlay": "colour"}
    new_since |= {"lens": "raw", "target": None, "drawing": "cells", "opacity": 70, "mass": 100}
    new_since |= {"bench": "q1;2;3_k4;5;6_v7;8;9", "lesson": "step"}
    new_since |= {"heads": "", "scoring": "", "regions": "", "costs": "", "chapter": "why", "quiz": ""}
    new_since |= {"second": "map", "distance": "raw", "discard": 0, "rule": "definition"}
    assert json.loads(json.dumps(asdict(found.view))) == new_since | json.loads(view)
    assert found.notes == ()
