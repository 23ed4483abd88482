"""Files of sound from anywhere: read as they are, or refused in little time and memory."""

import io
import random
import struct
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
import soundfile

from attnviz import inputs
from attnviz.errors import InputError, TooLarge, TooLong, Unreadable
from attnviz.inputs import Sound, read_sound

RATE = 16000
TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.float32)
KINDS = {
    "wav": ("WAV", "PCM_16"),
    "wav of floats": ("WAV", "FLOAT"),
    "wav of 24 bits": ("WAVEX", "PCM_24"),
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
LOSSY = ("ogg", "opus", "mp3")
BYTES = 24 * 2**20  # of memory; a minute at 16 kHz takes 4


def written(kind: str, samples: np.ndarray = TONE, rate: int = RATE) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format=KINDS[kind][0], subtype=KINDS[kind][1])
    return out.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_a_tone_of_any_kind_of_file_is_heard(kind: str):
    heard = read_sound(written(kind))
    assert (type(heard), heard.rate, heard.seconds) == (Sound, RATE, pytest.approx(1, abs=0.05))
    if kind in LOSSY:
        strength = np.abs(np.fft.rfft(heard.samples[: RATE - 1000] * np.hanning(RATE - 1000)))
        assert strength.argmax() * RATE / (RATE - 1000) == pytest.approx(440, abs=2)
    else:
        np.testing.assert_allclose(heard.samples, TONE, rtol=0, atol=1 / 2**15)


def test_of_two_channels_the_mean_is_heard():
    left, right = np.full(100, 0.5), np.full(100, -0.25)
    np.testing.assert_allclose(read_sound(written("wav of floats", np.stack([left, right], 1))).samples, 0.125)


def test_what_is_louder_than_full_is_cut_there():
    assert read_sound(written("wav of floats", TONE * 4)).samples.max() == 1


@pytest.mark.parametrize("rate", [8000, 44100, 48000])
def test_the_rate_is_the_files_own(rate: int):
    assert read_sound(written("flac", rate=rate)).rate == rate


def test_the_limits_are_arguments():
    data = written("wav")
    assert read_sound(data, max_bytes=len(data), max_seconds=1).seconds == 1
    with pytest.raises(TooLarge, match=r"0\.0 MB.*up to 0 MB"):
        read_sound(data, max_bytes=len(data) - 1)
    with pytest.raises(TooLong, match=r"1\.0 seconds.*up to 0\.9"):
        read_sound(data, max_seconds=0.9)


def test_a_wave_file_whose_writer_did_not_know_its_length_is_heard():
    data = written("wav")
    assert data[36:40] == b"data"
    assert read_sound(data[:4] + b"\xff" * 4 + data[8:40] + b"\xff" * 4 + data[44:]).seconds == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no WAV, FLAC, OGG or MP3"),
        (b"The cat sat on the mat.", "no WAV, FLAC, OGG or MP3"),
        (b"RIFF\x10\0\0\0AVI LIST", "no WAV, FLAC, OGG or MP3"),
        (b"RIFF\x10\0\0\0WAVEThe cat sat on the mat.", "broken off"),
        (b"fLaC" + b"The cat sat on the mat." * 100, "damaged or broken off"),
        (b"OggS" + bytes(100), "damaged or broken off"),
        (b"\xff\xfb" + bytes(5000), "damaged or broken off|no sound"),
        (written("wav", TONE[:0]), "no sound|damaged"),
        (written("wav of floats", np.full(9, np.nan, np.float32)), "numbers that are none"),
        (written("wav", rate=200), "channels of 200 samples"),
        (written("wav", rate=1_000_000), "channels of 1,000,000 samples"),
        (written("wav", np.zeros((10, 100))), "100 channels"),
    ],
)
def test_what_is_no_sound_is_refused(data: bytes, says: str):
    with pytest.raises(Unreadable, match=says):
        read_sound(data)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "mp3"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_a_file_that_is_broken_off_is_refused(kind: str, kept: float):
    data = written(kind)
    with pytest.raises(Unreadable):
        read_sound(data[: int(kept * len(data))])


def test_half_an_mp3_is_refused():
    data = written("mp3")
    with pytest.raises(Unreadable):
        read_sound(data[: len(data) // 2])


def wave_of(seconds: int, held: bytes) -> bytes:
    """A WAV that says it lasts so long and holds so much."""
    size = seconds * RATE * 2
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    return b"RIFF" + struct.pack("<I", 36 + size) + b"WAVE" + form + struct.pack("<4sI", b"data", size) + held


def flac_of(samples: int) -> bytes:
    """A FLAC of a second that says it has so many samples."""
    data = bytearray(written("flac"))
    data[21] = data[21] & 0xF0 | samples >> 32
    data[22:26] = (samples & 0xFFFFFFFF).to_bytes(4)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (wave_of(36_000, bytes(1000)), Unreadable),
        (b"RIFF" + b"\xff" * 4 + wave_of(36_000, bytes(1000))[8:], Unreadable),
        (wave_of(61, bytes(61 * RATE * 2)), TooLong),
        (flac_of(36_000 * RATE), TooLong),
        (flac_of(2 * RATE), Unreadable),
        (written("flac", np.zeros(61 * RATE)), TooLong),
        (written("ogg", np.zeros(61 * RATE)), TooLong),
        (written("mp3", np.zeros(61 * RATE)), TooLong),
    ],
)
def test_a_header_that_lies_costs_little(data: bytes, error: type[InputError]):
    tracemalloc.start()
    with pytest.raises(error):
        read_sound(data)
    assert tracemalloc.get_traced_memory()[1] < BYTES
    tracemalloc.stop()


def test_where_no_length_is_told_no_more_than_the_limit_is_decoded(monkeypatch: pytest.MonkeyPatch):
    silence = bytearray(written("flac", np.zeros(600 * RATE)))
    silence[21] &= 0xF0
    silence[22:26] = bytes(4)
    monkeypatch.setattr(inputs, "SOUND_BLOCK", RATE)
    with pytest.raises(TooLong, match=r"61\.0 seconds or more"):
        read_sound(bytes(silence))


Breaking = Callable[[bytes, random.Random], bytes]


def flipped(data: bytes, chance: random.Random) -> bytes:
    broken = bytearray(data)
    for place in chance.sample(range(len(data)), chance.randint(1, 8)):
        broken[place] ^= 1 << chance.randrange(8)
    return bytes(broken)


def cut(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[chance.randint(start, len(data)) :]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("broken", [flipped, cut])
def test_a_hundred_broken_files_are_heard_or_refused(kind: str, broken: Breaking):
    chance, whole = random.Random(f"{kind} {broken.__name__}"), written(kind, TONE[:4000])
    for _ in range(100):
        try:
            heard = read_sound(broken(whole, chance))
        except InputError:
            continue
        assert np.isfinite(heard.samples).all()
        assert 0 < heard.seconds <= 60
