import pytest

from attnviz.axes import Axis, Joined, Named
from attnviz.errors import ShapeError
from attnviz.record import PADDING, SINK, same_positions, with_sink
from tests.record.conftest import tokens
from tests.record.test_golden import FRAMES, PATCHES, WORDS

AXES = (WORDS, PATCHES, FRAMES, Named(("a", "b")), Joined((WORDS, PATCHES)))


def test_a_sink_is_one_more_special_key_that_stands_for_no_text():
    longer = with_sink(tokens(2))
    assert list(longer) == ["a", "b", SINK]
    assert (longer.special[-1], longer.spans[-1], longer.words[-1]) == (True, None, None)


@pytest.mark.parametrize("axis", AXES, ids=lambda axis: type(axis).__name__)
def test_an_axis_of_any_kind_stays_what_it_is_and_one_longer(axis: Axis):
    longer = with_sink(axis, PADDING)
    assert type(longer) is type(axis)
    assert list(longer) == [*axis, PADDING]


def test_a_sink_is_no_patch_and_no_stretch_of_time():
    assert with_sink(PATCHES).box(7) is None
    assert (with_sink(FRAMES).spans[-1], with_sink(FRAMES).bands[-1]) == (None, None)


@pytest.mark.parametrize("axis", AXES, ids=lambda axis: type(axis).__name__)
def test_keys_are_the_same_positions_with_a_sink_or_padding_behind_them(axis: Axis):
    assert same_positions(axis, axis)
    assert same_positions(axis, with_sink(axis))
    assert same_positions(axis, with_sink(axis, PADDING))
    assert not same_positions(with_sink(axis), axis)
    assert not same_positions(axis, with_sink(with_sink(axis)))
    assert not same_positions(axis, Named(tuple(axis)[::-1]))


def test_what_is_no_axis_has_no_sink():
    with pytest.raises(ShapeError, match="list"):
        with_sink(["a"])
