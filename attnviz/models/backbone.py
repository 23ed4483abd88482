"""The part of a model that attends, without a head for words or classes."""

import inspect

from transformers import PreTrainedModel


def backbone_of(model: PreTrainedModel) -> PreTrainedModel:
    """Find the part that takes the model's own input; some models call a part of themselves so that does not."""
    own = model.base_model
    return own if model.main_input_name in inspect.signature(own.forward).parameters else model
