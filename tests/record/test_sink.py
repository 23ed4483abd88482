from dataclasses import replace

import pytest

from attnviz.axes import Axis, Joined, Named, Tokens
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


def behind(written: Tokens) -> Tokens:
    """What a decoder reads while it writes: a start, then all but the last."""
    return Tokens(
        source=written.source,
        labels=("<s>", *written.labels[:-1]),
        raw=("<s>", *written.raw[:-1]),
        spans=(None, *written.spans[:-1]),
        special=(True, *written.special[:-1]),
        words=(None, *written.words[:-1]),
    )


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_decoder_reads_one_place_behind_what_it_writes_and_is_at_one_position_with_it(count: int):
    written = tokens(count)
    assert same_positions(written, behind(written))
    assert count == 1 or not same_positions(behind(written), written)


def test_keys_of_another_text_or_order_are_other_positions():
    written = tokens(4)
    read = behind(written)
    assert not same_positions(written, replace(read, source="another text"))
    assert not same_positions(written, replace(read, labels=("<s>", "b", "a", "c")))
    assert not same_positions(written, replace(read, special=(False,) * 4))
    assert not same_positions(written, behind(tokens(5)))
    assert not same_positions(written, Named(tuple(read)))
    assert not same_positions(Named(tuple(written)), Named(tuple(read)))
