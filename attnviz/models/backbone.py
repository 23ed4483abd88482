"""The part of a model that attends, without a head for words or classes."""

import inspect
from collections.abc import Mapping
from typing import Any

from torch import Tensor
from transformers import PreTrainedModel

WRITTEN = "decoder_input_ids"


def backbone_of(model: PreTrainedModel) -> PreTrainedModel:
    """Find the part that takes the model's own input; some models call a part of themselves so that does not.

    Nor does a part do that takes the words to be written under another name, as in SpeechT5.
    """
    own = model.base_model
    words = {WRITTEN} & inspect.signature(model.forward).parameters.keys()
    return own if {model.main_input_name, *words} <= inspect.signature(own.forward).parameters.keys() else model


def moved(given: Mapping[str, Any], model: PreTrainedModel) -> dict[str, Any]:
    """Bring what a model is given to where it is, numbers that are no whole ones in its own type."""
    return {
        name: value.to(model.device, model.dtype if value.is_floating_point() else value.dtype)
        if isinstance(value, Tensor)
        else value
        for name, value in given.items()
    }
