"""Deletion and insertion, against pictures painted by hand."""

import numpy as np
import pytest
import torch

from attnviz.capture import Curve, Occlusion, Trial, capture, deletion, insertion, occlusion, predict
from attnviz.encode import encode
from attnviz.errors import Cancelled, MeasureError, ModelRefused, TooLarge
from attnviz.models.loading import wrap
from tests import pictures
from tests.classifiers import CLASSES, loaded, picture

GIVEN = picture()
SMALL = Trial(steps=4, draws=2)
MODEL = loaded("vit")
AXIS = capture(MODEL, GIVEN).layer("self", 0).queries
ORDER = tuple(range(16, 0, -1))


def asked(*out: int) -> torch.Tensor:
    """Ask the model about the picture in which these patches show its mean colour."""
    pixels = encode(MODEL, GIVEN).tensors["pixel_values"].clone()
    colour = pixels.mean(dim=(2, 3), keepdim=True)
    for position in out:
        row, col = divmod(position - 1, 4)
        pixels[:, :, 16 * row : 16 * row + 16, 16 * col : 16 * col + 16] = colour
    with torch.no_grad():
        return MODEL.model(pixel_values=pixels).logits[0].softmax(dim=-1)


def test_patches_leave_in_the_order_of_the_map_and_the_other_way_round():
    found = deletion(MODEL, GIVEN, AXIS, ORDER, trial=SMALL)
    best = int(asked().argmax())
    assert (found.index, found.label) == (best, f"kind {best}")
    assert found.most.shares == (0, 0.25, 0.5, 0.75, 1)
    for curve, order in ((found.most, ORDER), (found.least, ORDER[::-1])):
        expected = [float(asked(*order[:count])[best]) for count in (0, 4, 8, 12, 16)]
        np.testing.assert_allclose(curve.probabilities, expected, atol=1e-5)


def test_random_orders_are_the_same_for_a_seed():
    first, second = (deletion(MODEL, GIVEN, AXIS, ORDER, trial=SMALL) for _ in range(2))
    other = deletion(MODEL, GIVEN, AXIS, ORDER, trial=Trial(steps=4, draws=2, seed=1))
    assert [each.shares for each in first.random] == [first.most.shares] * 2
    np.testing.assert_allclose(first.random[0].probabilities, second.random[0].probabilities, atol=1e-6)
    assert first.random[0].probabilities != first.random[1].probabilities
    assert not np.allclose(first.random[0].probabilities, other.random[0].probabilities, atol=1e-6)


def test_insertion_is_deletion_from_the_other_end():
    put, out = (way(MODEL, GIVEN, AXIS, ORDER, trial=SMALL) for way in (insertion, deletion))
    best = put.index
    expected = [float(asked(*ORDER[count:])[best]) for count in (0, 4, 8, 12, 16)]
    np.testing.assert_allclose(put.most.probabilities, expected, atol=1e-5)
    assert put.most.shares == (0, 0.25, 0.5, 0.75, 1)
    assert put.most.area == pytest.approx(out.least.area)
    assert put.turned.most.probabilities == pytest.approx(out.most.probabilities)


def test_a_class_can_be_named():
    found = deletion(MODEL, GIVEN, AXIS, ORDER, trial=Trial(steps=1, draws=1), target=3)
    assert (found.index, found.label) == (3, "kind 3")
    assert found.most.probabilities[0] == pytest.approx(float(asked()[3]), abs=1e-5)
    with pytest.raises(MeasureError, match="classes 0 to 4; 7"):
        deletion(MODEL, GIVEN, AXIS, ORDER, trial=Trial(steps=1, draws=1), target=7)


def test_more_steps_than_patches_are_as_many_as_patches():
    found = deletion(MODEL, GIVEN, AXIS, ORDER, trial=Trial(steps=40, draws=1))
    assert len(found.most.shares) == 17


def test_the_area_is_that_of_trapezia_and_draws_have_a_mean_and_a_spread():
    assert Curve((0, 0.25, 1), (1, 0.5, 0.1)).area == pytest.approx(0.1875 + 0.225)
    curves = Curve((0, 1), (1, 0.2)), Curve((0, 1), (1, 0.4))
    found = Occlusion(0, "cat", curves[0], curves[1], curves)
    assert found.random_mean.probabilities == pytest.approx((1, 0.3))
    assert found.random_spread == pytest.approx((0, 0.1))
    assert found.random_areas == pytest.approx((0.6, 0.7))


def test_who_no_longer_waits_stops_it_before_the_next_batch():
    answers = iter([False, True])
    with pytest.raises(Cancelled):
        deletion(MODEL, GIVEN, AXIS, ORDER, trial=SMALL, stopped=lambda: next(answers))
    assert next(answers, None) is None


def test_too_many_passes_are_refused_with_both_numbers():
    with pytest.raises(TooLarge, match=r"1,517 passes .* up to 1,000"):
        deletion(MODEL, GIVEN, AXIS, ORDER, trial=Trial(steps=16, draws=99))
    with pytest.raises(MeasureError, match="at least 1 step"):
        Trial(steps=0)


@pytest.mark.parametrize("order", [ORDER[1:], (*ORDER[1:], 16 - 1), (0, *ORDER[1:]), (*ORDER, 1)])
def test_an_order_names_every_patch_once(order):
    with pytest.raises(MeasureError, match="name each patch once"):
        deletion(MODEL, GIVEN, AXIS, order, trial=SMALL)


def test_a_picture_that_is_not_the_one_of_the_axis_is_refused():
    other = capture(loaded("dinov2_with_registers"), GIVEN).layer("self", 0).queries
    wrong = type(other)(
        type(other.geometry)((8, 8), (8, 8), (0, 0), (8, 8)), other.grid, other.patch, other.labels, other.cells
    )
    with pytest.raises(MeasureError, match="cannot be painted"):
        deletion(MODEL, GIVEN, wrong, ORDER, trial=SMALL)


def test_predictions_are_the_likeliest_classes_first():
    found = predict(MODEL, GIVEN, 3)
    shares = asked()
    assert [each.index for each in found] == shares.topk(3).indices.tolist()
    assert found[0].probability == pytest.approx(float(shares.max()), abs=1e-5)
    assert found[0].label == f"kind {found[0].index}"
    assert sum(each.probability for each in predict(MODEL, GIVEN, 99)) == pytest.approx(1, abs=1e-5)
    assert len(predict(MODEL, GIVEN, 99)) == CLASSES


def test_a_model_without_a_head_predicts_nothing_in_words():
    plain = wrap(pictures.tower("vit"), MODEL.pictures)
    with pytest.raises(ModelRefused, match="without a part that makes classes"):
        predict(plain, GIVEN)
    with pytest.raises(ModelRefused, match="without a part that makes classes"):
        deletion(plain, GIVEN, AXIS, ORDER)


def test_large_pictures_go_through_fewer_at_a_time(monkeypatch: pytest.MonkeyPatch):
    whole = deletion(MODEL, GIVEN, AXIS, ORDER, trial=SMALL)
    monkeypatch.setattr(occlusion, "BATCH_PIXELS", 64 * 64)
    np.testing.assert_allclose(
        deletion(MODEL, GIVEN, AXIS, ORDER, trial=SMALL).most.probabilities, whole.most.probabilities, atol=1e-5
    )
