"""Every measure against numbers taken from the embedded model by other means: facts/fixtures_minilm.json."""

import json

import numpy as np
import pytest

import attnviz
from attnviz import measures

NATS = np.log(2)  # nats in a bit


@pytest.fixture(scope="module")
def facts(shared):
    return json.loads((shared / "facts/fixtures_minilm.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def record(facts):
    return attnviz.capture(attnviz.load("minilm"), attnviz.Text(facts["text"]))


def layer_means(scores):
    return [layer.mean() for layer in scores.values]


def test_rollout_of_the_first_token(record, facts):
    flow = measures.rollout(record, "self")
    np.testing.assert_allclose(flow.weights[0], facts["rollout_CLS_row"], atol=1e-4)


def test_entropy_of_each_layer(record, facts):
    scores = measures.entropy(record, "self")
    np.testing.assert_allclose(np.array(layer_means(scores)) * NATS, facts["entropy_layer_mean_nats"], atol=1e-4)
    np.testing.assert_allclose(scores.chance[0] * NATS, facts["entropy_uniform"], atol=1e-4)


def test_distance_of_each_layer(record, facts):
    np.testing.assert_allclose(layer_means(measures.distance(record, "self")), facts["distance_layer_mean"], atol=1e-3)


@pytest.mark.parametrize(
    ("landmark", "layer", "head", "kind"),
    [("top_prev", 0, 2, "previous"), ("top_next", 1, 8, "next"), ("top_cls", 2, 7, "first")],
)
def test_heads_that_are_known_for_one_thing(record, facts, landmark, layer, head, kind):
    name, score = facts[landmark]
    assert name == f"L{layer}H{head}"
    found = measures.character(record, "self")[layer][head]
    assert (found.kind, found.score, found.chance) == (kind, pytest.approx(score, abs=1e-4), pytest.approx(1 / 13))


def test_the_mean_of_all_heads_is_the_mean_of_their_maps(record):
    every = [record.map("self", layer, head).weights for layer in range(6) for head in range(12)]
    np.testing.assert_allclose(measures.average(record, "self").weights, np.mean(every, axis=0), atol=1e-6)


def test_what_a_pronoun_reads_in_the_head_that_reads_the_first_token(record):
    read = measures.reading(record.map("self", 2, 7), query=8)
    assert record.layer("self", 2).queries[8] == "it"
    assert read.top[0].label == "[CLS]"
    assert read.budget[0].share > 0.8
    assert read.most_bits == pytest.approx(np.log2(13))
