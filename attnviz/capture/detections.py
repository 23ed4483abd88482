"""What a detector finds in a picture: for each of its queries a box, a kind, and how sure it is."""

from dataclasses import dataclass

import torch
from torch import Tensor
from transformers.models.auto.modeling_auto import MODEL_FOR_OBJECT_DETECTION_MAPPING_NAMES

from attnviz.axes import ImageGeometry
from attnviz.capture.classes import label_of
from attnviz.encode import encode
from attnviz.encode.vision import prepare
from attnviz.errors import ModelRefused
from attnviz.inputs import Picture
from attnviz.models.backbone import moved
from attnviz.models.loading import LoadedModel

EACH_ALONE = frozenset({"conditional_detr"})  # hold every kind likely or not by itself, and have none for "nothing"


@dataclass(frozen=True)
class Detected:
    """What one query of a detector takes for a thing, the likeliest kind that is one.

    Unit    query: counted from 0, as `[QUERY 0]` and `[DET 0]` are; score: 0 to 1; box: pixels of the given picture,
            top, left, bottom, right; `nothing`: the model holds "nothing here" likelier than any kind.
    """

    query: int
    label: str
    score: float
    box: tuple[float, float, float, float]
    nothing: bool


def detects(model: LoadedModel) -> bool:
    """Say whether a model has the part that makes boxes and kinds of its queries."""
    return any(kind.__name__ in _DETECTORS for kind in type(model.model).__mro__)


def detect(model: LoadedModel, picture: Picture) -> tuple[Detected, ...]:
    """Ask a detector what each of its queries has found, in the order of the queries.

    Raises  ModelRefused  when the model was opened without the part that finds things.
            InputError    when the picture is too large, too long or too small for the model.
    Source  Carion et al. 2020, arXiv:2005.12872, §3: the last kind is "no object", boxes are (middle, size) as shares
            of the picture; the same way in post_process_object_detection of transformers.
    """
    if not detects(model) or model.headless:
        raise ModelRefused(
            "{model} was opened without a part that finds things in a picture. Choose a model that was trained to, "
            "such as hustvl/yolos-tiny.",
            model=model.name,
        )
    tensors = encode(model, picture).tensors
    with torch.inference_mode():
        output = model.model(**moved(tensors, model.model))
    scores, kinds, nothing = _likeliest(output.logits[0].float().cpu(), model.model.config.model_type)
    geometry, shares = prepare(model, picture).geometry, output.pred_boxes[0].float().cpu()
    return tuple(
        Detected(query, label_of(model, kind), score, box_of(geometry, *share), empty)
        for query, (kind, score, share, empty) in enumerate(
            zip(kinds.tolist(), scores.tolist(), shares.tolist(), nothing.tolist(), strict=True)
        )
    )


def box_of(
    geometry: ImageGeometry, across: float, down: float, width: float, height: float
) -> tuple[float, float, float, float]:
    """Lay a box on the given picture, no farther than its edges.

    Unit    given: shares of what the seen picture holds of it, middle and size; result: pixels of the given picture,
            top, left, bottom, right.
    """
    (top, bottom), (left, right) = geometry.filled
    high, wide = bottom - top, right - left
    first = geometry.to_original(top + (down - height / 2) * high, left + (across - width / 2) * wide)
    last = geometry.to_original(top + (down + height / 2) * high, left + (across + width / 2) * wide)
    rows, cols = geometry.original
    return _within(first[0], rows), _within(first[1], cols), _within(last[0], rows), _within(last[1], cols)


def _within(place: float, length: int) -> float:
    return min(max(place, 0.0), float(length))


def _likeliest(logits: Tensor, model_type: str) -> tuple[Tensor, Tensor, Tensor]:
    """Find the likeliest kind of each query that is a thing, and whether none is likelier still.

    Shape   logits (query, kind); results (query,): score, kind, whether it is nothing.
    """
    if model_type in EACH_ALONE:
        scores, kinds = logits.sigmoid().max(dim=-1)
        return scores, kinds, scores < 0.5
    shares = logits.softmax(dim=-1)
    scores, kinds = shares[:, :-1].max(dim=-1)
    return scores, kinds, shares[:, -1] > scores


_DETECTORS = frozenset(MODEL_FOR_OBJECT_DETECTION_MAPPING_NAMES.values())
