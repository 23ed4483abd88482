"""Mixes of heads that still are maps."""

import numpy as np
import pytest

from attnviz import measures
from attnviz.errors import MeasureError, RecordError


def test_all_heads_of_a_stack_are_averaged_when_none_are_named(record_of, toy):
    mixed = measures.average(record_of(np.concatenate(toy[:2]), toy[2]), "self").weights
    np.testing.assert_allclose(mixed, np.concatenate(toy).mean(axis=0), atol=1e-6)


def test_the_heads_of_one_layer_are_averaged(record_of, toy):
    record = record_of(np.concatenate(toy[:2]), toy[2])
    mixed = measures.average(record, "self", measures.heads_of(record, "self", layer=0)).weights
    np.testing.assert_allclose(mixed[0], [0.4, 0.4, 0.2], atol=1e-6)


def test_weights_are_scaled_to_share_one(record_of, toy):
    mixed = measures.average(record_of(*toy), "self", [(0, 0, 3), (1, 0, 1)]).weights
    np.testing.assert_allclose(mixed[0], [0.5, 0.35, 0.15], atol=1e-6)
    np.testing.assert_allclose(mixed.sum(axis=1), 1, atol=1e-6)


def test_one_head_with_any_weight_is_that_head(record_of, toy):
    mixed = measures.average(record_of(*toy), "self", [(2, 0, 0.01)]).weights
    np.testing.assert_allclose(mixed, toy[2][0], atol=1e-6)


@pytest.mark.parametrize(
    ("picks", "words"),
    [
        ([(3, 0, 1)], "layers 0 to 2; the mix names 3"),
        ([(-1, 0, 1)], "the mix names -1"),
        ([(0, 1, 1)], "L0 has heads 0 to 0; the mix names 1"),
        ([(0, 0, -1)], "L0 H0 has weight -1"),
        ([(0, 0, float("nan"))], "L0 H0 has weight nan"),
        ([(0, 0, 0)], "sum to 0"),
        ([], "sum to 0"),
    ],
)
def test_a_mix_that_means_nothing_is_refused(record_of, toy, picks, words):
    with pytest.raises(MeasureError, match=words):
        measures.average(record_of(*toy), "self", picks)


def test_heads_that_read_different_lengths_cannot_be_mixed(record_of):
    record = record_of(np.full((1, 2, 2), 0.5), np.full((1, 4, 4), 0.25))
    with pytest.raises(MeasureError, match="layers of different lengths"):
        measures.average(record, "self")


def test_an_unknown_stack_is_refused_in_the_words_of_the_record(record_of, toy):
    with pytest.raises(RecordError, match="no stack 'cross'"):
        measures.average(record_of(*toy), "cross")
