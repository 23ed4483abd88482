"""What heads do, on heads that do one thing."""

import numpy as np
import pytest

from attnviz import measures

COUNT = 8


def one(weights):
    return weights[None].astype(np.float32)


def towards(offset):
    """Give a head that reads the key so many positions on, and itself where there is none."""
    queries = np.arange(COUNT)
    keys = queries + offset
    keys[(keys < 0) | (keys >= COUNT)] = queries[(keys < 0) | (keys >= COUNT)]
    return one(np.eye(COUNT)[keys])


@pytest.mark.parametrize(("offset", "kind"), [(-1, "previous"), (1, "next"), (0, "self")])
def test_a_head_that_reads_one_offset_is_named_by_it(record_of, offset, kind):
    head = measures.character(record_of(towards(offset)), "self")[0][0]
    assert head.kind == kind
    assert head.score == pytest.approx(1)
    assert head.chance == pytest.approx(1 / COUNT)


def test_a_head_that_reads_the_first_token_is_first_even_when_that_is_special(record_of):
    head = measures.character(record_of(one(np.eye(COUNT)[np.zeros(COUNT, int)]), special=[0, 7]), "self")[0][0]
    assert (head.kind, head.score) == ("first", pytest.approx(1))


def test_a_head_that_spreads_over_special_tokens_is_special(record_of):
    rows = np.tile(np.eye(COUNT)[0] / 2 + np.eye(COUNT)[7] / 2, (COUNT, 1))
    head = measures.character(record_of(one(rows), special=[0, 7]), "self")[0][0]
    assert (head.kind, head.score, head.chance) == ("special", pytest.approx(1), pytest.approx(0.25))


def test_a_head_that_reads_all_alike_is_even(record_of):
    head = measures.character(record_of(one(np.full((COUNT, COUNT), 1 / COUNT))), "self")[0][0]
    assert (head.kind, head.score, head.chance) == ("even", pytest.approx(1), 1)


def test_an_even_causal_head_is_even_though_its_first_column_is_full(record_of):
    even = np.tril(np.ones((COUNT, COUNT))) / np.arange(1, COUNT + 1)[:, None]
    assert measures.character(record_of(one(even), causal=True), "self")[0][0].kind == "even"


def test_chance_on_a_causal_mask_is_the_mean_of_the_even_rows(record_of):
    head = measures.character(record_of(towards(-1), causal=True), "self")[0][0]
    assert head.chance == pytest.approx(np.mean([1 / (query + 1) for query in range(1, COUNT)]))


def test_a_head_that_does_a_little_of_everything_is_mixed(record_of):
    head = measures.character(record_of(0.4 * towards(-1) + 0.3 * towards(1) + 0.3 * towards(0)), "self")[0][0]
    assert head.kind == "mixed"
    assert 0 < head.score < 0.9


def test_half_of_two_tokens_is_chance_and_names_nothing(record_of):
    head = measures.character(record_of(np.array([[[0.3, 0.7], [0.9, 0.1]]])), "self")[0][0]
    assert head.kind in ("even", "mixed")


def test_one_token_can_only_be_read_evenly_or_not_at_all(record_of):
    assert measures.character(record_of(np.ones((1, 1, 1))), "self")[0][0].kind == "mixed"


def test_offsets_mean_nothing_between_two_sentences(record_of):
    cross = np.eye(6)[None, :5]
    assert measures.character(record_of(cross), "self")[0][0].kind == "mixed"


def test_a_sink_is_special_and_shifts_no_offset(record_of):
    heads = np.concatenate([0.9 * towards(0), np.full((1, COUNT, COUNT), 0.1 / COUNT)])
    previous, sink = measures.character(record_of(heads, sink=True), "self")[0]
    assert (previous.kind, previous.score) == ("self", pytest.approx(0.9))
    assert (sink.kind, sink.score) == ("special", pytest.approx(0.9))


def test_every_head_of_every_layer_has_a_character(record_of):
    layers = np.random.default_rng(1).dirichlet(np.ones(5), size=(3, 4, 5))
    assert [len(row) for row in measures.character(record_of(*layers), "self")] == [4, 4, 4]
