"""Every type of model that a family lists, from text to map: what is drawn is what the model computes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from attnviz.capture import capture, proof
from attnviz.encode import encode
from attnviz.families import FAMILIES
from attnviz.inputs import Text
from attnviz.models.loading import wrap
from attnviz.models.processors import HEARD, SEEN
from attnviz.models.twin import twin
from attnviz.record import SINK, AttentionRecord
from tests import banded, tiny, tiny_translators

GIVEN = Text(tiny.TEXT)
KINDS = sorted(tiny.MODELS)


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def record(kind: str) -> AttentionRecord:
    return capture(tiny.loaded(kind), GIVEN)


def eager(kind: str, given: Text) -> list[np.ndarray]:
    """The weights that the model itself returns, one (head, query, key) a layer."""
    slow = twin(tiny.model(kind), "eager")
    if kind == "big_bird":
        slow.set_attention_type("original_full")  # as so short a text would make it do, which its own hooks overlook
    with torch.no_grad():
        attentions = slow(**encode(tiny.loaded(kind), given).tensors, output_attentions=True).attentions
    facts = tiny.loaded(kind).facts
    if len(attentions) == facts.layers + len(facts.left_out):  # MiniMax reports the states of its linear layers too
        attentions = [each for place, each in enumerate(attentions) if place not in dict(facts.left_out)]
    assert len(attentions) == facts.layers
    own = [weights[0].numpy() for weights in attentions]
    return [banded.spread(each) for each in own] if kind == "longformer" else own


def test_every_type_that_a_family_lists_has_a_tiny_model():
    """Those that see or hear are gone over where pictures and sounds are tested, each type of them too."""
    listed = {name for family in FAMILIES if not (SEEN | HEARD) & set(family.reads) for name in family.model_types}
    assert listed == set(KINDS) | set(tiny_translators.MODELS)


def test_every_map_is_the_models_own(kind: str, record: AttentionRecord):
    for layer, own in enumerate(eager(kind, GIVEN)):
        drawn = record.layer("self", layer).weights()
        assert drawn.shape[0] == tiny.HEADS == own.shape[0]  # grouped queries are shown one by one
        np.testing.assert_allclose(drawn[:, :, : own.shape[2]], own, rtol=0, atol=1e-5)


def test_rows_are_far_from_even_so_that_a_wrong_map_would_show(record: AttentionRecord):
    weights, reachable = record.layer("self", 1).weights(), record.layer("self", 1).reachable
    assert np.abs(weights - 1 / reachable[:, :, None]).max() > 0.1


def test_every_row_sums_to_one_its_sink_included(record: AttentionRecord):
    for layer in range(tiny.LAYERS):
        np.testing.assert_allclose(record.layer("self", layer).weights().sum(axis=2), 1, rtol=0, atol=1e-5)


def test_the_output_of_the_model_is_unchanged(kind: str):
    tensors = encode(tiny.loaded(kind), GIVEN).tensors
    has_sdpa = tiny.model(kind)._supports_sdpa and tiny.loaded(kind).family.chooses
    others = ("eager", "sdpa") if has_sdpa else ("eager",)
    with torch.no_grad():
        ours = tiny.loaded(kind).model(**tensors)[0]
        for implementation in others:
            plain = twin(tiny.model(kind), implementation)(**tensors)[0]
            np.testing.assert_allclose(ours, plain, rtol=1e-5, atol=1e-5)


def test_threads_that_share_a_model_each_get_their_own_record(kind: str):
    model = tiny.loaded(kind)
    texts = [Text(sentence) for sentence in (*tiny.SENTENCES[:2], "a", tiny.TEXT)] * 4
    alone = {text: capture(model, text).layer("self", 1).weights() for text in set(texts)}
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: capture(model, text), texts))
    for text, record in zip(texts, together, strict=True):
        assert record.given == text
        np.testing.assert_allclose(record.layer("self", 1).weights(), alone[text], rtol=0, atol=1e-6)


def test_rows_and_tiles_are_those_of_the_map(record: AttentionRecord):
    drawn = record.map("self", 1, 3).weights
    np.testing.assert_allclose(record.row("self", 1, 3, query=4), drawn[4], rtol=0, atol=1e-6)
    np.testing.assert_allclose(record.tile("self", 1, 3), drawn, rtol=0, atol=1e-6)
    corner = record.tile("self", 1, 3, queries=slice(2, 10), keys=slice(1, 7), shape=(4, 3), pool="max")
    np.testing.assert_allclose(corner, drawn[2:10, 1:7].reshape(4, 2, 3, 2).max(axis=(1, 3)), rtol=0, atol=1e-6)


def test_a_record_opens_as_it_was_saved(record: AttentionRecord, tmp_path: Path):
    record.save(tmp_path / "cat.attn.safetensors")
    opened = AttentionRecord.open(tmp_path / "cat.attn.safetensors")
    assert (opened.model, opened.given, opened.stacks) == (record.model, record.given, record.stacks)
    for layer in range(tiny.LAYERS):
        first, second = record.layer("self", layer), opened.layer("self", layer)
        assert (first.queries, first.keys) == (second.queries, second.keys)
        np.testing.assert_array_equal(first.weights(), second.weights())


def test_the_proof_agrees(kind: str, record: AttentionRecord):
    shown = proof(tiny.loaded(kind), record, "self", 1, 2)
    assert shown.row_sum_error <= 1e-5
    assert shown.difference <= 1e-5


@pytest.mark.parametrize(
    ("kind", "narrow"), [("mistral", (0, 1)), ("gemma2", (0,)), ("gemma3_text", (0, 1)), ("gpt_oss", (0,))]
)
def test_a_sliding_window_hides_what_is_further_back(kind: str, narrow: tuple[int, ...]):
    record = capture(tiny.loaded(kind), GIVEN)
    for layer in range(tiny.LAYERS):
        last = record.row("self", layer, 0, query=len(record.layer("self", layer).queries) - 1)
        seen = int(np.count_nonzero(last[: len(record.layer("self", layer).queries)]))
        assert seen == (tiny.WINDOW if layer in narrow else len(record.layer("self", layer).queries))


def test_a_learned_sink_is_the_last_key_and_takes_its_share():
    drawn = capture(tiny.loaded("gpt_oss"), GIVEN).map("self", 1, 0)
    assert drawn.keys[len(drawn.keys) - 1] == SINK
    assert (drawn.weights[:, -1] > 0).all()
    assert len(drawn.keys) == len(drawn.queries) + 1


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_kept_as_the_model_holds_it(dtype: torch.dtype, tmp_path: Path):
    half = twin(tiny.model("llama"), "eager")
    half = type(half)(half.config).to(dtype).eval()
    record = capture(wrap(half, tiny.tokenizer("fallback")), GIVEN)
    record.save(tmp_path / "half")
    opened = AttentionRecord.open(tmp_path / "half")
    assert record.layer("self", 0).q.itemsize == 2
    np.testing.assert_array_equal(opened.map("self", 1, 3).weights, record.map("self", 1, 3).weights)
    np.testing.assert_allclose(record.map("self", 1, 3).weights.sum(axis=1), 1, rtol=0, atol=1e-5)
