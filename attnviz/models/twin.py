"""A second body for a model's weights, which runs another attention function."""

import copy
from itertools import chain
from typing import Any

from transformers import PreTrainedModel

from attnviz.errors import WeightsUnavailable


def twin(model: PreTrainedModel, implementation: str) -> PreTrainedModel:
    """Copy a model's code and settings, sharing every weight, to run it with another attention function.

    The original is not touched, so other threads may go on using it; the copy costs no memory to speak of.
    Raises  WeightsUnavailable  when the model does not let its attention function be chosen.
    """
    shared: dict[int, Any] = {id(tensor): tensor for tensor in chain(model.parameters(), model.buffers())}
    other = copy.deepcopy(model, shared)
    other.set_attn_implementation(implementation)
    if other.config._attn_implementation != implementation:
        raise WeightsUnavailable(
            "{model} does not let its attention function be chosen. Choose another model.",
            model=type(model).__name__,
        )
    return other.eval()
