"""What detectors find, held against transformers' own reading of boxes and kinds."""

import numpy as np
import pytest
import torch
import transformers

from attnviz.axes import ImageGeometry
from attnviz.capture import capture, detect, detects
from attnviz.capture.detections import box_of
from attnviz.encode import encode
from attnviz.errors import ModelRefused
from attnviz.inputs import Picture
from attnviz.models.loading import LoadedModel, wrap
from tests.classifiers import detector, loaded

SIZE = (48, 80)  # (height, width): not square, and not what the models read
PROCESSORS = {
    "yolos": transformers.YolosImageProcessorPil,
    "detr": transformers.DetrImageProcessorPil,
    "conditional_detr": transformers.ConditionalDetrImageProcessorPil,
}


def picture() -> Picture:
    pixels = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    return Picture(SIZE, pixels.tobytes())


def finder(kind: str) -> LoadedModel:
    return wrap(detector(kind), PROCESSORS[kind](size={"height": 64, "width": 96}))


@pytest.mark.parametrize("kind", PROCESSORS)
def test_boxes_kinds_and_scores_are_those_of_transformers_on_the_given_picture(kind: str) -> None:
    model = finder(kind)
    found = detect(model, picture())
    with torch.no_grad():
        output = model.model(**encode(model, picture()).tensors)
    processor = PROCESSORS[kind]()
    (expected,) = processor.post_process_object_detection(output, threshold=0, target_sizes=[SIZE])
    theirs = zip(expected["scores"].tolist(), expected["labels"].tolist(), expected["boxes"].tolist(), strict=True)
    names, rows, cols = model.model.config.id2label, *SIZE
    likeliest: dict[tuple[float, ...], tuple[float, str]] = {}  # conditional DETR's gives a box once for each kind
    for score, label, (left, top, right, bottom) in theirs:
        box = (max(0, top), max(0, left), min(rows, bottom), min(cols, right))
        likeliest.setdefault(tuple(round(side, 2) for side in box), (score, names[label]))
    assert len(found) == model.model.config.num_queries if kind != "yolos" else len(found) == 10
    for each in found:
        score, label = likeliest[tuple(round(side, 2) for side in each.box)]
        assert each.score == pytest.approx(score, abs=1e-4)
        assert each.label == label


@pytest.mark.parametrize("kind", PROCESSORS)
def test_every_box_lies_in_the_picture_that_was_given(kind: str) -> None:
    for each in detect(finder(kind), picture()):
        top, left, bottom, right = each.box
        assert 0 <= top <= bottom <= SIZE[0]
        assert 0 <= left <= right <= SIZE[1]


@pytest.mark.parametrize(("kind", "stack", "name"), [("yolos", "self", "[DET {}]"), ("detr", "cross", "[QUERY {}]")])
def test_there_is_a_position_of_the_name_of_each_query(kind: str, stack: str, name: str) -> None:
    labels = set(capture(finder(kind), picture()).layer(stack, 0).queries)
    assert {name.format(each.query) for each in detect(finder(kind), picture())} <= labels


def test_a_box_in_a_bordered_picture_leaves_the_border_out() -> None:
    """100 × 200 pixels were made 50 × 100 and stand 7 rows below the top of 64 × 100."""
    geometry = ImageGeometry(original=(100, 200), resized=(50, 100), offset=(-7, 0), seen=(64, 100))
    assert box_of(geometry, 0.5, 0.5, 0.5, 0.2) == pytest.approx((40, 50, 60, 150))
    assert box_of(geometry, 0.9, 0.1, 0.4, 0.4) == pytest.approx((0, 140, 30, 200))


def test_a_model_that_finds_nothing_is_told_from_one_that_does() -> None:
    assert detects(finder("yolos"))
    assert not detects(loaded("vit"))
    with pytest.raises(ModelRefused, match="finds things"):
        detect(loaded("vit"), picture())
