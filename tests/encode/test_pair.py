import copy
import json
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
import torch
from tokenizers import processors
from transformers import BartForConditionalGeneration, MarianTokenizer

from attnviz.axes import Tokens
from attnviz.capture import capture, proof
from attnviz.encode import count, encode
from attnviz.encode.languages import tongues
from attnviz.errors import ModelRefused, TooLong, Unreadable
from attnviz.inputs import Generated, Text, TextPair
from attnviz.models.loading import LoadedModel, wrap
from attnviz.record import AttentionRecord
from tests import tiny, tiny_translators

CATS = TextPair("The cat sat.", "It was tired.")


@pytest.fixture(scope="module")
def pairing() -> Any:
    """BERT's kind of tokenizer, with its way to pair two sentences."""
    own = copy.deepcopy(tiny.tokenizer("word pieces"))
    ends = [(name, own.convert_tokens_to_ids(name)) for name in ("[CLS]", "[SEP]")]
    own.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    own.model_input_names = ["input_ids", "token_type_ids", "attention_mask"]
    return own


@pytest.fixture(scope="module")
def bert(pairing: Any) -> LoadedModel:
    return wrap(tiny.model("bert"), pairing)


def axis_of(model: LoadedModel, given: TextPair) -> Tokens:
    axis = encode(model, given).sides["self"][0].queries
    assert isinstance(axis, Tokens)
    return axis


def lies(axis: Tokens) -> list[str | None]:
    return [axis.source[slice(*span)] if span else None for span in axis.spans]


def test_an_encoder_reads_a_pair_as_its_tokenizer_pairs_sentences(bert: LoadedModel):
    axis = axis_of(bert, CATS)
    assert list(axis) == ["[CLS]", "the", "cat", "sat", ".", "[SEP]", "it", "was", "tired", ".", "[SEP]"]
    segments = encode(bert, CATS).tensors["token_type_ids"]
    assert segments.tolist() == [[0] * 6 + [1] * 5]
    assert count(bert, CATS) == 11


def test_spans_point_into_both_texts_with_a_line_break_between(bert: LoadedModel):
    axis = axis_of(bert, CATS)
    assert axis.source == "The cat sat.\nIt was tired."
    assert lies(axis) == [None, "The", "cat", "sat", ".", None, "It", "was", "tired", ".", None]
    assert [at for at, odd in enumerate(axis.special) if odd] == [0, 5, 10]
    assert axis.words == (None, 0, 1, 2, 3, None, 4, 5, 6, 7, None)


def test_the_segments_change_what_the_model_computes(bert: LoadedModel):
    record, tensors = capture(bert, CATS), dict(encode(bert, CATS).tensors)
    with torch.no_grad():
        own = tiny.model("bert")(**tensors, output_attentions=True).attentions
        flat = tiny.model("bert")(
            **tensors | {"token_type_ids": torch.zeros(1, 11, dtype=torch.long)}, output_attentions=True
        )
    np.testing.assert_allclose(record.layer("self", 1).weights(), own[1][0].numpy(), rtol=0, atol=1e-5)
    assert (flat.attentions[1] - own[1]).abs().max() > 0.01
    assert proof(bert, record, "self", 1, 2).difference <= 1e-5


def test_a_record_of_a_pair_opens_as_it_was_saved(bert: LoadedModel, tmp_path: Path):
    record = capture(bert, CATS)
    record.save(tmp_path / "pair")
    assert AttentionRecord.open(tmp_path / "pair").given == CATS


@pytest.mark.parametrize("kind", ["gpt2", "llama", "bert"])
def test_where_a_tokenizer_puts_nothing_between_two_sentences_they_are_two_lines_of_one_text(kind: str):
    model = tiny.loaded(kind)  # this BERT's tokenizer has no way to pair
    pair, text = encode(model, CATS), encode(model, Text("The cat sat.\nIt was tired."))
    assert pair.sides == text.sides
    assert torch.equal(pair.tensors["input_ids"], text.tensors["input_ids"])


@pytest.mark.parametrize(
    ("first", "second"), [("", "cat"), ("cat", ""), ("猫", "猫 猫"), ("[SEP]", "a [CLS] b"), (" a ", " b ")]
)
def test_odd_pairs_are_encoded(bert: LoadedModel, first: str, second: str):
    axis = axis_of(bert, TextPair(first, second))
    half = len(first) + 1
    assert all(span is None or span[1] < half or span[0] >= half for span in axis.spans)


def test_a_model_of_one_segment_is_not_told_of_two(pairing: Any):
    own = copy.deepcopy(tiny.model("roberta"))
    assert own.config.type_vocab_size == 2
    config = type(own.config)(**own.config.to_dict() | {"type_vocab_size": 1})
    one = wrap(type(own)(config).eval(), pairing)
    assert not encode(one, CATS).tensors["token_type_ids"].any()


def test_a_pair_too_long_or_no_text_is_refused(bert: LoadedModel):
    with pytest.raises(TooLong, match="has 603 tokens and BertModel reads 512"):
        encode(bert, TextPair("a " * 300, "a " * 300))
    with pytest.raises(Unreadable, match="Character 3"):
        encode(bert, TextPair("a", "bc\ud83d"))


def test_a_source_or_a_target_too_long_is_refused_with_its_numbers():
    bart = tiny_translators.loaded("bart")
    with pytest.raises(TooLong, match=r"The text has 65 tokens and BartForConditionalGeneration reads 64\."):
        encode(bart, TextPair("猫" * 21, "a"))
    with pytest.raises(TooLong, match=r"The target has 65 tokens and BartForConditionalGeneration writes 64\."):
        encode(bart, TextPair("a", "猫" * 21))
    with pytest.raises(Unreadable, match="Character 1"):
        encode(bart, TextPair("a", "\udc00"))
    assert count(bart, TextPair("a", "猫" * 3)) == 11


def test_an_empty_target_is_its_end_alone():
    axis = encode(tiny_translators.loaded("t5"), TextPair("The cat", "")).sides["cross"][0].queries
    assert list(axis) == ["</s>"]


def test_both_parts_of_a_pair_of_models_have_positions_of_their_own():
    sizes = tiny_translators.MODELS["encoder-decoder"]
    longer, shorter = ({"max_position_embeddings": most} for most in (40, 20))
    model = tiny_translators.made(
        "encoder-decoder",
        len(tiny_translators.tokenizer()),
        encoder=sizes["encoder"] | longer,
        decoder=sizes["decoder"] | shorter,
    )
    own = wrap(model, tiny_translators.tokenizer())
    capture(own, TextPair("猫" * 12 + "a", "猫" * 6))
    with pytest.raises(TooLong, match="reads 40"):
        encode(own, TextPair("猫" * 13, "a"))
    with pytest.raises(TooLong, match="writes 20"):
        encode(own, TextPair("a", "猫" * 7))


def test_a_target_is_shifted_as_each_model_does_it():
    ids = {}
    for kind in ("bart", "mbart", "t5", "m2m_100", "t5gemma", "t5gemma2", "encoder-decoder", "fsmt"):
        encoded = encode(tiny_translators.loaded(kind), TextPair("a", "The cat"))
        read = encoded.sides["decoder"][0].keys
        ids[kind] = (int(encoded.tensors["decoder_input_ids"][0, 0]), read[0])
    start = (0, "<pad>")
    assert ids["bart"] == ids["t5"] == ids["m2m_100"] == ids["encoder-decoder"] == start
    assert ids["mbart"] == ids["fsmt"] == (2, "</s>")  # the last token of the target goes first
    assert ids["t5gemma"] == ids["t5gemma2"] == (1, "<s>")


class Backwards(BartForConditionalGeneration):
    """A model that reads its target from the end."""

    def prepare_decoder_input_ids_from_labels(self, labels: torch.Tensor) -> torch.Tensor:
        return labels.flip(1)


def test_a_model_that_shifts_otherwise_is_refused_as_its_rows_would_be_named_wrongly():
    own = Backwards(tiny_translators.model("bart").config).eval()
    with pytest.raises(ModelRefused, match="one place behind"):
        encode(wrap(own, tiny_translators.tokenizer()), TextPair("a", "The cat"))


def test_a_model_that_does_not_say_how_it_starts_is_refused():
    model = wrap(
        tiny_translators.made("bart", len(tiny_translators.tokenizer()), decoder_start_token_id=None),
        tiny_translators.tokenizer(),
    )
    with pytest.raises(ModelRefused, match="with which token it starts"):
        encode(model, TextPair("a", "b"))


def test_a_model_without_a_head_reads_pairs_too():
    bare = wrap(tiny_translators.model("m2m_100").base_model, tiny_translators.tokenizer())
    whole = capture(tiny_translators.loaded("m2m_100"), CATS)
    np.testing.assert_array_equal(capture(bare, CATS).layer("cross", 1).weights(), whole.layer("cross", 1).weights())


LANGUAGES = {
    "mbart": ("mbart", ["▁", "a", "</s>", "en_XX"], ["▁", "b", "</s>", "fr_XX"], "fr_XX"),
    "mbart50": ("m2m_100", ["en_XX", "▁", "a", "</s>"], ["fr_XX", "▁", "b", "</s>"], "<s>"),
    "nllb": ("m2m_100", ["eng_Latn", "▁", "a", "</s>"], ["fra_Latn", "▁", "b", "</s>"], "<s>"),
}


@pytest.mark.parametrize("name", LANGUAGES)
def test_source_and_target_are_marked_with_their_languages(name: str):
    kind, source, target, start = LANGUAGES[name]
    words = getattr(tiny_translators, name)()
    model = wrap(tiny_translators.made(kind, len(words)), words)
    encoded = encode(model, TextPair("a", "b"))
    read, written = encoded.sides["encoder"][0].keys, encoded.sides["decoder"][0].queries
    assert isinstance(read, Tokens)
    assert isinstance(written, Tokens)
    assert (list(read.raw), list(written.raw)) == (source, target)
    assert encoded.sides["decoder"][0].keys[0] == start
    own = words("a", text_target="b")
    assert encoded.tensors["input_ids"].tolist() == [own["input_ids"]]
    shifted = (
        model.model.prepare_decoder_input_ids_from_labels(torch.tensor([own["labels"]])) if kind == "mbart" else None
    )
    assert shifted is None or torch.equal(encoded.tensors["decoder_input_ids"], shifted)
    assert [axis.special[axis.raw.index(code)] for axis, code in ((read, source[0]), (written, target[-1]))].count(True)


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_language_to_write_must_be_set_and_can_be_changed(name: str):
    kind, _, _, _ = LANGUAGES[name]
    words = getattr(tiny_translators, name)(target=None)
    model = wrap(tiny_translators.made(kind, len(words)), words)
    with pytest.raises(ModelRefused, match=r"model\.processor\.tgt_lang = "):
        encode(model, TextPair("a", "b"))
    for code in ("de_DE", "ro_RO") if "mbart" in name else ("deu_Latn", "ron_Latn"):
        model.processor.tgt_lang = code
        written = encode(model, TextPair("a", "b")).sides["decoder"][0].queries
        assert code in list(written)


@pytest.mark.parametrize("name", LANGUAGES)
def test_threads_never_see_each_others_language(name: str):
    kind, source, target, _ = LANGUAGES[name]
    words = getattr(tiny_translators, name)()
    model = wrap(tiny_translators.made(kind, len(words)), words)
    template = model.processor.backend_tokenizer.post_processor.__getstate__()

    def raw(number: int) -> tuple[list[str], list[str]]:
        sides = encode(model, TextPair("a" * (number % 7 + 1), "b" * (number % 5 + 1))).sides
        read, written = sides["encoder"][0].keys, sides["decoder"][0].queries
        assert isinstance(read, Tokens)
        assert isinstance(written, Tokens)
        return [each for each in read.raw if each not in "ab▁"], [each for each in written.raw if each not in "ab▁"]

    with ThreadPoolExecutor(8) as pool:
        for read, written in pool.map(raw, range(400)):
            assert (read, written) == ([e for e in source if e not in "ab▁"], [e for e in target if e not in "ab▁"])
    assert model.processor.backend_tokenizer.post_processor.__getstate__() == template
    assert tongues("m", model.processor) is tongues("m", model.processor)


@pytest.fixture(scope="module")
def marian(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Marian's tokenizer with a vocabulary for each language, trained on a few words."""
    folder = tmp_path_factory.mktemp("marian")
    words = {"source": "the cat sat on the mat", "target": "le chat est assis sur le tapis"}
    for side, text in words.items():
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter([text] * 20), model_prefix=str(folder / side), vocab_size=24, model_type="char",
            hard_vocab_limit=False, minloglevel=2,
        )  # fmt: skip
        spm = sentencepiece.SentencePieceProcessor(model_file=str(folder / f"{side}.model"))
        pieces = [spm.id_to_piece(number) for number in range(spm.vocab_size())]
        ends = ["</s>", "<unk>", "<pad>"]
        order = ends + sorted({*pieces} - {"<s>", *ends}, reverse=side == "source")
        (folder / f"{side}.json").write_text(json.dumps({piece: number for number, piece in enumerate(order)}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return MarianTokenizer(
            str(folder / "source.model"), str(folder / "target.model"), str(folder / "source.json"),
            target_vocab_file=str(folder / "target.json"), separate_vocabs=True,
        )  # fmt: skip


def test_a_tokenizer_of_two_vocabularies_spells_each_text_by_its_own(marian: Any):
    words = max(len(marian.encoder), len(marian.target_encoder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = wrap(tiny_translators.made("marian", words, eos_token_id=marian.eos_token_id), marian)
        sides = encode(model, TextPair("the cat", "le chat")).sides
        read, written = sides["encoder"][0].keys, sides["decoder"][0].queries
        assert isinstance(read, Tokens)
        assert isinstance(written, Tokens)
    assert [label for label, odd in zip(read, read.special, strict=True) if not odd and label != "␣"] == list("thecat")
    assert [each for each, odd in zip(written, written.special, strict=True) if not odd and each != "␣"] == list(
        "lechat"
    )
    ids = tuple(marian.target_encoder[piece] for piece in ("▁", "c", "h", "a", "t", "</s>"))
    again = encode(model, Generated(Text("the cat"), ids)).sides["decoder"][0].queries
    assert isinstance(again, Tokens)
    assert again.raw == ("▁", "c", "h", "a", "t", "</s>")
    assert again.source == "chat"
