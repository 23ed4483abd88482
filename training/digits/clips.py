"""Spoken digits of six speakers, each clip cut to where it is loud, the official test clips kept apart."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from training.places import DATA

RECORDED = DATA / "fsdd" / "fsdd-8khz.npz"
RATE = 8000
TESTED = 5  # of each digit of each speaker: clips 0 to 4 are the official test split
HOP = 80  # samples of a window, 10 ms
QUIET = 0.04  # of the loudest window, and quieter, is not speech where it comes first or last
LOUD = 0.1  # root mean square that every clip is brought to


@dataclass(frozen=True, eq=False)
class Clip:
    """One digit, spoken once.

    Shape   samples (time,), float32, at RATE.
    """

    samples: np.ndarray
    digit: int
    speaker: str
    index: int  # of the takes of this digit by this speaker


@cache
def clips(held_out: bool) -> tuple[Clip, ...]:
    """Read what is for training, or the official test split."""
    kept = np.load(RECORDED, allow_pickle=False)
    heard = np.split(kept["audio"].astype(np.float32) / 32768, kept["offsets"][1:-1])
    told = zip(heard, kept["digit"], kept["speaker"], kept["index"], strict=True)
    return tuple(
        Clip(levelled(cut(samples)), int(digit), str(kept["speakers"][speaker]), int(index))
        for samples, digit, speaker, index in told
        if (index < TESTED) == held_out
    )


@cache
def speakers(held_out: bool) -> tuple[tuple[Clip, ...], ...]:
    """Sort the clips by who speaks."""
    names = sorted({clip.speaker for clip in clips(held_out)})
    return tuple(tuple(clip for clip in clips(held_out) if clip.speaker == name) for name in names)


def cut(samples: np.ndarray) -> np.ndarray:
    """Take off what is quiet before and after the speech, so that it is known when a digit begins and ends.

    Shape   samples (time,); result (less time,).
    """
    windows = samples[: len(samples) // HOP * HOP].reshape(-1, HOP)
    loud = np.sqrt((windows**2).mean(axis=1))
    said = np.flatnonzero(loud > QUIET * loud.max())
    return samples[said[0] * HOP : (said[-1] + 1) * HOP]


def levelled(samples: np.ndarray) -> np.ndarray:
    """Bring a clip to the loudness of all others."""
    return samples * np.float32(LOUD / np.sqrt((samples**2).mean()))
