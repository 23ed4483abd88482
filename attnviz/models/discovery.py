"""How a model of an unlisted type attends, found out by running it. What is found is verified like any family."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.models.auto import modeling_auto as lists

from attnviz.errors import UnknownFamily, WeightsUnavailable
from attnviz.families import Family
from attnviz.families.family import BATCH_HEAD_QUERY_KEY
from attnviz.inputs import Text
from attnviz.models.attention import IMPLEMENTATION, recording
from attnviz.models.listening import weights_of
from attnviz.models.twin import twin
from attnviz.models.verify import probe


def is_decoder(model_type: str) -> bool:
    """Say whether transformers lists a type among those that go on with a text, and not among those that fill gaps."""
    goes_on = model_type in lists.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    return goes_on and model_type not in lists.MODEL_FOR_MASKED_LM_MAPPING_NAMES


def discover(model: PreTrainedModel) -> Family:
    """Run a model on a short input and see which of its modules attend, through our function or in eager code.

    Raises  UnknownFamily  when neither way shows any attention.
    """
    try:
        given = probe(model, causal=is_decoder(model.config.model_type))
        names = _compared(model, given)
        weighs = not names
        names = names or _weighed(model, given)
    except UnknownFamily:
        raise
    except Exception as why:  # an unlisted model may want another input, and fail at it in any way
        raise UnknownFamily(
            "Models of type {model_type!r} are not listed, and this one cannot read a short text ({why}). Choose "
            "another model.",
            model_type=model.config.model_type,
            why=" ".join(f"{type(why).__name__}: {why}".split())[:200],
        ) from why
    return _family(model.config.model_type, names, weighs)


def _family(model_type: str, names: tuple[str, ...], weighs: bool) -> Family:
    return Family(
        name=model_type,
        reads=Text,
        model_types=(model_type,),
        stacks={"self": names},
        causal=is_decoder(model_type),
        weighs=weighs,
    )


def _compared(model: PreTrainedModel, given: Mapping[str, Tensor]) -> tuple[str, ...]:
    """Name the modules that call our attention function; none when it cannot be chosen, or would not do."""
    try:
        ours = twin(model, IMPLEMENTATION)
        with recording() as seen, torch.inference_mode():
            ours.base_model(**given, **_family(model.config.model_type, (), False).told)
    except (WeightsUnavailable, ValueError):
        return ()
    return tuple(dict.fromkeys(call.module for call in seen))


def _weighed(model: PreTrainedModel, given: Mapping[str, Tensor]) -> tuple[str, ...]:
    """Name the modules whose eager code gives the very weights that the model reports."""
    slow = twin(model.base_model, "eager")
    givers: dict[int, str] = {}

    def note(module: nn.Module, taken: Any, result: Any) -> None:
        weights = weights_of(result, BATCH_HEAD_QUERY_KEY)
        if weights is not None:
            givers.setdefault(weights.data_ptr(), type(module).__name__)  # the innermost speaks first

    for module in slow.modules():
        module.register_forward_hook(note)
    with torch.inference_mode():
        told = _family(model.config.model_type, (), True).told
        reported = slow(**given, **told).get("attentions") or ()
    found = [givers.get(weights.data_ptr()) if isinstance(weights, Tensor) else None for weights in reported]
    if not found or None in found:
        raise UnknownFamily(
            "Models of type {model_type!r} are not listed, and this one shows no attention: of {layers} layers that "
            "its eager code reports, {found} could be traced to a module. Choose another model.",
            model_type=model.config.model_type,
            layers=len(found),
            found=sum(name is not None for name in found),
        )
    return tuple(dict.fromkeys(name for name in found if name))
