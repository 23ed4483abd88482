"""Entropy in bits, against logarithms done by hand."""

import numpy as np
import pytest

from attnviz import measures
from attnviz.measures.entropy import entropy_bits

NATS = np.log(2)  # nats in a bit


@pytest.mark.parametrize("keys", [1, 2, 16, 128])
def test_an_even_row_has_as_many_bits_as_its_keys_need(keys):
    np.testing.assert_allclose(entropy_bits(np.full(keys, 1 / keys, np.float32)), np.log2(keys), atol=1e-5)


def test_a_row_that_reads_one_key_has_no_entropy_and_no_minus_sign():
    bits = entropy_bits(np.array([0, 1, 0], np.float32))
    assert bits == 0
    assert not np.signbit(bits)


def test_rows_equal_the_numbers_of_the_fact_sheet(toy):
    np.testing.assert_allclose(entropy_bits(toy[0][0]) * NATS, [0.89794572, 1.02965301, 0.63903186], atol=1e-6)


@pytest.mark.parametrize(("count", "nats"), [(16, 1.9169912566300422), (128, 3.8781678006813887)])
def test_even_causal_attention_reaches_the_most_there_can_be(record_of, count, nats):
    even = np.tril(np.ones((1, count, count))) / np.arange(1, count + 1)[None, :, None]
    scores = measures.entropy(record_of(even, causal=True), "self")
    np.testing.assert_allclose(scores.values[0] * NATS, nats, atol=1e-4)
    np.testing.assert_allclose(scores.chance[0] * NATS, nats, atol=1e-4)


def test_each_head_of_each_layer_has_its_own_number(record_of, toy):
    scores = measures.entropy(record_of(np.concatenate(toy), toy[0]), "self")
    assert [layer.shape for layer in scores.values] == [(3,), (1,)]
    assert [layer.shape for layer in scores.chance] == [(3,), (1,)]
    assert scores.unit == "bits"
    assert not scores.values[0].flags.writeable


def test_a_sink_is_one_more_key_that_could_be_read(record_of):
    scores = measures.entropy(record_of(np.full((1, 3, 3), 0.25), sink=True), "self")
    np.testing.assert_allclose([scores.values[0][0], scores.chance[0][0]], 2, atol=1e-5)
