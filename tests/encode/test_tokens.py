from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnviz.axes import Tokens
from attnviz.encode.tokens import cut, name
from tests import tiny

KINDS = ["word pieces", "bytes", "fallback"]
ODD = "猫👨‍👩‍👧\u0301\u200d\u202e\x00\ufffdİßﬁ½한ﷺ🇨🇳Ａ \n\t'’.-éÉ\u3000"
texts = st.text(
    alphabet=st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"], exclude_characters="Ġ▁"))
)


def named(kind: str, text: str) -> Tokens:
    processor = tiny.tokenizer(kind)
    return name(processor, text, cut(processor, text))


def shown(kind: str, text: str) -> list[str]:
    tokens = named(kind, text)
    return [label for label, special in zip(tokens, tokens.special, strict=True) if not special]


@pytest.mark.parametrize("kind", KINDS)
@given(text=texts)
@settings(max_examples=150, deadline=None)
def test_any_text_becomes_labels_that_can_be_read_and_spans_that_lie_in_it(kind: str, text: str):
    tokens = named(kind, text)
    spans = [span for span in tokens.spans if span is not None]
    assert all(0 <= start < stop <= len(text) for start, stop in spans)
    assert all(first[0] <= second[0] and first[1] <= second[1] for first, second in pairwise(spans))
    assert all(label.strip() for label in tokens)
    odd = {"\ufffd", "Ġ", "▁", "##"} - ({"##"} if "##" in text else set())
    assert not any(mark in label for label in tokens for mark in odd)
    assert all(word is None for word, span in zip(tokens.words, tokens.spans, strict=True) if span is None)


@pytest.mark.parametrize("kind", KINDS)
@given(text=texts)
@settings(max_examples=50, deadline=None)
def test_every_character_but_space_lies_in_some_token(kind: str, text: str):
    covered = {place for span in named(kind, text).spans if span is not None for place in range(*span)}
    lost = "".join(character for place, character in enumerate(text) if place not in covered)
    if kind != "word pieces":  # BERT's normaliser drops what cannot be seen, and accents that stand alone
        assert lost == "" or lost.isspace()


def test_uncased_pieces_are_shown_as_the_model_reads_them():
    assert shown("word pieces", "The Cat satÉ")[:3] == ["the", "cat", "sat"]


def test_byte_pieces_become_the_character_and_which_part():
    assert shown("bytes", "a 猫!")[-4:] == ["猫 1/3", "猫 2/3", "猫 3/3", "!"] or shown("bytes", "猫") == [
        "猫 1/3",
        "猫 2/3",
        "猫 3/3",
    ]
    assert shown("fallback", "猫")[-3:] == ["猫 1/3", "猫 2/3", "猫 3/3"]


def test_pieces_of_one_character_share_its_span_and_its_word():
    tokens = named("fallback", "the 猫")
    assert tokens.spans[-3:] == ((4, 5),) * 3
    assert tokens.words[-3:] == (1, 1, 1)


@pytest.mark.parametrize("kind", ["bytes", "fallback"])
def test_the_space_before_a_word_is_not_part_of_it(kind: str):
    tokens = named(kind, "the cat sat")
    words = [tokens.source[slice(*span)] for span in tokens.spans if span is not None]
    assert "".join(words) == "thecatsat"
    assert not any(label.startswith((" ", "␣")) for label in tokens)


@pytest.mark.parametrize(("kind", "text", "seen"), [("bytes", "a\n\tb", "a⏎⇥b"), ("fallback", "a\n\tb", "␣a⏎⇥b")])
def test_white_space_is_made_visible(kind: str, text: str, seen: str):
    assert "".join(shown(kind, text)).removeprefix("␣") == seen.removeprefix("␣")


def test_a_mark_that_stands_for_no_text_has_no_span():
    tokens = named("fallback", "猫")
    assert (tokens.raw[1], tokens.labels[1], tokens.spans[1]) == ("▁", "␣", None)


def test_an_unknown_token_shows_the_text_it_stands_for():
    tokens = named("word pieces", "the 猫 sat")
    assert (tokens.raw[2], tokens.labels[2], tokens.spans[2]) == ("[UNK]", "猫", (4, 5))
    assert not tokens.special[2]


def test_special_tokens_keep_their_name_and_stand_for_no_text():
    tokens = named("word pieces", "a")
    assert (tokens.labels[0], tokens.special[0], tokens.spans[0]) == ("[CLS]", True, None)
    assert (tokens.labels[-1], tokens.special[-1]) == ("[SEP]", True)


def test_special_tokens_that_somebody_typed_are_special_but_a_mask_stands_for_a_word():
    tokens = named("word pieces", "a [SEP] b [MASK]")
    typed = tokens.labels.index("[SEP]")
    assert (tokens.special[typed], tokens.spans[typed]) == (True, (2, 7))
    mask = tokens.labels.index("[MASK]")
    assert not tokens.special[mask]
    assert tokens.spans[mask] == (10, 16)


def test_the_raw_spelling_stays_at_hand():
    assert "Ġcat" in named("bytes", "the cat").raw
    assert "▁cat" in named("fallback", "the cat").raw


def test_a_text_of_nothing_has_only_what_the_tokenizer_adds():
    assert named("word pieces", "").labels == ("[CLS]", "[SEP]")
    assert named("fallback", "").labels == ("<s>",)
    assert named("bytes", "").labels == ()


class Slow:
    """A tokenizer that does not say where it cuts, as transformers' Python ones."""

    is_fast = False
    unk_token_id, bos_token_id, eos_token_id = 0, 1, 2
    all_special_ids = (0, 1, 2)
    pieces = ("<s>", "▁the", "▁c", "at", "▁<unk>", "!")
    numbers = (1, 5, 6, 7, 8, 9)

    def __call__(self, text: str, **_: object) -> dict[str, list[int]]:
        return {"input_ids": list(self.numbers), "special_tokens_mask": [1, 0, 0, 0, 0, 0]}

    def convert_ids_to_tokens(self, ids: list[int]) -> list[str]:
        return list(self.pieces)

    def convert_tokens_to_string(self, pieces: list[str]) -> str:
        return "".join(pieces).replace("▁", " ")


def test_a_tokenizer_that_does_not_say_where_it_cuts_is_followed_piece_by_piece():
    tokens = name(Slow(), "The cat 猫!", cut(Slow(), "The cat 猫!"))
    assert tokens.spans == (None, (0, 3), (4, 5), (5, 7), None, (9, 10))
    assert tokens.labels == ("<s>", "The", "c", "at", "<unk>", "!")
    assert tokens.words == (None, 0, 1, 1, None, 3)
