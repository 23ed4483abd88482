"""Models that would run otherwise than they were made to: changed by a short text, or without what their head marks."""

import copy
from collections.abc import Callable
from functools import wraps
from itertools import chain
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from attnviz.models.backbone import backbone_of

CHANGES = ("BigBirdModel", "BigBirdPegasusEncoder")
SPARSE = "block_sparse"
SEPARATORS = 3  # of a question and a text


def keep_unchanged(model: nn.Module) -> None:
    """Let the parts that a short text would turn to full attention, for all texts to come, run as a copy each time.

    The copy shares every weight and every hook, and is gone after the pass; so threads may share the model too.

    Source  transformers' BigBirdModel.forward, which calls set_attention_type on itself.
    """
    for module in model.modules():
        if type(module).__name__ in CHANGES and getattr(module, "attention_type", "") == SPARSE:
            _replace(module, _run_a_copy)


def mark_as_head_does(model: PreTrainedModel) -> None:
    """Let the part that attends read the tokens everywhere that its head would have it read so.

    Source  transformers' LongformerForSequenceClassification and LongformerForQuestionAnswering.
    """
    mark = _MARKED_BY.get(type(model).__name__)
    if mark is not None:
        own: Any = backbone_of(model)
        object.__setattr__(own, "attnviz_marks", mark)
        _replace(own, _marked)


def _replace(module: Any, forward: Callable[..., Any]) -> None:
    module.forward = MethodType(wraps(type(module).forward)(forward), module)


def _run_a_copy(module: Any, *given: Any, **named: Any) -> Any:
    shared: dict[int, Any] = {id(tensor): tensor for tensor in chain(module.parameters(), module.buffers())}
    return type(module).forward(copy.deepcopy(module, shared), *given, **named)


def _marked(module: Any, *given: Any, **named: Any) -> Any:
    ids = named.get("input_ids")
    if named.get("global_attention_mask") is None and isinstance(ids, Tensor):
        named["global_attention_mask"] = module.attnviz_marks(module.config, ids)
    return type(module).forward(module, *given, **named)


def _first(config: Any, ids: Tensor) -> Tensor:
    """Mark the first token.

    Shape   (batch, token), as `ids`.
    """
    marked = torch.zeros_like(ids)
    marked[:, 0] = 1
    return marked


def _question(config: Any, ids: Tensor) -> Tensor | None:
    """Mark what comes before the first separator; nothing where there is no question, which the head refuses.

    Shape   (batch, token), as `ids`.
    """
    passed = _separators(config, ids)
    return None if passed is None else (passed == 0).long()


def _choice(config: Any, ids: Tensor) -> Tensor | None:
    """Mark what comes after the first two separators; nothing where there is no choice, which the head refuses.

    Shape   (batch, token), as `ids`.
    """
    passed = _separators(config, ids)
    return None if passed is None else (passed.roll(2, dims=1) * (passed > 0) > 0).long()


def _separators(config: Any, ids: Tensor) -> Tensor | None:
    """Count the separators up to each token, where there are those of two texts.

    Shape   (batch, token).
    """
    ends = (ids == config.sep_token_id).long()
    return ends.cumsum(dim=1) if bool((ends.sum(dim=1) == SEPARATORS).all()) else None


_MARKED_BY: dict[str, Callable[[Any, Tensor], Tensor | None]] = {
    "LongformerForSequenceClassification": _first,
    "LongformerForQuestionAnswering": _question,
    "LongformerForMultipleChoice": _choice,
}
