"""One attention step: the worked example, sizes, masks, and every step against NumPy."""

import numpy as np
import pytest

from attnviz import lab
from attnviz.errors import InputError

Q, K, V = ([[1], [2], [3]], [[4], [5], [6]], [[7], [8], [9]])


def test_three_numbers_as_three_positions():
    done = lab.attend(Q, K, V)
    np.testing.assert_array_equal(done.scores, [[4, 5, 6], [8, 10, 12], [12, 15, 18]])
    first = np.exp([4, 5, 6]) / np.exp([4, 5, 6]).sum()
    np.testing.assert_allclose(done.weights[0], first, rtol=0, atol=1e-12)
    np.testing.assert_allclose(done.weights[0], [0.0900, 0.2447, 0.6652], atol=1e-4)
    np.testing.assert_allclose(done.output[:, 0], [8.5752, 8.8509, 8.9480], atol=1e-4)


def test_the_same_numbers_as_one_query_of_three():
    done = lab.attend(np.transpose(Q), np.transpose(K), np.transpose(V))
    assert done.scores.tolist() == [[1 * 4 + 2 * 5 + 3 * 6]]
    np.testing.assert_allclose(done.scaled, [[32 / 3**0.5]], rtol=1e-15)
    assert done.weights.tolist() == [[1.0]]
    assert done.output.tolist() == [[7.0, 8.0, 9.0]]


@pytest.mark.parametrize(("queries", "keys", "width", "number"), [(1, 1, 1, 1), (3, 5, 4, 2), (8, 2, 7, 9)])
def test_every_step_is_what_numpy_makes_of_it(queries, keys, width, number):
    chance = np.random.default_rng(queries)
    q, k, v = (chance.normal(size=size) for size in ((queries, width), (keys, width), (keys, number)))
    done = lab.attend(q, k, v)
    scores = np.einsum("qd,kd->qk", q, k)
    weights = np.exp(scores / width**0.5)
    weights /= weights.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(done.scores, scores, rtol=0, atol=1e-12)
    np.testing.assert_allclose(done.weights, weights, rtol=0, atol=1e-12)
    np.testing.assert_allclose(done.output, np.einsum("qk,kv->qv", weights, v), rtol=0, atol=1e-12)


def test_without_the_divisor_wide_vectors_saturate():
    chance = np.random.default_rng(0)
    q, k = chance.normal(size=(2, 4, 256))
    scaled, bare = lab.attend(q, k, k), lab.attend(q, k, k, divisor=1)
    assert scaled.entropy_bits.min() > 1.0
    assert bare.entropy_bits.max() < 0.01
    assert bare.slopes.max() < 1e-3 < scaled.slopes.max()


def test_all_alike_is_as_many_bits_as_keys_and_one_alone_is_none():
    done = lab.attend([[0], [1000]], [[1], [1], [1], [2]], [[1], [2], [3], [4]])
    assert done.entropy_bits.tolist() == [2.0, 0.0]


def test_a_closed_cell_weighs_nothing_and_the_rest_share_one():
    done = lab.attend(Q, K, V, visible=lab.causal(3, 3))
    assert done.weights[0].tolist() == [1.0, 0.0, 0.0]
    np.testing.assert_allclose(done.weights[1], [1 / (1 + np.e**2), np.e**2 / (1 + np.e**2), 0], rtol=1e-12)
    assert np.isneginf(done.masked[0, 1])


@pytest.mark.parametrize("number", [1e300, -1e300])
def test_scores_as_large_as_numbers_go_do_not_overflow(number):
    done = lab.attend([[1.0]], [[number], [0.0]], [[1.0], [2.0]])
    np.testing.assert_allclose(done.weights.sum(), 1)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((np.ones((1, 10)), np.ones((1, 7)), np.ones((1, 1))), "query of 10 numbers .* key of 7"),
        ((np.ones((1, 2)), np.ones((3, 2)), np.ones((4, 2))), "3 keys and 4 values"),
        ((np.ones((0, 2)), np.ones((3, 2)), np.ones((3, 2))), "Q needs at least one row"),
        ((np.ones((1, 2)), np.ones((3, 2)), np.full((3, 2), np.nan)), "V holds no number in row 0, column 0"),
    ],
)
def test_sizes_that_do_not_fit_get_the_reason(given, said):
    with pytest.raises(InputError, match=said):
        lab.attend(*given)


def test_masks_and_divisors_that_cannot_be_used_get_the_reason():
    with pytest.raises(InputError, match="Query 1 may read no key"):
        lab.attend(Q, K, V, visible=np.array([[1, 1, 1], [0, 0, 0], [1, 1, 1]]))
    with pytest.raises(InputError, match="mask is 2 × 3 and the scores are 3 × 3"):
        lab.attend(Q, K, V, visible=np.ones((2, 3)))
    with pytest.raises(InputError, match="divided by 0"):
        lab.attend(Q, K, V, divisor=0)


def test_masks_let_through_what_their_names_say():
    assert lab.none(1, 2).tolist() == [[True, True]]
    assert lab.causal(2, 3).tolist() == [[True, True, False], [True, True, True]]
    assert lab.padding(1, 3, filled=2).tolist() == [[True, False, False]]
    assert lab.window(2, 4, reach=1).tolist() == [[True, True, False, False], [True, True, True, False]]
