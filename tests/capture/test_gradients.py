"""Slopes along every weight, against torch's own differentiation of the model's own attention."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from transformers import DetrImageProcessorPil

from attnviz import measures
from attnviz.capture import capture, gradients, object_of
from attnviz.encode import encode
from attnviz.errors import MeasureError, TooLarge, WeightsUnavailable
from attnviz.inputs import Text
from attnviz.models.loading import LoadedModel, wrap
from attnviz.models.twin import twin
from attnviz.record import Gradients
from tests import pictures, tiny
from tests.classifiers import classifier, detector, loaded, picture

GIVEN = picture()


def told(model: LoadedModel, target: Any = None) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Differentiate the model as a notebook would: by the tensors that it reports."""
    slow = twin(model.model, "eager")
    tensors = {name: value.clone() for name, value in encode(model, GIVEN).tensors.items()}
    tensors["pixel_values"].requires_grad_()
    output = slow(**tensors, output_attentions=True)
    score = output.logits[0].max() if target is None else output.logits[0, target]
    slopes = torch.autograd.grad(score, output.attentions)
    return [each[0].detach().numpy() for each in output.attentions], [each[0].numpy() for each in slopes]


@pytest.mark.parametrize("kind", ["vit", "deit", "beit", "dinov2_with_registers"])
def test_weights_and_slopes_are_those_of_the_model(kind):
    found = gradients(loaded(kind), GIVEN).stack("self")
    for own, weights, slopes in zip(found, *told(loaded(kind)), strict=True):
        np.testing.assert_allclose(own.weights, weights, atol=1e-6)
        np.testing.assert_allclose(own.gradients, slopes, atol=1e-5 * abs(slopes).max())
        assert abs(own.gradients).max() > 1e-4


def test_the_likeliest_class_is_meant_unless_one_is_named():
    model = loaded("vit")
    best = gradients(model, GIVEN)
    index = int(best.target.removeprefix("kind "))
    named = gradients(model, GIVEN, index)
    assert (named.target, named.value) == (best.target, pytest.approx(best.value))
    other = gradients(model, GIVEN, (index + 1) % 5)
    assert other.value < best.value
    np.testing.assert_allclose(
        other.stack("self")[0].gradients, told(model, (index + 1) % 5)[1][0], atol=1e-5 * abs(other.value)
    )


def test_layers_are_named_as_the_record_names_them():
    model = loaded("vit")
    record, found = capture(model, GIVEN), gradients(model, GIVEN)
    assert [layer.queries for layer in found.stack("self")] == [layer.queries for layer in record.layers["self"]]
    np.testing.assert_allclose(found.stack("self")[1].weights, record.layer("self", 1).weights(), atol=1e-6)
    assert found.model == record.model
    assert measures.relevance(found).scores.shape == (17, 17)


def test_a_module_that_shows_weights_alone_is_differentiated_at_them():
    found = gradients(loaded("data2vec-vision"), GIVEN).stack("self")
    for own, slopes in zip(found, told(loaded("data2vec-vision"))[1], strict=True):
        np.testing.assert_allclose(own.gradients, slopes, atol=1e-5 * abs(slopes).max())


def test_a_function_of_the_output_may_be_the_target():
    def margin(output: Any) -> torch.Tensor:
        return output.logits[0, 0] - output.logits[0, 1]

    found = gradients(loaded("vit"), GIVEN, margin)
    apart = told(loaded("vit"), 0)[1][1] - told(loaded("vit"), 1)[1][1]
    assert found.target == "margin"
    np.testing.assert_allclose(found.stack("self")[1].gradients, apart, atol=1e-5)


def test_the_model_is_as_before_and_keeps_no_slope():
    model = loaded("vit")
    before = capture(model, GIVEN).map("self", 1, 1).weights
    hooks = [len(module._forward_hooks) for module in model.model.modules()]
    gradients(model, GIVEN)
    assert hooks == [len(module._forward_hooks) for module in model.model.modules()]
    assert all(parameter.grad is None for parameter in model.model.parameters())
    np.testing.assert_array_equal(capture(model, GIVEN).map("self", 1, 1).weights, before)


def test_no_parameter_needs_a_gradient():
    model = wrap(classifier("vit").requires_grad_(False), loaded("vit").pictures)
    try:
        assert abs(gradients(model, GIVEN).stack("self")[0].gradients).max() > 1e-4
    finally:
        classifier("vit").requires_grad_(True)


@pytest.fixture(scope="module")
def found_things() -> Gradients:
    model = wrap(detector("detr"), DetrImageProcessorPil(size={"shortest_edge": 64, "longest_edge": 128}))
    return gradients(model, GIVEN, object_of(3))


def test_an_object_query_is_followed_into_the_picture(found_things: Gradients):
    assert {stack: len(layers) for stack, layers in found_things.layers.items()} == {
        "encoder": 2,
        "decoder": 2,
        "cross": 2,
    }
    scores = measures.cross_relevance(found_things)
    assert scores.scores.shape == (7, 4)
    assert np.isfinite(scores.scores).all()
    assert scores.scores[3].max() > 0


def test_only_the_query_that_is_aimed_at_has_slopes_in_the_last_layer(found_things: Gradients):
    last = abs(found_things.stack("cross")[1].gradients).max(axis=(0, 2))
    assert last.argmax() == 3
    assert last[[0, 1, 2, 4, 5, 6]].max() == 0
    assert found_things.target == "query 3"


def test_windows_are_refused_in_words_before_anything_runs():
    with pytest.raises(MeasureError, match="L0 of 'self' reads windows"):
        gradients(loaded("swin"), GIVEN)


def test_what_would_not_fit_is_refused_with_both_numbers():
    with pytest.raises(TooLarge, match=r"about 24 MB .* and 1 are allowed"):
        gradients(loaded("vit"), GIVEN, max_bytes=10**6)


def test_a_model_without_classes_asks_for_a_target():
    plain = wrap(pictures.tower("vit"), loaded("vit").pictures)
    with pytest.raises(MeasureError, match="gives no scores of classes"):
        gradients(plain, GIVEN)
    found = gradients(plain, GIVEN, lambda output: output.last_hidden_state[0, 0].sum())
    assert abs(found.stack("self")[1].gradients).max() > 1e-4


def test_scores_of_a_head_of_random_numbers_are_no_target():
    without = dataclasses.replace(loaded("vit"), headless=True)
    with pytest.raises(MeasureError, match="gives no scores of classes"):
        gradients(without, GIVEN)


def test_a_class_or_target_that_is_none_is_refused():
    with pytest.raises(MeasureError, match="classes 0 to 4; 9"):
        gradients(loaded("vit"), GIVEN, 9)
    with pytest.raises(MeasureError, match="no single number"):
        gradients(loaded("vit"), GIVEN, lambda output: output.logits)


def test_a_probe_that_shows_a_copy_of_its_weights_is_refused():
    probing = wrap(pictures.tower("siglip_vision_model"), loaded("vit").pictures)
    with pytest.raises(WeightsUnavailable, match="MultiheadAttention shows no weights"):
        gradients(probing, GIVEN, lambda output: output.pooler_output.sum())


def test_a_text_is_differentiated_alike():
    model = tiny.loaded("bert")
    found = gradients(model, Text(tiny.TEXT), lambda output: output.last_hidden_state[0, 0, 0])
    assert np.isfinite(measures.gradient_rollout(found).weights).all()


@pytest.mark.parametrize(("kind", "last_counts"), [("detr", False), ("conditional_detr", True)])
def test_the_last_class_is_nothing_only_where_a_detector_has_such_a_class(kind: str, last_counts: bool):
    with torch.no_grad():
        output = detector(kind)(torch.zeros(1, 3, 64, 96))
    output.logits[0, 3, -1] = 99.0
    assert (object_of(3)(output).item() == 99.0) == last_counts
