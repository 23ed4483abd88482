from dataclasses import replace

import numpy as np
import pytest

from attnviz.errors import RowError, ShapeError
from attnviz.record import KeptLayer, Layer, Visibility, with_sink
from tests.record.conftest import random_layer, tokens

SINKS = np.array([0.0, 1.0, -2.0, 3.0], np.float32)
COMPARED = random_layer(sinks=SINKS, visible=Visibility.causal(5, 8))


def kept(layer: Layer = COMPARED) -> KeptLayer:
    return KeptLayer(layer.queries, layer.keys, layer.weights(), layer.visible)


def test_a_kept_layer_answers_as_the_layer_its_weights_came_from():
    own = kept()
    np.testing.assert_array_equal(own.weights(slice(1, 3), slice(2, 5)), COMPARED.weights()[1:3, 2:5])
    np.testing.assert_array_equal(own.row(3, 4), COMPARED.weights()[3, 4])
    np.testing.assert_allclose(own.tile(2, shape=(2, 3)), COMPARED.tile(2, shape=(2, 3)), rtol=0, atol=1e-7)
    np.testing.assert_array_equal(own.reachable, COMPARED.reachable)
    assert (own.heads, own.has_sink, list(own.keys)) == (4, True, list(COMPARED.keys))


def test_weights_stay_in_the_float_type_they_came_in():
    half = KeptLayer(COMPARED.queries, COMPARED.keys, COMPARED.weights().astype(np.float16), COMPARED.visible)
    assert half.arrays["kept"].nbytes * 2 == COMPARED.weights().nbytes
    assert half.row(0, 0).dtype == np.float32


def test_what_is_given_out_may_be_written_to_and_what_is_kept_may_not():
    own = kept()
    own.part(0, 0, 2, 0, 3)[:] = 7
    assert own.weights().max() <= 1
    assert not own.kept.flags.writeable


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"kept": np.ones((5, 9), np.float32)}, ShapeError, r"\(head, query, key\)"),
        ({"kept": COMPARED.weights().transpose(0, 2, 1)}, ShapeError, r"\(5, 9\).*\(4, 9, 5\)"),
        ({"kept": COMPARED.weights().astype(np.float64)}, ShapeError, "float64"),
        ({"kept": COMPARED.weights() / 2}, RowError, r"Row 0 \('a'\) of H0 sums to 0.500"),
        ({"kept": np.where(np.arange(9) == 1, np.nan, COMPARED.weights()).astype(np.float32)}, RowError, "nan"),
        ({"kept": COMPARED.weights() + np.eye(2, 9)[1] - np.eye(9)[0]}, ShapeError, "float64"),
        ({"queries": tokens(4)}, ShapeError, r"\(4, 9\)"),
        ({"visible": Visibility.full(5, 7)}, ShapeError, r"mask is \(5, 7\)"),
        ({"visible": Visibility.from_mask(np.ones((3, 5, 8), bool))}, ShapeError, "3 heads"),
    ],
)
def test_weights_that_do_not_fit_are_refused(change: dict, error: type[Exception], says: str):
    with pytest.raises(error, match=says):
        replace(kept(), **change)


def test_a_negative_weight_is_refused_even_if_its_row_sums_to_one():
    with pytest.raises(RowError, match=r"smallest weight of -0\.5"):
        KeptLayer(tokens(1), tokens(2), np.array([[[1.5, -0.5]]], np.float32), Visibility.full(1, 2))


def test_what_was_seen_is_read_off_from_all_heads():
    weights = np.array([[[1, 0, 0], [0, 1, 0]], [[1, 0, 0], [0.5, 0.5, 0]]], np.float32)
    assert Visibility.from_weights(weights).counts.tolist() == [[1, 2]]


def test_a_sink_may_be_the_last_of_the_keys():
    weights = np.array([[[0.25, 0, 0.75]]], np.float32)
    assert KeptLayer(tokens(1), with_sink(tokens(2)), weights, Visibility.full(1, 2)).has_sink
    assert not KeptLayer(tokens(1), tokens(3), weights, Visibility.full(1, 3)).has_sink
