import numpy as np
import pytest

from attnviz.errors import RowError, ShapeError
from attnviz.record import AttentionMap, ScoreMap
from tests.record.conftest import tokens

THIRDS = np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]], np.float32)


def test_a_map_keeps_its_weights_and_names():
    drawn = AttentionMap(THIRDS, tokens(2), tokens(3, "k"))
    assert (drawn.queries[1], drawn.keys[2]) == ("b", "m")
    np.testing.assert_array_equal(drawn.weights, THIRDS)


def test_a_transposed_map_is_refused_by_its_shape():
    with pytest.raises(ShapeError, match=r"\(3, 2\).*\(2, 3\)"):
        AttentionMap(THIRDS.T, tokens(2), tokens(3))


def test_a_transposed_square_map_is_refused_by_its_rows():
    square = np.array([[0.9, 0.1], [0.6, 0.4]], np.float32)
    with pytest.raises(RowError, match=r"Row 0 \('a'\) sums to 1\.500"):
        AttentionMap(square.T, tokens(2), tokens(2))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_weight_that_is_no_number_is_refused(bad: float):
    broken = THIRDS.copy()
    broken[1, 1] = bad
    with pytest.raises(RowError, match="Row 1"):
        AttentionMap(broken, tokens(2), tokens(3))


def test_a_negative_weight_is_refused_even_if_its_row_sums_to_one():
    with pytest.raises(RowError, match="Row 0"):
        AttentionMap(np.array([[1.5, -0.5]]), tokens(1), tokens(2))


def test_a_map_cannot_be_written_to_and_does_not_follow_its_source():
    source = THIRDS.copy()
    drawn = AttentionMap(source, tokens(2), tokens(3))
    source[:] = 0
    assert drawn.weights.sum() == pytest.approx(2)
    with pytest.raises(ValueError, match="read-only"):
        drawn.weights[0, 0] = 1


def test_a_map_is_float32_whatever_it_is_made_of():
    assert AttentionMap(THIRDS.astype(np.float64), tokens(2), tokens(3)).weights.dtype == np.float32


def test_scores_need_a_unit_but_no_sum():
    assert ScoreMap(np.array([[-3.0, 8.0]]), tokens(1), tokens(2), "nats").unit == "nats"
    with pytest.raises(ShapeError, match="unit"):
        ScoreMap(np.zeros((1, 2)), tokens(1), tokens(2), "")
