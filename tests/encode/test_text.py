import dataclasses
import time

import pytest
import torch

from attnviz.encode import count, encode
from attnviz.errors import ModelRefused, TooLong, Unreadable
from attnviz.inputs import Text
from attnviz.models.loading import LoadedModel, wrap
from tests import tiny


@pytest.fixture
def bert() -> LoadedModel:
    return tiny.loaded("bert")


def test_tensors_and_names_have_one_length(bert: LoadedModel):
    encoded = encode(bert, Text("The cat sat."))
    sides = encoded.sides["self"]
    queries, keys = sides[0].queries, sides[0].keys
    assert sides == (sides[0],) * bert.layers["self"]
    assert queries is keys
    assert {tensor.shape for tensor in encoded.tensors.values()} == {(1, len(queries))}
    assert set(encoded.tensors) == {"input_ids", "attention_mask", "token_type_ids"}


def test_a_decoder_is_not_told_of_sentence_types():
    assert set(encode(tiny.loaded("gpt2"), Text("a")).tensors) == {"input_ids", "attention_mask"}


def test_counting_needs_no_names(bert: LoadedModel):
    assert count(bert, Text("The cat sat.")) == len(encode(bert, Text("The cat sat.")).sides["self"][0].queries)


def test_a_text_too_long_is_refused_with_the_number_the_bound_and_the_way_out():
    llama = tiny.loaded("llama")
    assert llama.positions == 64
    text = Text("猫" * 21)  # 63 bytes, a mark for the word and the start
    assert count(llama, text) == 65
    with pytest.raises(TooLong, match=r"has 65 tokens and LlamaForCausalLM reads 64\. Shorten it by 1, or"):
        encode(llama, text)
    assert len(encode(llama, Text("猫" * 20 + "ab")).sides["self"][0].queries) <= 64


def test_the_longest_text_that_fits_runs_through_models_that_start_counting_late():
    roberta = tiny.loaded("roberta")
    assert roberta.positions == 512
    fits = encode(roberta, Text("猫" * 170 + "!!"))
    assert fits.tensors["input_ids"].shape == (1, 512)
    with torch.inference_mode():
        roberta.forward(**fits.tensors)


def test_a_text_that_leaves_no_token_is_refused():
    with pytest.raises(Unreadable, match="at least one character"):
        encode(tiny.loaded("gpt2"), Text(""))
    assert len(encode(tiny.loaded("llama"), Text("")).sides["self"][0].queries) == 1


def test_half_a_surrogate_pair_is_refused_with_its_place(bert: LoadedModel):
    with pytest.raises(Unreadable, match="Character 3"):
        encode(bert, Text("ab\ud83dc"))
    with pytest.raises(Unreadable):
        count(bert, Text("\udc00"))


def test_what_is_no_text_is_refused(bert: LoadedModel):
    with pytest.raises(Unreadable, match="this is str"):
        encode(bert, "The cat")  # type: ignore[arg-type]


LONG = {
    "letters": "a" * 100_000,
    "words": "cat " * 25_000,
    "faces": "👩‍🚀" * 33_000,
    "accents": "\u0301" * 100_000,
    "猫": "猫" * 100_000,
}
FITS = {("bert", "letters"), ("bert", "faces"), ("bert", "accents")}  # a word without end is one unknown token


@pytest.mark.parametrize("kind", ["bert", "gpt2", "llama"])
@pytest.mark.parametrize("long", LONG)
def test_a_hundred_thousand_characters_are_answered_in_seconds(kind: str, long: str):
    began = time.perf_counter()
    if (kind, long) in FITS:
        assert len(encode(tiny.loaded(kind), Text(LONG[long])).sides["self"][0].queries) <= 3
    else:
        with pytest.raises(TooLong):
            encode(tiny.loaded(kind), Text(LONG[long]))
    assert time.perf_counter() - began < 10


def test_a_tokenizer_of_another_model_is_refused():
    stranger = wrap(tiny.model("bert"), tiny.tokenizer("bytes"))
    with pytest.raises(ModelRefused, match="do not belong together"):
        encode(dataclasses.replace(stranger), Text("zzz ~~~ Ψ 猫"))


@pytest.mark.parametrize(
    "text", ["  \n ", "\x00", "שלום العالم", "👨‍👩‍👧‍👦", "\u202e\u2066", "e\u0301", "<s></s>[CLS]<|endoftext|>"]
)
@pytest.mark.parametrize("kind", ["bert", "gpt2", "llama", "roberta"])
def test_odd_texts_are_encoded(kind: str, text: str):
    axis = encode(tiny.loaded(kind), Text(text)).sides["self"][0].queries
    assert all(label.strip() for label in axis)
