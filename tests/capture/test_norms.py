"""Lengths of hidden states, against those that the model reports."""

import numpy as np
import pytest
import torch
from transformers import ViTImageProcessorPil

from attnviz.capture import norms
from attnviz.encode import encode
from attnviz.errors import MeasureError
from attnviz.inputs import Text
from attnviz.models.loading import wrap
from attnviz.models.twin import twin
from tests import pictures, tiny
from tests.classifiers import loaded, picture

GIVEN = picture()


@pytest.mark.parametrize("kind", ["vit", "dinov2_with_registers"])
def test_lengths_are_those_of_what_each_block_leaves(kind):
    model = loaded(kind)
    slow = twin(model.backbone, "eager")
    with torch.no_grad():
        states = slow(**encode(model, GIVEN).tensors, output_hidden_states=True).hidden_states
    found = norms(model, GIVEN)
    np.testing.assert_allclose(found.values[0], states[1][0].norm(dim=-1), rtol=1e-4)
    assert [len(value) for value in found.values] == [len(axis) for axis in found.axes]
    assert len(found.values) == pictures.LAYERS


def test_the_last_block_is_measured_before_the_norm_at_the_end():
    model = loaded("vit")
    found, seen = norms(model, GIVEN), []
    handle = model.backbone.layernorm.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    with torch.no_grad():
        model.forward(**encode(model, GIVEN).tensors)
    handle.remove()
    np.testing.assert_allclose(found.values[-1], seen[0][0].norm(dim=-1), rtol=1e-4)


@pytest.mark.parametrize("kind", ["swin", "pvt", "segformer", "clip_vision_model"])
def test_stages_and_windows_have_a_length_for_each_position_too(kind):
    model = wrap(pictures.tower(kind), ViTImageProcessorPil(size={"height": 64, "width": 64}))
    found = norms(model, GIVEN)
    assert [len(value) for value in found.values] == [
        len(sides.queries) for sides in encode(model, GIVEN).sides["self"]
    ]


def test_the_model_keeps_no_hook():
    model = loaded("vit")
    norms(model, GIVEN)
    assert not any(module._forward_hooks for module in model.model.modules())


def test_a_stack_that_is_not_there_is_refused():
    with pytest.raises(MeasureError, match="no stack 'cross'; it has self"):
        norms(loaded("vit"), GIVEN, "cross")


def test_a_text_has_lengths_as_well():
    model = tiny.loaded("bert")
    found = norms(model, Text(tiny.TEXT))
    assert len(found.values) == tiny.LAYERS
