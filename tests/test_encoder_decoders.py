"""Every type of encoder-decoder that a family lists, from a source and a target to three stacks of maps."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from attnviz import measures
from attnviz.axes import Joined, Tokens
from attnviz.capture import capture, proof
from attnviz.encode import encode
from attnviz.errors import MeasureError, Unreadable, WeightsUnavailable
from attnviz.families.encoder_decoder import ENCODER_DECODERS
from attnviz.families.sparse import SPARSES
from attnviz.inputs import Generated, Text, TextPair
from attnviz.models.attention import recording
from attnviz.models.loading import wrap
from attnviz.models.twin import twin
from attnviz.record import AttentionRecord
from tests import banded, tiny, tiny_translators

GIVEN = TextPair(tiny.TEXT, "A dog chased 猫.")
WITH_CROSS = [family for family in SPARSES if "cross" in family.stacks]  # the others read pairs in one stack
KINDS = sorted(name for family in (*ENCODER_DECODERS, *WITH_CROSS) for name in family.model_types)
STREAMS = {"prophetnet"}  # positions of its decoder are what is read, and what is written one and two tokens ahead
MERGED = {"t5gemma2"}  # a row of its decoder is shared between what is written and the source


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def record(kind: str) -> AttentionRecord:
    return capture(tiny_translators.loaded(kind), GIVEN)


def eager(kind: str) -> dict[str, list[np.ndarray]]:
    """The weights that the model itself returns, one (head, query, key) a layer of each stack."""
    slow = twin(tiny_translators.model(kind), "eager")
    tensors = encode(tiny_translators.loaded(kind), GIVEN).tensors
    with torch.no_grad():
        told = slow(**tensors, output_attentions=True, use_cache=False)
    own = {
        stack: [each[0].numpy() for each in told[f"{stack}_attentions"]] for stack in ("encoder", "decoder", "cross")
    }
    if kind == "led":
        own["encoder"] = [banded.spread(each) for each in own["encoder"]]
    if kind == "prophetnet":  # which reports scores where it should report weights, and its streams apart
        for stack in ("encoder", "cross"):
            own[stack] = [banded.shared(scores) for scores in own[stack]]
        streams = zip(own["decoder"], told["decoder_ngram_attentions"], strict=True)
        own["decoder"] = [banded.streams(read, ahead[0].numpy()) for read, ahead in streams]
    if kind == "longt5":
        own["encoder"] = [banded.joined(each, tensors["input_ids"].shape[1]) for each in own["encoder"]]
    if kind in MERGED:
        parts = zip(own["decoder"], own.pop("cross"), strict=True)
        own["decoder"] = [np.concatenate(both, axis=2) for both in parts]
    return own


def test_every_map_of_every_stack_is_the_models_own(kind: str, record: AttentionRecord):
    own = eager(kind)
    assert {stack: len(layers) for stack, layers in own.items()} == record.stacks
    for stack, layers in own.items():
        for layer, weights in enumerate(layers):
            drawn = record.layer(stack, layer).weights()
            assert drawn.shape == weights.shape
            np.testing.assert_allclose(drawn, weights, rtol=0, atol=1e-5)


def test_every_row_sums_to_one_and_is_far_from_even(record: AttentionRecord):
    for stack, layers in record.stacks.items():
        for layer in range(layers):
            np.testing.assert_allclose(record.layer(stack, layer).weights().sum(axis=2), 1, rtol=0, atol=1e-5)
        last = record.layer(stack, layers - 1)
        assert np.abs(last.weights() - 1 / last.reachable[:, :, None]).max() > 0.1


def test_the_output_of_the_model_is_unchanged(kind: str):
    model, own = tiny_translators.loaded(kind), tiny_translators.model(kind)
    tensors = encode(model, GIVEN).tensors
    others = ("eager", "sdpa") if own._supports_sdpa and model.family.chooses else ("eager",)
    with torch.no_grad():
        ours = model.model(**tensors, use_cache=False)[0]
        for implementation in others:
            plain = twin(own, implementation)(**tensors, use_cache=False)[0]
            np.testing.assert_allclose(ours, plain, rtol=1e-5, atol=1e-5)


def test_rows_of_the_decoder_are_named_by_what_they_write_and_its_keys_by_what_it_reads(
    kind: str, record: AttentionRecord
):
    source, decoder = record.layer("encoder", 0), record.layer("decoder", 0)
    written, read = decoder.queries, decoder.keys
    if kind in STREAMS:
        assert isinstance(written, Joined)
        assert written == read == record.layer("cross", 0).queries
        read, *ahead = written.parts
        labels = [*list(read)[1:], "</s>"]
        assert [list(own) for own in ahead] == [[f"+{step} {label}" for label in labels] for step in (1, 2)]
        assert record.layer("cross", 0).keys == source.queries
        return
    assert isinstance(written, Tokens)
    if isinstance(read, Joined):
        read, seen = read.parts
    else:
        seen = record.layer("cross", 0).keys
        assert record.layer("cross", 0).queries == written
    assert source.queries == source.keys == seen
    assert isinstance(read, Tokens)
    assert (source.queries.source, written.source, read.source) == (GIVEN.first, GIVEN.second, GIVEN.second)
    assert list(read)[1:] == list(written)[:-1]
    assert (read.special[0], read.spans[0], written[len(written) - 1]) == (True, None, "</s>")
    assert [written.source[slice(*span)] for span in written.spans[:3] if span] == ["A", "dog", "chased"]
    assert len(written) != len(source.queries)


def test_no_row_of_the_decoder_sees_what_it_writes(kind: str, record: AttentionRecord):
    for layer in range(record.stacks["decoder"]):
        own = record.layer("decoder", layer)
        assert not np.triu(own.weights()[:, :, : len(own.queries)], 1).any()


def test_the_proof_agrees_in_every_stack(kind: str, record: AttentionRecord):
    for stack in record.stacks:
        shown = proof(tiny_translators.loaded(kind), record, stack, 1, 2)
        assert max(shown.row_sum_error, shown.difference) <= 1e-5


def test_a_record_opens_as_it_was_saved(record: AttentionRecord, tmp_path: Path):
    record.save(tmp_path / "pair.attn.safetensors")
    opened = AttentionRecord.open(tmp_path / "pair.attn.safetensors")
    assert (opened.model, opened.given, opened.stacks) == (record.model, record.given, record.stacks)
    for stack in record.stacks:
        first, second = record.layer(stack, 1), opened.layer(stack, 1)
        assert (first.queries, first.keys) == (second.queries, second.keys)
        np.testing.assert_array_equal(first.weights(), second.weights())


def test_threads_that_share_a_model_each_get_their_own_record(kind: str):
    model = tiny_translators.loaded(kind)
    pairs = [TextPair(tiny.TEXT, "A dog."), TextPair("a", "b"), TextPair("A dog.", tiny.TEXT), GIVEN] * 3
    last = list(model.layers)[-1]
    alone = {pair: capture(model, pair).layer(last, 1).weights() for pair in set(pairs)}
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda pair: capture(model, pair), pairs))
    for pair, own in zip(pairs, together, strict=True):
        assert own.given == pair
        np.testing.assert_allclose(own.layer(last, 1).weights(), alone[pair], rtol=0, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("half", ["t5", "bart", "led", "bigbird_pegasus", "longt5", "prophetnet"])
def test_half_precision_is_as_close_to_the_models_own_as_that_can_tell(half: str, dtype: torch.dtype):
    own = tiny_translators.model(half)
    other = type(own)(own.config).to(dtype).eval()
    other.load_state_dict(own.state_dict())
    model = wrap(other, tiny_translators.tokenizer())
    record = capture(model, GIVEN)
    for stack in record.stacks:
        assert proof(model, record, stack, 1, 2).difference <= 2e-2


def test_measures_of_self_attention_work_in_encoder_and_decoder_and_not_between_them():
    record = capture(tiny_translators.loaded("bart"), GIVEN)
    for stack in ("encoder", "decoder"):
        rolled = measures.rollout(record, stack)
        np.testing.assert_allclose(rolled.weights.sum(axis=1), 1, rtol=0, atol=1e-5)
        assert measures.distance(record, stack).values[0].shape == (tiny.HEADS,)
        assert len(measures.character(record, stack)) == tiny.LAYERS
    assert (rolled.queries, rolled.keys) == (record.layer("decoder", 0).queries, record.layer("decoder", 0).keys)
    for measure in (measures.rollout, measures.distance):
        with pytest.raises(MeasureError, match="self-attention"):
            measure(record, "cross")


def test_the_report_says_of_the_decoder_that_it_is_causal_and_of_the_third_stack_that_it_crosses():
    stacks = capture(tiny_translators.loaded("t5"), GIVEN).report.stacks
    assert {stack: layers[0].cross for stack, layers in stacks.items()} == {
        "encoder": False,
        "decoder": False,
        "cross": True,
    }
    assert stacks["decoder"][1].mask == "causal"


def test_one_text_alone_is_refused_with_both_ways_out():
    with pytest.raises(Unreadable, match=r"TextPair\(source, target\), or let it write: attnviz.generate\(model"):
        encode(tiny_translators.loaded("t5"), Text("The cat sat."))


@pytest.mark.parametrize("kind", ["bart", "mvp"])
def test_two_inputs_at_once_are_refused_and_never_squeezed_into_one(kind: str):
    model = tiny_translators.loaded(kind)
    encoded = encode(model, GIVEN)
    twice = {name: torch.cat([tensor, tensor]) for name, tensor in encoded.tensors.items()}
    with recording() as seen, torch.inference_mode():
        model.forward(**twice)
    with pytest.raises(WeightsUnavailable, match="read 2 inputs at once; a record holds one"):
        model.family.assemble(seen, encoded.sides, model.layers)


def test_encoding_never_pads():
    for kind in ("t5", "bart"):
        encoded = encode(tiny_translators.loaded(kind), TextPair("a", tiny.TEXT))
        assert encoded.tensors["attention_mask"].all()
        assert (encoded.tensors["input_ids"] != 0).all()
        assert (encoded.tensors["decoder_input_ids"][:, 1:] != 0).all()


def test_a_source_that_generates_is_an_input_like_a_pair():
    model = tiny_translators.loaded("bart")
    pair = capture(model, GIVEN)
    written = tuple(int(number) for number in model.processor(GIVEN.second)["input_ids"])
    again = capture(model, Generated(Text(GIVEN.first), written))
    for stack in pair.stacks:
        np.testing.assert_array_equal(again.layer(stack, 1).weights(), pair.layer(stack, 1).weights())
    assert list(again.layer("cross", 0).queries) == list(pair.layer("cross", 0).queries)
