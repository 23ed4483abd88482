"""The model that attends as the first ones did: it opens, writes dates, and looks where it should."""

import pytest

from attnviz.service.history import aligner


@pytest.mark.parametrize(
    ("text", "iso"), [("3 May 2021", "2021-05-03"), ("Monday, 3 May 2021", "2021-05-03"), ("31.12.1999", "1999-12-31")]
)
def test_it_writes_dates(text: str, iso: str) -> None:
    assert "".join(aligner().align(text).written) == iso


def test_each_digit_of_the_year_looks_at_itself() -> None:
    found = aligner().align("the 3rd of May 2019")
    for place, digit in enumerate("2019"):
        weights = found.weights[place]
        assert found.read[weights.argmax()] == digit
        assert weights.max() > 0.8
