"""Every view survives the round trip, and no link can break the page."""

import base64
import random
import time
import zlib
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnviz.share import HeadWeight, View, from_query, home, link, to_query
from attnviz.share.view import CHOICES, FORMS, LARGEST_NUMBER, LARGEST_WEIGHT

SLOWEST_SECONDS = 0.05

positions = st.integers(0, LARGEST_NUMBER)
heads = st.builds(HeadWeight, positions, positions, st.floats(0, LARGEST_WEIGHT))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
views = st.builds(
    View,
    page=st.from_regex(FORMS["page"], fullmatch=True),
    model=st.from_regex(FORMS["model"], fullmatch=True),
    revision=st.sampled_from(["", "0123456789abcdef" * 2 + "01234567"]),
    text=texts,
    stack=st.from_regex(FORMS["stack"], fullmatch=True),
    image=st.from_regex(FORMS["image"], fullmatch=True),
    bench=st.from_regex(FORMS["bench"], fullmatch=True),
    layer=positions,
    head=positions,
    query=st.none() | positions,
    corner=st.none() | positions,
    target=st.none() | positions,
    opacity=st.integers(0, 100),
    mass=st.integers(0, 100),
    discard=st.integers(0, 99),
    mix=st.lists(heads, max_size=8).map(tuple),
    **{name: st.sampled_from(choices) for name, choices in CHOICES.items() if name != "language"},
    language=st.sampled_from([None, *CHOICES["language"]]),
)
keys = st.sampled_from(
    [
        "v",
        "m",
        "r",
        "t",
        "z",
        "s",
        "l",
        "h",
        "q",
        "a",
        "x",
        "d",
        "sp",
        "sc",
        "tk",
        "lang",
        "left",
        "c",
        "k",
        "op",
        "ms",
        "dr",
        "ru",
        "lab",
        "le",
    ]
)
packed = st.binary(max_size=300).map(lambda raw: base64.urlsafe_b64encode(zlib.compress(raw)).decode())
letters = st.text(max_size=200) | packed | st.integers().map(str) | st.floats().map(str)
hostile = st.dictionaries(keys | st.text(max_size=8), letters | st.lists(letters, max_size=3), max_size=8)


@settings(deadline=None)
@given(views)
def test_every_view_survives_the_round_trip(view):
    url = link(view, "https://example.org/attnviz/").url
    query = to_query(view)
    found = from_query(parse_qs(query, keep_blank_values=True), view.page)
    assert found.view == view
    assert found.notes == ()
    assert home(url, view.page) == "https://example.org/attnviz/"
    assert query.isascii()


@settings(deadline=None)
@given(views)
def test_what_a_link_opens_on_has_one_spelling(view):
    query = to_query(view)
    assert to_query(from_query(parse_qs(query, keep_blank_values=True)).view) == query


@settings(max_examples=2_000, deadline=None)
@given(hostile, st.text(max_size=40))
def test_whatever_a_link_says_it_opens(params, page):
    found = from_query(params, page)
    assert from_query(parse_qs(to_query(found.view), keep_blank_values=True), found.view.page).view == found.view


def opens_quickly(params: dict) -> bool:
    """Open a link within SLOWEST_SECONDS; asked again where the machine may have stalled."""
    for _ in range(5):
        begun = time.perf_counter()
        found = from_query(params)
        took = time.perf_counter() - begun
        assert isinstance(found.view, View)
        if took < SLOWEST_SECONDS:
            return True
    return False


def mutated(good: str, dice: random.Random) -> str:
    """Break a good link in one of the ways that chat programs, people and attackers do."""
    spot, width = dice.randrange(len(good)), dice.randrange(1, 12)
    noise = "".join(dice.choice("\x00<>\"'%&=+~;#é字\U0001f600\ud800-._0129azAZ*,/") for _ in range(width))
    return dice.choice(
        [good[:spot], good[:spot] + noise + good[spot:], good[:spot] + noise + good[spot + width :], good[spot:] + good]
    )


def test_ten_thousand_broken_links_each_open_and_each_quickly():
    dice = random.Random(2)
    good = [
        "v=1&m=gpt2&t=The+cat+sat&l=3&h=0&q=2&a=heads&lang=zh",
        to_query(View(text="注意力机制" * 30, mix=(HeadWeight(2, 7, 1), HeadWeight(3, 4, 0.5)), average="mix")),
        to_query(View(model="a/b", revision="0" * 40, specials="hidden", scale="row", spelling="raw", stack="cross")),
    ]
    for _ in range(10_000):
        assert opens_quickly(parse_qs(mutated(dice.choice(good), dice), keep_blank_values=True))


def deflated(raw: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode().rstrip("=")


@pytest.mark.parametrize(
    "z",
    [
        pytest.param(deflated(b" " * 50_000_000), id="inflates to 50 MB"),
        pytest.param(deflated(b"[" * 65_537), id="one byte over"),
        pytest.param(deflated(b"good")[:-4], id="cut"),
        pytest.param(base64.urlsafe_b64encode(zlib.compress(b"good") + b"more").decode(), id="followed by more"),
        pytest.param(deflated(b"\xff\xfe"), id="not UTF-8"),
        pytest.param(deflated(b"\xed\xa0\x80"), id="half a character"),
        pytest.param("A" * 500_000, id="half a million letters"),
        pytest.param("é", id="not base64"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_packed_text_that_is_no_text_opens_on_the_example(z):
    assert opens_quickly({"z": z})
    found = from_query({"z": z})
    assert found.view == View()
    assert [(note.problem, note.field) for note in found.notes] == [("damaged", "text")]


def test_the_longest_packed_text_is_read_to_the_last_byte():
    assert from_query({"z": deflated(b"a" * 65_536)}).view.text == "a" * 65_536


@pytest.mark.parametrize(
    "key", ["v", "m", "r", "t", "s", "l", "h", "q", "a", "x", "d", "sp", "sc", "tk", "lang", "left"]
)
@pytest.mark.parametrize("unit", ["9", "-", "1.1*1,", "a", "\x00"])
def test_half_a_million_characters_in_one_field_are_read_quickly(key, unit):
    assert opens_quickly({key: unit * (500_000 // len(unit))})


def test_the_address_is_the_only_part_of_a_link_that_is_not_the_view():
    assert urlsplit(link(View(), "https://example.org/x?old=1#there").url).query == "v=1"
