"""The part of a model that attends, without a head for words or classes."""

import inspect
from collections.abc import Mapping
from typing import Any

from torch import Tensor
from transformers import PreTrainedModel


def backbone_of(model: PreTrainedModel) -> PreTrainedModel:
    """Find the part that takes the model's own input; some models call a part of themselves so that does not."""
    own = model.base_model
    return own if model.main_input_name in inspect.signature(own.forward).parameters else model


def moved(given: Mapping[str, Any], model: PreTrainedModel) -> dict[str, Any]:
    """Bring what a model is given to where it is, numbers that are no whole ones in its own type."""
    return {
        name: value.to(model.device, model.dtype if value.is_floating_point() else value.dtype)
        if isinstance(value, Tensor)
        else value
        for name, value in given.items()
    }
