"""A sound becomes tensors for the model, at the rate that the model hears; its steps of time are counted."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from attnviz.errors import ModelError, TooLong, Unreadable
from attnviz.inputs import Sound

COLUMN = 160  # samples from one column of a spectrogram to the next, where an extractor has no setting for it
COLUMN_WIDTH = 400  # samples that one column is made of


@dataclass(frozen=True, eq=False)
class Heard:
    """A sound as a model takes it.

    Shape   tensors: one sound alone, batch first, as the feature extractor gives them; sound: at the model's own rate.
    Unit    length: steps along the time of the tensor, padding included; step: seconds that each takes.
    """

    tensors: Mapping[str, torch.Tensor]
    sound: Sound
    length: int
    step: float


@dataclass(frozen=True)
class Clock:
    """How an extractor counts time: which side of its tensor, how many samples a step, and how many samples at most."""

    side: int
    samples: Callable[[Any], int]
    most: Callable[[Any], int | None] = lambda extractor: None


# What a feature extractor makes of a sound, by its class. Those with a limit would cut off in silence what exceeds it.
CLOCKS: Mapping[str, Clock] = MappingProxyType(
    {
        "Wav2Vec2FeatureExtractor": Clock(1, lambda extractor: 1),
        "SpeechT5FeatureExtractor": Clock(1, lambda extractor: 1),
        "WhisperFeatureExtractor": Clock(
            2, lambda extractor: extractor.hop_length, lambda extractor: extractor.n_samples
        ),
        "ASTFeatureExtractor": Clock(
            1, lambda extractor: COLUMN, lambda extractor: COLUMN * extractor.max_length + COLUMN_WIDTH - 1
        ),
        "Speech2TextFeatureExtractor": Clock(1, lambda extractor: COLUMN),
        "SeamlessM4TFeatureExtractor": Clock(1, lambda extractor: COLUMN * extractor.stride),
        "ParakeetFeatureExtractor": Clock(1, lambda extractor: extractor.hop_length),
        "LasrFeatureExtractor": Clock(1, lambda extractor: extractor.hop_length),
    }
)


def sound_tensors(extractor: Any, sound: Sound) -> Heard:
    """Do what a model's feature extractor does, at the rate that it asks for.

    Raises  ModelError  when nobody noted how this extractor counts time.
            TooLong     when it would cut the sound off.
            Unreadable  when it cannot take the sound.
    """
    clock = CLOCKS.get(type(extractor).__name__)
    if clock is None:
        raise ModelError(
            "attnviz does not know what {kind} makes of a sound. Choose another model.", kind=type(extractor).__name__
        )
    own = resampled(sound, int(extractor.sampling_rate))
    most = clock.most(extractor)
    if most is not None and len(own.samples) > most:
        raise TooLong(
            "The sound lasts {seconds:.1f} seconds and the model hears {limit:.1f}. Cut it by {excess:.1f}, or choose "
            "another model.",
            seconds=own.seconds,
            limit=most / own.rate,
            excess=math.ceil((len(own.samples) - most) / own.rate * 10) / 10,
        )
    tensors = _sent(extractor, own)
    length = int(tensors[extractor.model_input_names[0]].shape[clock.side])
    return Heard(MappingProxyType(tensors), own, length, clock.samples(extractor) / own.rate)


def resampled(sound: Sound, rate: int) -> Sound:
    """Give a sound another rate, its moments staying where they are.

    Unit    rate: samples a second.
    Source  scipy.signal.resample_poly: a linear-phase filter below half of the lower rate.
    """
    if rate == sound.rate:
        return sound
    from scipy.signal import resample_poly  # here, because it is slow to import and most sounds have the model's rate

    common = math.gcd(rate, sound.rate)
    samples = resample_poly(sound.samples, rate // common, sound.rate // common)
    return Sound(rate, samples.astype(np.float32).tobytes())


def _sent(extractor: Any, sound: Sound) -> dict[str, torch.Tensor]:
    try:
        given = extractor(sound.samples, sampling_rate=sound.rate, return_tensors="pt")
        tensors = {name: tensor for name, tensor in given.items() if isinstance(tensor, torch.Tensor)}
        first = tensors[extractor.model_input_names[0]]
        if not first.numel() or not first.isfinite().all():
            raise ValueError("it gives no numbers")
        return tensors
    except Exception as why:  # each extractor fails in its own way, on sounds shorter than its window above all
        raise Unreadable(
            "The model's feature extractor makes nothing of a sound of {seconds:.3f} seconds ({why}). Choose another "
            "sound, or another model.",
            seconds=sound.seconds,
            why=str(why)[:200],
        ) from why
