import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from attnviz.axes import Tokens
from attnviz.capture import capture, proof
from attnviz.encode import count, encode
from attnviz.encode.written import label_of
from attnviz.errors import ModelRefused, TooLong, Unreadable
from attnviz.inputs import Candidate, Chat, Generated, Text, TextPair, Turn
from attnviz.models.loading import LoadedModel, wrap
from attnviz.record import AttentionRecord
from tests import tiny, tiny_translators


def axis_of(model: LoadedModel, given: Generated, stack: str = "self") -> Tokens:
    axis = encode(model, given).sides[stack][0].queries
    assert isinstance(axis, Tokens)
    return axis


def lies(axis: Tokens) -> list[str | None]:
    return [axis.source[slice(*span)] if span else None for span in axis.spans]


def ids_of(model: LoadedModel, text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in model.processor(text, add_special_tokens=False)["input_ids"])


@pytest.mark.parametrize("kind", ["gpt2", "llama", "gemma", "bloom"])
def test_what_was_written_after_a_text_is_named_as_if_it_had_been_given(kind: str):
    model = tiny.loaded(kind)
    whole = encode(model, Text(tiny.TEXT)).sides["self"][0].queries
    assert isinstance(whole, Tokens)
    before = "The cat sat"
    start = len(encode(model, Text(before)).sides["self"][0].queries)
    ids = tuple(int(number) for number in encode(model, Text(tiny.TEXT)).tensors["input_ids"][0])
    axis = axis_of(model, Generated(Text(before), ids[start:]))
    assert axis == whole
    assert torch.equal(encode(model, Generated(Text(before), ids[start:])).tensors["input_ids"][0], torch.tensor(ids))


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_token_numbers_are_never_cut_anew(kind: str):
    """A model may write a word in pieces that its tokenizer would not choose."""
    model = tiny.loaded(kind)
    letters = [number for letter in "cat" for number in ids_of(model, "x" + letter)[-1:]]
    assert tuple(letters) != ids_of(model, "cat")[-3:] or len(ids_of(model, "cat")) >= 3
    axis = axis_of(model, Generated(Text("A big"), tuple(letters)))
    assert axis.source == "A bigcat"
    assert lies(axis)[-3:] == ["c", "a", "t"]
    assert encode(model, Generated(Text("A big"), tuple(letters))).tensors["input_ids"][0, -3:].tolist() == letters


def test_a_character_of_several_tokens_lies_at_one_place():
    model = tiny.loaded("gpt2")
    axis = axis_of(model, Generated(Text("The"), ids_of(model, " 猫a")))
    assert list(axis)[-4:] == ["猫 1/3", "猫 2/3", "猫 3/3", "a"]
    assert axis.source == "The 猫a"


def test_bytes_that_make_no_character_are_still_named():
    model = tiny.loaded("gpt2")
    first = ids_of(model, "猫")[0]
    for ids in ((first,), (first,) * 20, (first, *ids_of(model, "a"))):
        axis = axis_of(model, Generated(Text("The"), ids))
        assert len(axis) == len(encode(model, Text("The")).sides["self"][0].queries) + len(ids)
        assert all(label.strip() for label in axis)


def test_an_end_that_was_written_is_special_and_stands_for_no_text():
    model = tiny.loaded("gpt2")
    end = model.processor.eos_token_id
    axis = axis_of(model, Generated(Text("The"), (*ids_of(model, " cat"), end, *ids_of(model, " sat"))))
    at = list(axis).index("<|endoftext|>")
    assert (axis.special[at], axis.spans[at], axis.words[at]) == (True, None, None)
    assert axis.source == "The cat sat"


def test_what_a_model_wrote_of_a_source_names_its_rows():
    model = tiny_translators.loaded("bart")
    given = Generated(Text("The cat sat."), (*ids_of(model, "A dog"), 2))
    encoded = encode(model, given)
    written, read = encoded.sides["decoder"][0].queries, encoded.sides["decoder"][0].keys
    assert (list(written), list(read)) == (["A", "dog", "</s>"], ["<pad>", "A", "dog"])
    assert isinstance(written, Tokens)
    assert written.source == "A dog"
    assert encoded.tensors["decoder_input_ids"].tolist() == [[0, *given.ids[:-1]]]
    assert count(model, given) == len(encoded.sides["encoder"][0].keys)


def test_numbers_that_a_tokenizer_does_not_know_are_named_by_themselves():
    """T5 knows more words than its tokenizer has pieces."""
    words = len(tiny_translators.tokenizer())
    model = wrap(tiny_translators.made("t5", words + 8), tiny_translators.tokenizer())
    axis = axis_of(model, Generated(Text("a"), (words + 3, 2)), "decoder")
    assert list(axis) == [f"#{words + 3}", "</s>"]
    assert label_of(model.processor, words + 3) == f"#{words + 3}"
    with pytest.raises(ModelRefused, match=f"numbered {words + 8:,} and"):
        encode(model, Generated(Text("a"), (3, words + 8)))
    for each in (model, tiny.loaded("gpt2")):
        with pytest.raises(Unreadable, match="numbered from 0; -1 was given"):
            encode(each, Generated(Text("a"), (5, -1)))
    with pytest.raises(ModelRefused):
        encode(tiny.loaded("gpt2"), Generated(Text("a"), (2**40,)))


def test_what_is_too_long_together_is_refused():
    with pytest.raises(TooLong, match=r"has 66 tokens and LlamaForCausalLM reads 64"):
        encode(tiny.loaded("llama"), Generated(Text("猫" * 20), (5,) * 4))
    with pytest.raises(TooLong, match="The target has 65 tokens"):
        encode(tiny_translators.loaded("bart"), Generated(Text("a"), (5,) * 65))


def test_who_writes_nothing_or_not_of_this_is_refused():
    with pytest.raises(Unreadable, match="BertModel does not go on with Text"):
        encode(tiny.loaded("bert"), Generated(Text("a"), (5,)))
    with pytest.raises(Unreadable, match=r"TextPair is no source\. Give it attnviz\.Text\(source\)"):
        encode(tiny_translators.loaded("t5"), Generated(TextPair("a", "b"), (5,)))
    with pytest.raises(Unreadable, match="no token to write"):
        encode(tiny_translators.loaded("t5"), Generated(Text("a"), ()))
    with pytest.raises(Unreadable, match="without a chat template"):
        encode(tiny.loaded("llama"), Generated(Chat((Turn("user", "a"),)), (5,)))


@pytest.mark.parametrize("model", [tiny.loaded("gpt2"), tiny_translators.loaded("t5")], ids=["gpt2", "t5"])
def test_a_record_of_what_was_written_is_proved_and_opens_as_it_was_saved(model: LoadedModel, tmp_path: Path):
    given = Generated(Text("The cat"), (7, 9), ((Candidate("a", 0.5),), (Candidate("b", 0.25),)))
    record = capture(model, given)
    record.save(tmp_path / "written")
    opened = AttentionRecord.open(tmp_path / "written")
    assert opened.given == given
    last = list(record.stacks)[-1]
    assert proof(model, opened, last, 1, 2).difference <= 1e-5
    np.testing.assert_array_equal(opened.layer(last, 1).weights(), record.layer(last, 1).weights())
    assert dataclasses.replace(given, candidates=()).ids == (7, 9)


def test_one_token_alone_is_spelt_for_a_reader():
    words = tiny.tokenizer("bytes")
    spelt = {text: label_of(words, words(text)["input_ids"][0]) for text in (" cat", "\n", " ", "<|endoftext|>")}
    assert spelt == {" cat": "cat", "\n": "⏎", " ": "␣", "<|endoftext|>": "<|endoftext|>"}
    assert label_of(words, words("猫")["input_ids"][0]) == "ç"  # part of a character, as the vocabulary writes it
