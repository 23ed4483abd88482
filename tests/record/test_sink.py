import pytest

from attnviz.errors import ShapeError
from attnviz.record import SINK, with_sink
from tests.record.conftest import tokens


def test_a_sink_is_one_more_special_key_that_stands_for_no_text():
    longer = with_sink(tokens(2))
    assert list(longer) == ["a", "b", SINK]
    assert (longer.special[-1], longer.spans[-1], longer.words[-1]) == (True, None, None)


def test_only_tokens_have_sinks():
    with pytest.raises(ShapeError, match="list"):
        with_sink(["a"])
