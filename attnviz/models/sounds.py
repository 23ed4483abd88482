"""The feature extractor of a model that hears, opened once its settings are seen to ask for no more than a sound."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from transformers import AutoFeatureExtractor

from attnviz.errors import ModelRefused

FILES = ("processor_config.json", "preprocessor_config.json")
NESTED = "feature_extractor"
# What memory and time grow with, and what parts one step from the next.
BOUNDS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "sampling_rate": (1_000, 48_000),  # samples a second
        "chunk_length": (1, 60),  # seconds
        "max_length": (1, 6_000),  # steps
        "hop_length": (40, 8_192),  # samples
        "win_length": (16, 2_048),
        "n_fft": (16, 2_048),
        "feature_size": (1, 512),
        "num_mel_bins": (1, 512),
        "stride": (1, 64),
    }
)
IN_MILLISECONDS: Mapping[str, Mapping[str, tuple[int, int]]] = MappingProxyType(
    {"SpeechT5FeatureExtractor": {"hop_length": (1, 200), "win_length": (1, 200)}}
)


def read_sound_extractor(folder: Path) -> Any:
    """Open the feature extractor of a model folder.

    Raises  ModelRefused  when its settings are out of bounds.
    """
    for file in FILES:
        settings = _read(folder / file)
        for own in (settings, _part(settings)):
            bounds = {**BOUNDS, **IN_MILLISECONDS.get(str(own.get("feature_extractor_type")), {})}
            for name in bounds.keys() & own.keys():
                _check(file, name, own[name], bounds[name])
    return AutoFeatureExtractor.from_pretrained(folder, trust_remote_code=False, local_files_only=True)


def _check(file: str, name: str, value: Any, bounds: tuple[int, int]) -> None:
    least, most = bounds
    if value is not None and not (isinstance(value, int | float) and least <= value <= most):
        raise ModelRefused(
            "{file} sets {key} to {value}; sounds are heard with {least:,} to {most:,}. Choose another model.",
            file=file,
            key=name,
            value=str(value)[:40],
            least=least,
            most=most,
        )


def _part(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    own = settings.get(NESTED)
    return own if isinstance(own, dict) else {}


def _read(path: Path) -> Mapping[str, Any]:
    try:
        settings = json.loads(path.read_bytes())
    except (OSError, ValueError):  # transformers says itself what is missing
        return {}
    return settings if isinstance(settings, dict) else {}
