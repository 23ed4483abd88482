from pathlib import Path

import numpy as np
import pytest
import torch

from attnviz.capture import capture
from attnviz.inputs import Sound, SoundAndText
from attnviz.models import load
from tests.training.small import SETTINGS
from training import trainer
from training.course import Course, Stage, read
from training.digits import work
from training.digits.clips import HOP, RATE, Clip, cut, levelled
from training.digits.evaluate import Moments, Timed, even, opened, right, samples
from training.digits.learner import NOTHING, POSITIONS, UNASKED, Learner, lesson, moments, tensors, tokenizer
from training.digits.strings import SECONDS, Spoken, draw, hastened, joined
from training.digits.warping import beginnings, warped


def tone(digit: int, seconds: float = 0.3) -> np.ndarray:
    """Ring a digit, each at a pitch of its own."""
    return levelled(
        np.sin(2 * np.pi * (200 + 100 * digit) * np.arange(round(seconds * RATE)) / RATE).astype(np.float32)
    )


SPEAKERS = tuple(tuple(Clip(tone(digit), digit, name, 0) for digit in range(10)) for name in ("one", "other"))


def seeded(number: int) -> np.random.Generator:
    return np.random.default_rng(number)


def said(number: int = 0) -> Spoken:
    return draw(seeded(number), SPEAKERS, varied=False, least=2)


def test_what_is_quiet_before_and_after_speech_is_cut_off():
    speech = np.pad(tone(3)[: 10 * HOP], (4 * HOP, 7 * HOP))
    assert len(cut(speech)) == 10 * HOP
    assert np.abs(cut(speech)[:HOP]).max() > 0.05


@pytest.mark.parametrize("number", range(10))
def test_a_digit_is_loud_where_it_is_said(number: int):
    spoken = draw(seeded(number), SPEAKERS, varied=True)
    assert 1 <= len(spoken.digits) == len(spoken.spans) <= 5
    assert len(spoken.samples) <= SECONDS * RATE
    loud = np.zeros(len(spoken.samples), bool)
    for start, end in spoken.spans:
        assert end - start == pytest.approx(0.3, rel=0.2)
        loud[round(start * RATE) : round(end * RATE)] = True
    assert spoken.samples[loud].std() > 3 * spoken.samples[~loud].std()


def test_digits_are_said_one_after_the_other_and_the_same_seed_says_the_same():
    first, again = said(), said()
    assert np.array_equal(first.samples, again.samples)
    assert first.digits == again.digits
    assert all(end <= start for (_, end), (start, _) in zip(first.spans, first.spans[1:], strict=False))


def test_what_finds_no_room_is_left_out():
    spoken = joined(seeded(0), [(digit, tone(digit, 1.5)) for digit in range(5)])
    assert spoken.digits == (0, 1)


def test_a_clip_said_twice_as_fast_lasts_half_as_long():
    assert len(hastened(tone(1), 2)) == len(tone(1)) // 2


def test_a_string_becomes_what_the_model_reads_and_should_answer():
    batch = tensors([Spoken(tone(3), (3,), ((0, 0.3),)), Spoken(tone(1), (1, 4), ((0, 0.1), (0.2, 0.3)))])
    assert batch["sounds"].shape == (2, 40, 2 * POSITIONS)
    words = tokenizer()
    assert words.decode(batch["before"][1]) == "<|startoftranscript|><|notimestamps|> 1 4"
    assert batch["answers"][0].tolist()[0] == batch["answers"][0].tolist()[-1] == UNASKED
    assert words.decode(batch["answers"][0][1:3]) == " 3<|endoftext|>"


def test_a_moment_is_a_digit_while_it_is_said():
    told = moments(Spoken(tone(3), (3, 0), ((0.02, 0.06), (0.1, 0.14))))  # middles at 0.01, 0.03, 0.05, 0.07, ...
    assert told[:8].tolist() == [NOTHING, 4, 4, NOTHING, NOTHING, 1, 1, NOTHING]


def test_the_tokenizer_writes_a_token_a_digit():
    words = tokenizer()
    assert words.convert_ids_to_tokens(words(" 3 1")["input_ids"])[2:4] == ["Ġ3", "Ġ1"]


def test_warping_gives_every_position_to_a_word():
    """The numbers of openai/whisper: text 0 0 1 1 1 2 2 2, time 0 1 1 2 3 3 4 5."""
    match = np.array([[0.9, 0.8, 0.1, 0.1, 0.1, 0.1], [0.1, 0.2, 0.9, 0.7, 0.1, 0.1], [0.1, 0.1, 0.1, 0.2, 0.8, 0.9]])
    assert [sorted(path.tolist()) for path in warped(match)] == [[0, 1], [1, 2, 3], [3, 4, 5]]


def test_words_begin_where_attention_moves_on():
    weights = np.full((2, 3, 60), 0.01)
    weights[:, 0, :20] = weights[:, 1, 20:45] = weights[:, 2, 45:] = 1
    assert np.abs(beginnings(weights) - [0, 20, 45]).max() <= 1


def test_the_best_heads_are_those_close_to_the_best():
    inside = np.zeros((100, 2, 2), bool)
    inside[:80, 0, 1] = inside[:75, 1, 0] = inside[:60, 1, 1] = True
    assert Moments(inside, np.zeros(100)).best() == [(0, 1), (1, 0)]


def test_a_beginning_is_wrong_by_its_distance_and_cuts_by_what_lies_outside_the_silence():
    """The first digit ends at 1.0 and the second begins at 1.2 s."""
    found = Timed(np.array([1.1, 0.9, 1.25]), np.array([1.0] * 3), np.array([1.2] * 3))
    np.testing.assert_allclose(found.off, [100, 300, 50])
    np.testing.assert_allclose(found.cut, [0, 100, 50], atol=1e-9)


def test_digits_spread_evenly_begin_too_early_where_the_sound_begins_with_silence():
    found = even([Spoken(np.zeros(2 * RATE, np.float32), (1, 2), ((1.0, 1.4), (1.5, 1.9)))])
    assert (found.begun.tolist(), found.ended.tolist(), found.started.tolist()) == ([1.0], [1.4], [1.5])


def test_two_steps_are_shipped_loaded_and_recorded(tmp_path: Path):
    course = Course(1, 1e-3, 0.0, 1, 1, 1, (Stage(2, 3, {}),), SETTINGS)
    torch.manual_seed(0)
    learner = Learner(course.model)

    def material(rng: np.random.Generator, stage: Stage) -> trainer.Batch:
        return tensors([draw(rng, SPEAKERS, varied=True) for _ in range(stage.batch)])

    trainer.train(learner, course, material, lesson, tmp_path / "run")
    again = Learner(course.model)
    assert trainer.restore(again, tmp_path / "run") == 2
    work.ship(again, tmp_path / "digits")
    spoken = said()
    record = capture(load(tmp_path / "digits"), SoundAndText(Sound(RATE, spoken.samples.tobytes()), spoken.text))
    crossed = record.layer("cross", 0).weights()
    assert crossed.shape == (2, len(spoken.digits) + 2, POSITIONS)
    assert right(*opened(tmp_path / "digits"), [spoken]).tolist() in ([False], [True])


def test_samples_are_read_as_they_were_written(tmp_path: Path):
    work.write_samples(tmp_path / "samples", SPEAKERS)
    first, *rest = samples(tmp_path)
    drawn = draw(np.random.default_rng([work.SAMPLES_SEED, 0]), SPEAKERS, varied=False, least=2)
    assert len(rest) == 11
    assert first.digits == drawn.digits
    np.testing.assert_allclose(first.spans, drawn.spans, atol=1e-4)
    np.testing.assert_allclose(first.samples, drawn.samples, atol=1e-4)  # 16 bits a sample


def test_the_course_makes_a_model_of_a_million_numbers():
    settings = read(work.COURSE).model
    assert sum(each.numel() for each in Learner(settings).whisper.parameters()) < 2_000_000
