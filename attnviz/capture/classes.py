"""What a classifier takes a picture for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES

from attnviz.encode import encode
from attnviz.errors import ModelRefused
from attnviz.inputs import Picture
from attnviz.models.backbone import moved
from attnviz.models.loading import LoadedModel


@dataclass(frozen=True)
class Predicted:
    """One class, as the model names it, and how likely it holds it.

    Unit    probability: 0 to 1; all classes of a model share 1, unless several can be in a picture.
    """

    index: int
    label: str
    probability: float


def predict(model: LoadedModel, picture: Picture, count: int = 5) -> tuple[Predicted, ...]:
    """Ask a classifier what it sees; the likeliest classes come first.

    Raises  ModelRefused  when the model was opened without the part that makes classes.
            InputError    when the picture is too large, too long or too small for the model.
    """
    check_classifies(model)
    shares = probabilities(model, encode(model, picture).tensors)[0]
    found = shares.topk(max(1, min(count, len(shares))))
    return tuple(
        Predicted(index, label_of(model, index), share)
        for index, share in zip(found.indices.tolist(), found.values.tolist(), strict=True)
    )


def classifies(model: LoadedModel) -> bool:
    """Say whether a model has the part that makes classes of a picture."""
    return any(kind.__name__ in _CLASSIFIERS for kind in type(model.model).__mro__)


def check_classifies(model: LoadedModel) -> None:
    """Refuse a model that makes no classes.

    Raises  ModelRefused  with what to open instead.
    """
    if not classifies(model) or model.headless:
        raise ModelRefused(
            "{model} was opened without a part that makes classes of a picture. Choose a model that was trained to "
            "classify, such as google/vit-base-patch16-224.",
            model=model.name,
        )


def probabilities(model: LoadedModel, tensors: Mapping[str, Any]) -> Tensor:
    """Run the whole model, and share 1 among its classes; where several can be there, each has a share of its own.

    Shape   (picture, class), float32, on the CPU.
    """
    with torch.inference_mode():
        logits = model.model(**moved(tensors, model.model)).logits.float().cpu()
    return logits.sigmoid() if _each_alone(model) else logits.softmax(dim=-1)


def _each_alone(model: LoadedModel) -> bool:
    """Say whether a model holds each class likely or not by itself, as several can be in a picture."""
    return getattr(model.model.config, "problem_type", None) == "multi_label_classification"


def label_of(model: LoadedModel, index: int) -> str:
    """Name a class as the model does."""
    return str(model.model.config.id2label.get(index, index))


def _names(listed: Mapping[str, str | tuple[str, ...]]) -> frozenset[str]:
    return frozenset(name for each in listed.values() for name in (each if isinstance(each, tuple) else (each,)))


_CLASSIFIERS = _names(MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES)
