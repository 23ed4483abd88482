"""Longformer, LED and BigBird in texts that they do not read whole: each pair that is compared, and no other."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import LongformerConfig, LongformerForQuestionAnswering, LongformerForSequenceClassification

from attnviz.capture import capture, gradients, proof
from attnviz.encode import encode
from attnviz.errors import TooLong, WeightsUnavailable
from attnviz.inputs import Text, TextPair
from attnviz.models import by_hand
from attnviz.models.attention import recording
from attnviz.models.listening import listen
from attnviz.models.loading import LoadedModel, wrap
from attnviz.models.probe import long_probe, read_at_most
from attnviz.models.twin import twin
from attnviz.models.verify import verify
from attnviz.record import AttentionRecord, Bits, Layer
from tests import banded, tiny, tiny_translators
from tests.tiny_sizes import MODELS, WINDOW

LONG = " ".join([tiny.TEXT] * 3)
REACH = WINDOW // 2
SIZE, TIMES = 2, 1  # of BigBird's blocks, and how often the first one counts again


def encoder(kind: str) -> tuple[LoadedModel, str]:
    if kind in tiny.MODELS:
        return tiny.loaded(kind), "self"
    return tiny_translators.loaded(kind), "encoder"


def tensors(kind: str, text: str, everywhere: tuple[int, ...] = ()) -> dict[str, Tensor]:
    """What a model is given, with tokens that are read everywhere."""
    model, stack = encoder(kind)
    given = dict(encode(model, Text(text) if stack == "self" else TextPair(text, "A dog.")).tensors)
    if everywhere:
        given["global_attention_mask"] = torch.zeros_like(given["input_ids"])
        given["global_attention_mask"][0, list(everywhere)] = 1
    return given


def drawn(kind: str, given: Mapping[str, Tensor]) -> list[np.ndarray]:
    """The maps of an encoder, one (head, query, key) a layer."""
    model, stack = encoder(kind)
    with recording() as seen, torch.inference_mode():
        model.forward(**given)
    return [call.weights()[0] for call in model.family.sort(seen)[stack]]


def reported(kind: str, given: Mapping[str, Tensor]) -> list[np.ndarray]:
    """The same as the model itself returns them."""
    _, stack = encoder(kind)
    slow = twin((tiny if stack == "self" else tiny_translators).model(kind), "eager")
    with torch.no_grad():
        told = slow(**given, output_attentions=True)
    at = "attentions" if stack == "self" else "encoder_attentions"
    own = [each[0].numpy() for each in told[at]]
    if kind.startswith("big"):
        return own
    marked = given.get("global_attention_mask", torch.zeros(1, 0))[0].nonzero()[:, 0].tolist()
    rows = (
        told["global_attentions" if stack == "self" else "encoder_global_attentions"] if marked else [None] * len(own)
    )
    return [
        banded.spread(each, marked, None if row is None else row[0].numpy())
        for each, row in zip(own, rows, strict=True)
    ]


@pytest.mark.parametrize("kind", ["longformer", "led"])
@pytest.mark.parametrize("everywhere", [(), (0,), (3, 9)])
@pytest.mark.parametrize("text", ["a", tiny.TEXT, LONG])
def test_a_band_is_the_models_own_with_and_without_tokens_that_read_everywhere(
    kind: str, everywhere: tuple[int, ...], text: str
):
    given = tensors(kind, text)
    length = given["input_ids"].shape[1]
    given = tensors(kind, text, tuple(each for each in everywhere if each < length))
    for ours, theirs in zip(drawn(kind, given), reported(kind, given), strict=True):
        assert ours.shape == (tiny.HEADS, length, length)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)
        np.testing.assert_allclose(ours.sum(axis=2), 1, rtol=0, atol=1e-5)


def test_a_token_sees_two_to_each_side_and_those_that_are_read_everywhere():
    seen = drawn("longformer", tensors("longformer", LONG, (20,)))[1] > 0
    assert seen[:, 10].any(axis=0).nonzero()[0].tolist() == [8, 9, 10, 11, 12, 20]
    assert seen[:, 20].all()
    alone = drawn("longformer", tensors("longformer", LONG))[1] > 0
    assert alone[0, 10].nonzero()[0].tolist() == [8, 9, 10, 11, 12]


@pytest.mark.parametrize("kind", ["longformer", "led"])
def test_a_token_that_reads_everywhere_does_so_with_projections_of_its_own(kind: str):
    model, _ = encoder(kind)
    given = tensors(kind, LONG, (5,))
    before = drawn(kind, given)[0]
    module = next(each for each in model.backbone.modules() if hasattr(each, "query_global"))
    with torch.no_grad():
        module.query_global.weight.mul_(-1)
        try:
            after = drawn(kind, given)[0]
        finally:
            module.query_global.weight.mul_(-1)
    others = [row for row in range(before.shape[1]) if row != 5]
    np.testing.assert_array_equal(before[:, others], after[:, others])
    assert np.abs(before[:, 5] - after[:, 5]).max() > 0.1


@pytest.mark.parametrize("kind", ["longformer", "led"])
@pytest.mark.parametrize("length", range(1, 2 * WINDOW + 2))
def test_what_a_model_pads_to_whole_windows_is_read_by_no_token_and_never_drawn(kind: str, length: int):
    given = {name: each[:, :length] for name, each in tensors(kind, LONG).items() if not name.startswith("decoder")}
    given |= {name: each for name, each in tensors(kind, LONG).items() if name.startswith("decoder")}
    for ours, theirs in zip(drawn(kind, given), reported(kind, given), strict=True):
        assert ours.shape == theirs.shape == (tiny.HEADS, length, length)
        np.testing.assert_allclose(theirs.sum(axis=2), 1, rtol=0, atol=1e-5)  # nothing of it went to the padding
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


def counted_again(own: np.ndarray) -> np.ndarray:
    """What BigBird reports, with the first block as often as it counts.

    Shape   (head, query, key), padding included.
    """
    block = np.arange(own.shape[1]) // SIZE
    between = (block > 0) & (block < block[-1])
    again = own.copy()
    again[:, between, :SIZE] *= 1 + TIMES
    return again


@pytest.mark.parametrize("kind", ["big_bird", "bigbird_pegasus"])
@pytest.mark.parametrize("text", [LONG, LONG + " a", LONG + LONG[:40]])
def test_blocks_are_the_models_own_once_the_first_counts_as_often_as_the_output_holds_it(kind: str, text: str):
    given = tensors(kind, text)
    length = given["input_ids"].shape[1]
    for ours, theirs in zip(drawn(kind, given), reported(kind, given), strict=True):
        whole = counted_again(theirs)
        np.testing.assert_allclose(whole[:, :length].sum(axis=2), 1, rtol=0, atol=1e-5)
        assert not whole[:, :length, length:].any()
        np.testing.assert_allclose(ours, whole[:, :length, :length], rtol=0, atol=1e-5)


def test_a_block_sees_its_neighbours_and_both_ends_which_see_all():
    seen = drawn("big_bird", tensors("big_bird", LONG))[0].max(axis=0) > 0
    last = (len(seen) - 1) // SIZE * SIZE
    assert seen[11].nonzero()[0].tolist() == [0, 1, 8, 9, 10, 11, 12, 13, *range(last, len(seen))]
    assert seen[:SIZE].all()
    assert seen[last:].all()


@cache
def long_t5(kind: str) -> LoadedModel:
    words = tiny_translators.tokenizer()
    return wrap(tiny_translators.made("longt5", len(words), encoder_attention_type=kind), words)


@pytest.mark.parametrize("kind", ["local", "transient-global"])
@pytest.mark.parametrize("text", ["a", tiny.TEXT, LONG, LONG + " a cat"])
def test_blocks_and_the_sums_after_them_are_the_models_own(kind: str, text: str):
    model = long_t5(kind)
    record = capture(model, TextPair(text, "A dog."))
    given = encode(model, TextPair(text, "A dog.")).tensors
    length, sums = given["input_ids"].shape[1], given["input_ids"].shape[1] // 4 if kind != "local" else 0
    with torch.no_grad():
        told = twin(model.model, "eager")(**given, output_attentions=True, use_cache=False).encoder_attentions
    for layer, own in enumerate(told):
        drawn = record.layer("encoder", layer)
        assert (len(drawn.queries), len(drawn.keys)) == (length, length + sums)
        np.testing.assert_allclose(drawn.weights(), banded.joined(own[0].numpy(), length), rtol=0, atol=1e-5)
        np.testing.assert_allclose(drawn.weights().sum(axis=2), 1, rtol=0, atol=1e-5)
    assert record.layer("cross", 0).keys == record.layer("encoder", 0).queries


def test_a_sum_is_named_by_its_ends_and_the_last_one_has_what_is_left_over(tmp_path: Path):
    record = capture(long_t5("transient-global"), TextPair(tiny.TEXT, "A dog."))
    layer = record.layer("encoder", 1)
    tokens = list(layer.queries)
    assert len(tokens) == 14
    assert list(layer.keys)[14:] == [f"Σ {tokens[first]} … {tokens[last]}" for first, last in ((0, 3), (4, 7), (8, 13))]
    assert (layer.weights()[:, :, 14:] > 0).all()
    record.save(tmp_path / "sums")
    assert AttentionRecord.open(tmp_path / "sums").layer("encoder", 1).keys == layer.keys


def test_a_token_of_a_band_of_blocks_sees_three_to_each_side():
    seen = capture(long_t5("local"), TextPair(LONG, "A dog.")).layer("encoder", 1).weights() > 0
    assert seen[0, 10].nonzero()[0].tolist() == [*range(7, 14)]


@pytest.mark.parametrize("kind", ["longformer", "big_bird", "led", "bigbird_pegasus"])
@pytest.mark.parametrize("text", ["a", LONG])
def test_the_output_of_the_model_is_unchanged(kind: str, text: str):
    model, stack = encoder(kind)
    given = tensors(kind, text)
    with torch.no_grad(), recording():
        ours = model.model(**given)[0]
        plain = twin((tiny if stack == "self" else tiny_translators).model(kind), "eager")(**given)[0]
    np.testing.assert_allclose(ours, plain, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["longformer", "big_bird", "led", "bigbird_pegasus"])
def test_a_long_text_is_kept_as_queries_and_keys_proven_saved_and_opened(kind: str, tmp_path: Path):
    model, stack = encoder(kind)
    record = capture(model, Text(LONG) if stack == "self" else TextPair(LONG, "A dog."))
    shown = proof(model, record, stack, 1, 2)
    assert max(shown.row_sum_error, shown.difference) <= 1e-5
    record.save(tmp_path / "long")
    first, second = record.layer(stack, 1), AttentionRecord.open(tmp_path / "long").layer(stack, 1)
    assert isinstance(first, Layer)
    np.testing.assert_array_equal(first.weights(), second.weights())
    length = len(first.queries)
    assert first.tile(2, slice(3, length), slice(0, length - 1)).shape == (length - 3, length - 1)


def test_layers_share_one_mask_and_one_bias():
    record = capture(tiny.loaded("big_bird"), Text(LONG))
    first, second = (record.layer("self", layer) for layer in range(2))
    assert isinstance(first, Layer)
    assert isinstance(second, Layer)
    assert isinstance(first.visible, Bits)
    assert first.visible is second.visible
    assert first.bias is second.bias


def test_a_report_tells_of_a_band_and_of_blocks():
    band = capture(tiny.loaded("longformer"), Text(LONG)).report.stacks["self"][0]
    assert (band.kept, band.mask, band.window) == ("queries and keys", "window", WINDOW + 1)
    blocks = capture(tiny.loaded("big_bird"), Text(LONG)).report.stacks["self"][0]
    assert (blocks.kept, blocks.mask, blocks.bias) == ("queries and keys", "other", "by pair")
    assert capture(tiny.loaded("big_bird"), Text("a cat")).report.stacks["self"][0].mask == "full"


def test_two_inputs_at_once_are_refused():
    model = tiny.loaded("longformer")
    twice = {name: torch.cat([each, each]) for name, each in tensors("longformer", LONG).items()}
    with pytest.raises(WeightsUnavailable, match="read 2 inputs at once"), recording(), torch.inference_mode():
        model.forward(**twice)


def test_gradients_are_refused_as_no_table_of_pairs_is_in_the_graph():
    with pytest.raises(WeightsUnavailable, match="shows no weights that its output could be differentiated by"):
        gradients(tiny.loaded("longformer"), Text(tiny.TEXT), lambda output: output[0].sum())


def test_a_model_is_held_to_a_text_that_it_does_not_read_whole(monkeypatch: pytest.MonkeyPatch):
    own, family = twin(tiny.loaded("big_bird").model, "eager"), tiny.loaded("big_bird").family
    listen(own, family)
    verify(own, family, {"self": tiny.LAYERS})
    monkeypatch.setattr(by_hand, "_repeats", lambda *given: None)
    with pytest.raises(WeightsUnavailable, match=r"L0 of BigBirdModel is 0\.\d+ away"):
        verify(own, family, {"self": tiny.LAYERS})


def test_the_longer_probe_passes_the_edge_of_a_band_and_marks_two_tokens():
    given = long_probe(tiny.model("longformer"), causal=False)
    assert given is not None
    assert given["input_ids"].shape[1] == REACH + 3
    assert int(given["global_attention_mask"].sum()) == 2
    assert long_probe(tiny.model("bert"), causal=False) is None


def test_positions_are_those_of_whole_windows_and_blocks():
    assert tiny_translators.loaded("led").positions == 64
    assert read_at_most(twin(tiny.model("big_bird"), "eager").config) == 64
    config = twin(tiny.model("big_bird"), "eager").config
    config.max_position_embeddings = 65
    assert read_at_most(config) == 64
    with pytest.raises(TooLong, match="reads 64"):
        capture(tiny.loaded("big_bird"), Text(" ".join([tiny.TEXT] * 8)))


def test_a_classifier_reads_its_first_token_everywhere_and_one_that_answers_its_question():
    kind, sizes = MODELS["longformer"]
    words = tiny.tokenizer(kind)
    torch.manual_seed(0)
    config = LongformerConfig(vocab_size=len(words), **sizes)
    own = wrap(LongformerForSequenceClassification(config), words)
    last = capture(own, Text(LONG)).layer("self", 1).weights()
    assert (last[:, :, 0] > 0).all()
    assert (last[:, 0] > 0).all()
    answers = wrap(LongformerForQuestionAnswering(config), words)
    ids = torch.tensor([[3, 4, 5, 2, 2, 6, 7, 8, 9, 10, 11, 12, 2]])
    with recording() as seen, torch.inference_mode():
        answers.forward(input_ids=ids, attention_mask=torch.ones_like(ids))
    assert (seen[0].weights()[0][:, 12] > 0).any(axis=0).nonzero()[0].tolist() == [0, 1, 2, 10, 11, 12]


@pytest.mark.parametrize("kind", ["big_bird", "bigbird_pegasus"])
def test_a_short_text_does_not_change_how_the_next_one_is_read(kind: str):
    model, stack = encoder(kind)
    texts = [LONG, "a", tiny.TEXT, LONG + " a"] * 4

    def last(text: str) -> np.ndarray:
        given = Text(text) if stack == "self" else TextPair(text, "A dog.")
        return capture(model, given).layer(stack, 1).weights()

    alone = {text: last(text) for text in set(texts)}
    with ThreadPoolExecutor(4) as pool:
        for text, own in zip(texts, pool.map(last, texts), strict=True):
            np.testing.assert_allclose(own, alone[text], rtol=0, atol=1e-6)
    assert not alone[LONG][0, 11, 20]
    assert alone[tiny.TEXT].all()
