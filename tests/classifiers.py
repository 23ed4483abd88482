"""Tiny models with random weights that put classes to a picture, or find things in it."""

from functools import cache

import numpy as np
import torch
from transformers import (
    AutoModelForImageClassification,
    AutoModelForObjectDetection,
    PreTrainedModel,
    ViTImageProcessorPil,
)

from attnviz.inputs import Picture
from attnviz.models.loading import LoadedModel, wrap
from tests import pictures

CLASSES = 5
SIZE = (64, 64)


@cache
def classifier(kind: str) -> PreTrainedModel:
    """Make a classifier of one type, the same at every call, whose classes are far from even."""
    config = pictures.config(kind).__class__(**pictures.SIZES[kind], num_labels=CLASSES)
    config.id2label = {index: f"kind {index}" for index in range(CLASSES)}
    made = AutoModelForImageClassification._model_mapping[type(config)]
    own = made[0] if isinstance(made, tuple) else made  # DeiT has one with a teacher as well
    return _drawn(own._from_config(config, attn_implementation="eager"))


@cache
def detector(kind: str) -> PreTrainedModel:
    """Make a model of one type that finds things, the same at every call."""
    return _drawn(AutoModelForObjectDetection.from_config(pictures.config(kind), attn_implementation="eager"))


@cache
def loaded(kind: str) -> LoadedModel:
    """Wrap the classifier of one type."""
    return wrap(classifier(kind), ViTImageProcessorPil(size={"height": SIZE[0], "width": SIZE[1]}))


@cache
def picture() -> Picture:
    """Give a picture of noise, the same each time, of the size that the classifiers read."""
    pixels = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    return Picture(SIZE, pixels.tobytes())


def _drawn(made: PreTrainedModel) -> PreTrainedModel:
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.normal_(std=0.2)
    return made.eval()
