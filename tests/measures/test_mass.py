"""DINO's threshold: the smallest set that holds about a share."""

import numpy as np
import pytest

from attnviz import measures
from attnviz.errors import MeasureError
from tests.measures.conftest import picture_layer, picture_record


def test_the_worked_row_keeps_its_two_greatest():
    np.testing.assert_array_equal(measures.most(np.array([0.05, 0.4, 0.1, 0.25, 0.2]), 0.6), [0, 1, 0, 1, 0])


def test_ties_are_broken_by_position_the_later_first():
    np.testing.assert_array_equal(measures.most(np.full(4, 0.25), 0.5), [0, 0, 1, 1])


def test_a_row_is_scaled_before_it_is_cut_and_one_of_zeros_has_nothing():
    np.testing.assert_array_equal(measures.most(np.array([0.5, 4, 1, 2.5, 2]), 0.6), [0, 1, 0, 1, 0])
    assert not measures.most(np.zeros(3), 0.6).any()


def test_all_of_the_mass_is_every_key_above_nothing():
    np.testing.assert_array_equal(measures.most(np.array([0, 0.5, 0.5]), 1.0), [0, 1, 1])


@pytest.mark.parametrize("share", [0, -1, 1.5, float("nan")])
def test_a_share_is_above_none_and_up_to_all(share):
    with pytest.raises(MeasureError, match="above 0 and up to 1"):
        measures.most(np.ones(3), share)


def test_of_a_picture_the_class_token_is_left_out_first(published):
    row = np.array([0.5, 0.025, 0.2, 0.05, 0.225])
    record = picture_record(picture_layer(np.tile(row, (2, 5, 1)), published.axis))
    np.testing.assert_array_equal(measures.mass(record, "self"), [[0, 0, 1, 0, 1]] * 2)
    np.testing.assert_array_equal(measures.mass(record, "self", share=0.4, query=3), [[0, 0, 0, 0, 1]] * 2)


def test_the_last_layer_is_meant_unless_another_is_named(published):
    first, last = (measures.mass(published.record, "self", layer=layer) for layer in (0, 1))
    np.testing.assert_array_equal(measures.mass(published.record, "self"), last)
    assert (first != last).any()


def test_of_a_text_special_tokens_are_left_out(record_of):
    record = record_of(np.tile([0.8, 0.15, 0.05], (1, 3, 1)), special=(0,))
    np.testing.assert_array_equal(measures.mass(record, "self"), [[0, 1, 0]])


def test_a_query_that_is_not_there_is_refused(published):
    with pytest.raises(MeasureError, match="Query 5 is outside 0 to 4"):
        measures.mass(published.record, "self", query=5)
