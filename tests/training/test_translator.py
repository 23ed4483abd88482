import json
from pathlib import Path

import numpy as np
import pytest
import torch

from attnviz.capture import capture
from attnviz.inputs import TextPair
from attnviz.models import load
from tests.training.small import SETTINGS
from training import trainer
from training.course import Course, Stage, read
from training.shipping import save_half, save_words
from training.translator import work
from training.translator.aligned import MARKS, Aligned, aligned
from training.translator.evaluate import belonging, counts, error_rate, in_order, links, opened, translated
from training.translator.learner import UNASKED, lesson, model, tensors
from training.translator.pairs import LANGUAGES, Pair, is_held_out, plain
from training.translator.words import learnt, wrapped

OURS = {language: [Pair(*each.texts) for each in aligned(language)] for language in LANGUAGES}
WORDS = {
    language: wrapped(learnt([text for pair in own for text in (pair.source, pair.target)], 300))
    for language, own in OURS.items()
}


def test_fifty_sentences_are_aligned_by_hand():
    assert sum(len(aligned(language)) for language in LANGUAGES) == 50
    for each in (one for language in LANGUAGES for one in aligned(language)):
        sources, targets = zip(*each.links, strict=True)
        assert not {each.source[at] for at in sources} & MARKS
        assert not {each.target[at] for at in targets} & MARKS
        assert len(set(targets)) >= len(each.target) - 3


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [
        ("fr", 1, "J'ai donné un livre rouge à ma sœur."),
        ("fr", 6, "Veux-tu du café chaud ?"),
        ("zh", 0, "我喜欢绿茶。"),
    ],
)
def test_words_are_written_as_a_reader_would_and_found_again(language: str, number: int, text: str):
    each = aligned(language)[number]
    assert each.texts[1] == text
    for words, written, spans in zip((each.source, each.target), each.texts, each.spans, strict=True):
        assert tuple(written[start:end] for start, end in spans) == words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_has_tokens_and_every_token_but_the_end_a_word(language: str):
    for each in aligned(language):
        for text, spans in zip(each.texts, each.spans, strict=True):
            belongs = belonging(WORDS[language], text, spans)
            assert (belongs.sum(axis=1) > 0).all()
            assert belongs.sum(axis=0).tolist() == [1] * (belongs.shape[1] - 1) + [0]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [("我喜欢茶。", ["我", "喜", "欢", "茶", "。"]), ("Il n'a", ["Il", "▁n'", "a"]), ("Veux-tu", ["Veux", "-tu"])],
)
def test_characters_marks_and_joined_words_are_tokens_of_their_own(text: str, pieces: list[str]):
    words = wrapped(learnt([text] * 50, 60))
    assert words.tokenize(text) == pieces
    assert words.decode(words(text)["input_ids"], skip_special_tokens=True) == text


def test_one_english_sentence_in_fifty_is_kept_out_of_training():
    held = [is_held_out(f"I have {number} cats.") for number in range(5000)]
    assert np.mean(held) == pytest.approx(1 / 50, abs=0.006)


def test_apostrophes_and_spaces_are_written_one_way():
    assert plain("L’été\u202f!\u200b ") == "L'été !"


def test_the_decoder_reads_what_it_should_have_written_one_place_later():
    words = WORDS["fr"]
    batch = tensors(words, [OURS["fr"][0], OURS["fr"][10]])
    assert words.decode(batch["before"][0]) == f"<pad>{OURS['fr'][0].target}"
    shorter = batch["answers"][1]
    assert words.decode(shorter[shorter != UNASKED]) == f"{OURS['fr'][10].target}</s>"


def test_links_are_counted_against_our_own():
    """Two of three links are right, of four there are: 1 - 2 * 2 / (3 + 4)."""
    ours = Aligned("fr", ("a", "b", "c", "d"), ("A", "B", "C", "D"), frozenset({(0, 0), (1, 1), (2, 2), (3, 3)}))
    counted = counts([frozenset({(0, 0), (1, 1), (1, 2)})], [ours])
    assert counted.tolist() == [2, 3, 4]
    assert error_rate(counted) == pytest.approx(3 / 7)


def test_words_in_order_are_those_that_stand_as_far_along():
    each = Aligned("fr", ("a", "b", "."), ("A", "B", "C", "D", "."), frozenset())
    assert in_order(each) == {(0, 0), (0, 1), (1, 2), (1, 3)}


def test_two_steps_are_shipped_loaded_and_recorded(tmp_path: Path):
    course = Course(1, 1e-3, 0.0, 1, 1, 1, (Stage(2, 4, {}),), SETTINGS)
    words, own = WORDS["fr"], OURS["fr"]
    torch.manual_seed(0)

    def material(rng: np.random.Generator, stage: Stage) -> trainer.Batch:
        return tensors(words, [own[number] for number in rng.integers(len(own), size=stage.batch)])

    trainer.train(model(course.model, words), course, material, lesson, tmp_path / "run")
    again = model(course.model, words)
    assert trainer.restore(again, tmp_path / "run") == 2
    save_half(again, tmp_path / "translator")
    save_words(words, tmp_path / "translator")
    record = capture(load(tmp_path / "translator"), TextPair("The cat sleeps.", "Le chat dort."))
    crossed = record.layer("cross", 0)
    assert crossed.weights().shape == (2, len(crossed.queries), len(crossed.keys))
    shipped, read_back = opened(tmp_path / "translator")
    assert len(translated(shipped, read_back, ["The cat sleeps."])) == 1
    assert set(links(shipped, read_back, aligned("fr")[0])) == {(0, 0), (0, 1)}


def test_our_sentences_are_written_beside_a_model(tmp_path: Path):
    work.write_samples(tmp_path / "samples", "fr")
    told = json.loads((tmp_path / "samples" / "sentences.json").read_text(encoding="utf-8"))
    assert len(told) == 25
    assert told[0]["target"] == "Le chat noir dort sur le lit."
    assert told[0]["links"][:3] == [[0, 0], [1, 2], [2, 1]]  # The = Le, black = noir, cat = chat


def test_the_course_makes_models_of_two_million_numbers():
    settings = read(work.COURSE).model
    assert sum(each.numel() for each in model(settings, WORDS["zh"]).parameters()) < 3_000_000
