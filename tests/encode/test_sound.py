"""A sound becomes what its model takes, and each of its moments stays where it is."""

from typing import Any

import numpy as np
import pytest
import transformers

from attnviz.encode.sound import CLOCKS, resampled, sound_tensors
from attnviz.errors import ModelError, TooLong, Unreadable
from attnviz.families.frames import sound_frames
from attnviz.inputs import Sound
from tests.families.test_frames import heard, tiny

EXTRACTORS = {
    "wav2vec2": transformers.Wav2Vec2FeatureExtractor(),
    "whisper": transformers.WhisperFeatureExtractor(),
    "audio-spectrogram-transformer": transformers.ASTFeatureExtractor(),
    "speech_to_text": transformers.Speech2TextFeatureExtractor(),
    "wav2vec2-bert": transformers.SeamlessM4TFeatureExtractor(),
    "lasr_encoder": transformers.LasrFeatureExtractor(feature_size=16),
    "parakeet_encoder": transformers.ParakeetFeatureExtractor(feature_size=16),
    "speecht5": transformers.SpeechT5FeatureExtractor(),
}
LEAST = {  # samples; a normed spectrogram needs more than one column
    "wav2vec2": 1,
    "speecht5": 1,
    "whisper": 1,
    "audio-spectrogram-transformer": 240,
    "speech_to_text": 560,
    "wav2vec2-bert": 560,
    "parakeet_encoder": 320,
    "lasr_encoder": 400,
}


def sound(samples: np.ndarray, rate: int = 16000) -> Sound:
    return Sound(rate, samples.astype(np.float32).tobytes())


def hum(seconds: float, rate: int = 16000, click: float | None = None) -> Sound:
    """A tone of 440 Hz, with a click of 2 ms where one is asked for."""
    times = np.arange(round(seconds * rate)) / rate
    samples = 0.1 * np.sin(2 * np.pi * 440 * times)
    if click is not None:
        samples[abs(times - click) < 0.001] += 0.8
    return sound(samples, rate)


def test_every_extractor_that_is_noted_is_held_against_a_sound():
    assert {type(extractor).__name__ for extractor in EXTRACTORS.values()} == CLOCKS.keys()


@pytest.mark.parametrize("kind", EXTRACTORS)
@pytest.mark.parametrize("rate", [16000, 44100])
def test_a_click_moves_the_frame_that_is_named_by_its_moment(kind: str, rate: int):
    model, extractor = tiny(kind), EXTRACTORS[kind]
    plain, clicked = (sound_tensors(extractor, hum(1.5, rate, click)) for click in (None, 0.87))
    name = extractor.model_input_names[0]
    before, after = (heard(model, each.tensors[name]) for each in (plain, clicked))
    far = np.abs(after - before).sum(axis=1)
    frames = sound_frames(model.config, clicked.length, clicked.step, clicked.sound.seconds)
    assert len(frames) == len(far)
    start, stop = frames.spans[int(far.argmax())] or (0, 0)
    assert start - (stop - start) <= 0.87 < stop + (stop - start)  # it, or a neighbour


@pytest.mark.parametrize("kind", EXTRACTORS)
def test_steps_are_counted_along_the_time_of_the_tensor(kind: str):
    made = sound_tensors(EXTRACTORS[kind], hum(1.5, 48000))
    expected = {"whisper": 30.0, "audio-spectrogram-transformer": 10.24}.get(kind, 1.5)
    assert made.length * made.step == pytest.approx(expected, abs=0.03)  # a column is 0.025 seconds wide
    assert (made.sound.rate, made.sound.seconds) == (16000, 1.5)
    assert {len(tensor) for tensor in made.tensors.values()} == {1}


def test_a_sound_at_the_models_rate_is_taken_as_it_is():
    given = hum(0.5)
    assert sound_tensors(EXTRACTORS["wav2vec2"], given).sound is given


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 44099])
def test_a_tone_of_another_rate_is_the_same_tone(rate: int):
    own = resampled(hum(1, rate), 16000)
    assert len(own.samples) == 16000
    inner = slice(800, -800)  # the filter meets silence at both ends
    np.testing.assert_allclose(own.samples[inner], hum(1).samples[inner], rtol=0, atol=2e-4)


def test_what_a_lower_rate_cannot_hold_is_gone_and_not_folded_back():
    times = np.arange(48000) / 48000
    squeak = sound(0.5 * np.sin(2 * np.pi * 12000 * times), 48000)
    assert np.abs(resampled(squeak, 16000).samples[800:-800]).max() < 1e-3


@pytest.mark.parametrize(
    ("kind", "longest", "says"),
    [("whisper", 480000, r"hears 30\.0"), ("audio-spectrogram-transformer", 164239, r"hears 10\.3")],
)
def test_what_an_extractor_would_cut_off_is_refused_with_by_how_much(kind: str, longest: int, says: str):
    sound_tensors(EXTRACTORS[kind], sound(np.ones(longest)))
    with pytest.raises(TooLong, match=says + r".*Cut it by 0\.1"):
        sound_tensors(EXTRACTORS[kind], sound(np.ones(longest + 1)))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # extractors take the mean of no columns
@pytest.mark.parametrize(("kind", "least"), LEAST.items())
def test_a_sound_too_short_for_its_extractor_is_refused_and_one_longer_makes_numbers(kind: str, least: int):
    noise = np.random.default_rng(0).normal(size=least) * 0.1
    made = sound_tensors(EXTRACTORS[kind], sound(noise))
    assert all(tensor.isfinite().all() for tensor in made.tensors.values())
    if least > 1:
        with pytest.raises(Unreadable, match=r"makes nothing of a sound of 0\.0"):
            sound_tensors(EXTRACTORS[kind], sound(noise[:-1]))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_silence_that_an_extractor_divides_by_is_refused():
    assert sound_tensors(EXTRACTORS["whisper"], sound(np.zeros(16000))).length == 3000
    with pytest.raises(Unreadable, match="gives no numbers"):
        sound_tensors(EXTRACTORS["speech_to_text"], sound(np.zeros(16000)))


def test_an_extractor_that_nobody_noted_is_refused():
    class Stranger:
        sampling_rate = 16000

    stranger: Any = Stranger()
    with pytest.raises(ModelError, match="what Stranger makes"):
        sound_tensors(stranger, hum(1))
