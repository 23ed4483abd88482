import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from attnviz.errors import ShapeError
from attnviz.record import Bits, Intervals, Visibility

masks = arrays(bool, array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=12))


def band(queries: int, keys: int, window: int) -> np.ndarray:
    row, column = np.arange(queries)[:, None], np.arange(keys)
    return (column <= row) & (column > row - window)


@pytest.mark.parametrize(
    "mask",
    [
        np.ones((3, 5), bool),
        band(6, 6, 6),
        band(6, 6, 2),
        np.arange(6) // 3 == np.arange(6)[:, None] // 3,  # chunks
        band(6, 6, 6) | (np.arange(6) < 2),  # a prefix that all may see
        np.broadcast_to(np.arange(5) < 3, (4, 5)),  # padding
    ],
    ids=["full", "causal", "sliding", "chunked", "prefix", "padded"],
)
def test_usual_masks_are_held_in_two_numbers_a_row(mask: np.ndarray):
    rule = Visibility.from_mask(mask[None])
    assert isinstance(rule, Intervals)
    np.testing.assert_array_equal(rule.mask(0, 0, len(mask)), mask)


def test_a_mask_with_holes_is_held_in_bits():
    mask = np.array([[True, False, True], [True, True, True]])
    rule = Visibility.from_mask(mask[None])
    assert isinstance(rule, Bits)
    np.testing.assert_array_equal(rule.mask(0, 0, 2), mask)


@given(masks)
@settings(max_examples=200, deadline=None)
def test_any_mask_comes_back_as_it_went_in(mask: np.ndarray):
    rule = Visibility.from_mask(mask)
    assert (rule.heads, rule.queries, rule.keys) == mask.shape
    np.testing.assert_array_equal(rule.counts, mask.sum(axis=2))
    for head in range(rule.heads):
        np.testing.assert_array_equal(rule.mask(head, 0, rule.queries), mask[head])
        low, high = rule.reach(head, 0, rule.queries)
        assert not mask[head][:, :low].any()
        assert not mask[head][:, high:].any()


@given(masks, st.data())
@settings(max_examples=200, deadline=None)
def test_some_rows_and_keys_are_part_of_the_whole(mask: np.ndarray, data: st.DataObject):
    rule = Visibility.from_mask(mask)
    (start, stop), (left, right) = (
        sorted(data.draw(st.tuples(*[st.integers(0, side)] * 2))) for side in mask.shape[1:]
    )
    for head in range(rule.heads):
        part = mask[head, start:stop]
        np.testing.assert_array_equal(rule.mask(head, start, stop, left, right), part[:, left:right])
        if start < stop:
            assert part[:, slice(*rule.common(head, start, stop))].all()


def test_what_all_queries_of_a_causal_mask_see_ends_with_the_first_of_them():
    assert Visibility.causal(9, 9).common(0, 3, 6) == (0, 4)


@given(st.integers(1, 9), st.integers(1, 9))
def test_causal_and_full_are_what_they_say(queries: int, keys: int):
    np.testing.assert_array_equal(
        Visibility.causal(queries, keys).mask(0, 0, queries), np.tri(queries, keys, dtype=bool)
    )
    assert Visibility.full(queries, keys).mask(0, 0, queries).all()


def test_one_rule_serves_all_heads():
    np.testing.assert_array_equal(Visibility.causal(3, 3).mask(7, 1, 2), [[True, True, False]])


def ints(*values: int) -> np.ndarray:
    return np.array([values], np.int32)


@pytest.mark.parametrize(
    ("low", "high"),
    [(ints(-1), ints(1)), (ints(2), ints(1)), (ints(0), ints(4)), (ints(0), ints(1, 2)), (ints(0) * 1.0, ints(1))],
    ids=["before the first", "crossed", "past the last", "of two lengths", "fractions"],
)
def test_ends_that_cannot_be_are_refused(low: np.ndarray, high: np.ndarray):
    with pytest.raises(ShapeError):
        Intervals(3, low, high)


@pytest.mark.parametrize("bits", [np.zeros((1, 1, 2), np.uint8), np.zeros((1, 1)), np.full((1, 1, 1), 1, np.uint8)])
def test_bits_that_cannot_be_are_refused(bits: np.ndarray):
    with pytest.raises(ShapeError):
        Bits(3, bits)
