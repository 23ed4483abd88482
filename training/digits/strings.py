"""Strings of digits, put together from clips of one speaker: when each digit is said is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from training.digits.clips import RATE, Clip

SECONDS = 4  # that the model hears
MOST = 5  # digits
GAPS = (0.02, 0.35)  # seconds
FIRST_GAP = (0.02, 0.6)
EDGE = 40  # samples over which a clip comes and goes, 5 ms: no click gives its place away
SPEEDS = (0.87, 1.15)
NOISE = (15, 45)  # decibels that the speech is above the noise
COLOUR = 0.95  # of the sample before that stays in the darkest noise
GAINS = (-20, 6)  # decibels


@dataclass(frozen=True, eq=False)
class Spoken:
    """A string of digits and when each is said.

    Shape   samples (time,), float32, at RATE.
    Unit    spans: seconds, beginning and end of each digit.
    """

    samples: np.ndarray
    digits: tuple[int, ...]
    spans: tuple[tuple[float, float], ...]

    @property
    def text(self) -> str:
        """Write the digits with spaces, as the model does."""
        return " ".join(map(str, self.digits))


def draw(rng: np.random.Generator, speakers: Sequence[Sequence[Clip]], *, varied: bool, least: int = 1) -> Spoken:
    """Draw a string of one speaker's; a varied one is also said faster or slower, which moves its pitch."""
    own = speakers[int(rng.integers(len(speakers)))]
    count = int(rng.integers(least, MOST + 1))
    chosen = [own[number] for number in rng.integers(len(own), size=count)]
    speed = float(rng.uniform(*SPEEDS)) if varied else 1.0
    return joined(rng, [(clip.digit, hastened(clip.samples, speed)) for clip in chosen])


def hastened(samples: np.ndarray, speed: float) -> np.ndarray:
    """Say a clip faster, and so higher, or slower and lower."""
    if speed == 1:
        return samples
    return np.interp(np.arange(0, len(samples) - 1, speed), np.arange(len(samples)), samples).astype(np.float32)


def joined(rng: np.random.Generator, said: Sequence[tuple[int, np.ndarray]]) -> Spoken:
    """Put digits one after the other, as many as there is room for, with gaps, in noise, at some loudness."""
    samples = np.zeros(SECONDS * RATE, np.float32)
    digits, spans = [], []
    start = round(rng.uniform(*FIRST_GAP) * RATE)
    for digit, clip in said:
        if start + len(clip) > len(samples):
            break
        samples[start : start + len(clip)] = faded(clip) * decibels(rng.uniform(-3, 3))
        digits.append(digit)
        spans.append((start / RATE, (start + len(clip)) / RATE))
        start += len(clip) + round(rng.uniform(*GAPS) * RATE)
    end = min(len(samples), start + round(rng.uniform(0, 0.3) * RATE))
    return Spoken(in_noise(rng, samples[:end]), tuple(digits), tuple(spans))


def faded(clip: np.ndarray) -> np.ndarray:
    """Let a clip come and go."""
    edge = np.minimum(1, (np.arange(len(clip)) + 1) / EDGE).astype(np.float32)
    return clip * edge * edge[::-1]


def in_noise(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """Add noise, hissing or dark, and turn all of it up or down."""
    colour = rng.uniform(0, COLOUR)
    noise = lfilter([1.0], [1.0, -colour], rng.normal(size=len(samples)))
    wanted = 0.1 * decibels(-rng.uniform(*NOISE))
    mixed = samples + noise * wanted / noise.std()
    return np.clip(mixed * decibels(rng.uniform(*GAINS)), -1, 1).astype(np.float32)


def decibels(number: float) -> float:
    """Say by what a number of decibels multiplies."""
    return float(10 ** (number / 20))
