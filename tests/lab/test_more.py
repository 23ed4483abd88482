"""Heads, other ways to score, pooling, regions, costs."""

import numpy as np
import pytest
import torch

from attnviz import lab
from attnviz.errors import InputError
from attnviz.lab import costs, regions


def test_heads_are_split_and_joined_back():
    rows = np.arange(12.0).reshape(2, 6)
    parts = lab.split(rows, 3)
    assert parts[1].tolist() == [[2, 3], [8, 9]]
    np.testing.assert_array_equal(lab.joined(parts), rows)
    with pytest.raises(InputError, match="6 numbers cannot be split among 4 heads"):
        lab.split(rows, 4)


def test_heads_do_what_torch_does():
    torch.manual_seed(0)
    theirs = torch.nn.MultiheadAttention(8, 2, bias=False, batch_first=True).double()
    x, y = torch.randn(1, 3, 8, dtype=torch.double), torch.randn(1, 5, 8, dtype=torch.double)
    w_q, w_k, w_v = (each.detach().numpy() for each in theirs.in_proj_weight.chunk(3))
    parts = (x[0].numpy() @ w_q.T, y[0].numpy() @ w_k.T, y[0].numpy() @ w_v.T)
    done = lab.attend_in_heads(*(lab.split(each, 2) for each in parts), theirs.out_proj.weight.detach().numpy().T)
    output, weights = theirs(x, y, y, average_attn_weights=False)
    np.testing.assert_allclose(done.output, output[0].detach(), rtol=0, atol=1e-12)
    np.testing.assert_allclose([head.weights for head in done.heads], weights[0].detach(), rtol=0, atol=1e-12)


def test_query_heads_of_a_group_share_their_keys():
    chance = np.random.default_rng(0)
    queries, keys, values = (chance.normal(size=(heads, 3, 2)) for heads in (4, 2, 2))
    done = lab.attend_in_heads(queries, keys, values, np.eye(8))
    assert [head.keys.tolist() for head in done.heads] == [keys[at].tolist() for at in (0, 0, 1, 1)]
    with pytest.raises(InputError, match="3 query heads cannot share 2 key heads"):
        lab.attend_in_heads(queries[:3], keys, values, np.eye(6))
    with pytest.raises(InputError, match="join to 8 numbers and W_O has 7 rows"):
        lab.attend_in_heads(queries, keys, values, np.eye(7))


def test_ways_to_score_a_worked_pair():
    q, k = np.array([[3.0, 4.0]]), np.array([[4.0, 3.0], [0.0, 0.0]])
    assert lab.dot(q, k).tolist() == [[24, 0]]
    np.testing.assert_allclose(lab.scaled_dot(q, k), [[24 / 2**0.5, 0]])
    np.testing.assert_allclose(lab.cosine(q, k), [[24 / 25, 0]])
    assert lab.general(q, k, np.array([[0, 1], [1, 0]])).tolist() == [[25, 0]]
    hidden = np.tanh(3 + 4) + 2 * np.tanh(4 + 3)
    np.testing.assert_allclose(lab.additive(q, k, np.eye(2), np.eye(2), np.array([1, 2]))[0, 0], hidden)


def test_pooling_weighs_elements_and_adds_them_up():
    done = lab.pooled(np.array([[1.0, 0.0], [0.0, 1.0]]), np.log([1.0, 3.0]))
    np.testing.assert_allclose(done.weights, [0.25, 0.75])
    np.testing.assert_allclose(done.whole, [0.25, 0.75])
    scores = lab.importances(np.eye(2), np.eye(2), np.zeros(2), np.array([1.0, 2.0]))
    np.testing.assert_allclose(scores, np.tanh(1) * np.array([1, 2]))
    with pytest.raises(InputError, match="1 scores for 2 elements"):
        lab.pooled(np.eye(2), np.ones(1))


@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (2, 3), (5, 7)])
def test_regions_add_up_to_the_picture(rows, cols):
    picture = np.random.default_rng(0).random((5, 7, 3))
    parts = regions.cut(picture, rows, cols)
    assert len(parts) == rows * cols
    np.testing.assert_array_equal(parts.sum(axis=0), picture)
    np.testing.assert_allclose(regions.recomposed(parts, np.full(rows * cols, 1 / (rows * cols))), picture)


def test_a_region_of_half_the_largest_weight_is_half_as_bright():
    parts = regions.cut(np.ones((2, 2, 1)), 1, 2)
    assert regions.recomposed(parts, np.array([0.5, 0.25]))[:, :, 0].tolist() == [[1, 0.5], [1, 0.5]]
    with pytest.raises(InputError, match="2 regions need 2 weights"):
        regions.recomposed(parts, np.array([0.0, 0.0]))
    with pytest.raises(InputError, match="cannot be cut into 3 × 1"):
        regions.cut(np.ones((2, 2, 1)), 3, 1)


def test_what_a_layer_costs_by_hand():
    found = costs.cost(costs.Shape(tokens=4, width=8, layers=1, heads=2, key_heads=2))
    assert found.projections == 4 * (2 * 4 * 8 * 8)
    assert found.pairs == 2 * (2 * 4 * 4 * 8)
    assert (found.maps_bytes, found.kept_bytes) == (2 * 4 * 4 * 4, 2 * 4 * 8 * 4)


def test_maps_of_2_048_tokens_take_the_gigabytes_of_the_design():
    found = costs.cost(costs.Shape(tokens=2048, width=576, layers=30, heads=9, key_heads=3))
    assert round(found.maps_bytes / 1e9, 2) == 4.53
    assert round(found.kept_bytes / 1e9, 2) == 0.19


def test_pairs_cost_as_much_as_projections_where_they_cross():
    shape = costs.Shape(tokens=0, width=8, layers=1, heads=2, key_heads=1)
    at = costs.cost(costs.Shape(int(costs.crossing(shape)), 8, 1, 2, 1))
    assert at.pairs == at.projections


def test_a_path_of_attention_is_one_step_and_of_recurrence_every_token():
    paths = {each.name: each.path for each in costs.kinds(81, 512)}
    assert paths == {"attention": 1, "recurrence": 81, "convolution": pytest.approx(4), "restricted": 81 / 64}
