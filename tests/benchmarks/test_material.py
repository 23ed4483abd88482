"""The texts of the benchmarks have the lengths that their tables claim."""

import pytest

import attnviz
from attnviz.encode import count
from benchmarks.material import text_of
from benchmarks.tables import markdown, ratio


@pytest.fixture(scope="module")
def model():
    return attnviz.load("minilm")


@pytest.mark.parametrize("tokens", [16, 64, 128, 256, 512])
@pytest.mark.parametrize("take", [0, 5])
def test_a_text_has_exactly_so_many_tokens(model, tokens, take):
    assert count(model, attnviz.Text(text_of(tokens, take))) == tokens


def test_two_takes_are_two_texts():
    assert text_of(64, 0) != text_of(64, 1)


@pytest.mark.parametrize(("one", "words"), [(1, "0.50 x"), (13, "6.50 x"), (2500, "1,250 x")])
def test_a_ratio_says_how_many_times(one, words):
    assert ratio(one, 2) == words


def test_a_table_is_markdown():
    assert markdown(["n", "MB"], [[16, 0.8]]) == "| n | MB |\n| --- | ---: |\n| 16 | 0.8 |"
