"""Attention modules whose own eager code runs, and is listened to when somebody records."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from attnviz.errors import WeightsUnavailable
from attnviz.families import Family, Part
from attnviz.models import by_hand
from attnviz.models.attention import collecting
from attnviz.models.calls import Weighed
from attnviz.models.places import place_of
from attnviz.record.arrays import sealed

ROUNDING = 1e-3  # of a row of weights: as close to 1 as this
ROUNDING_IN_HALF = 1e-2  # bfloat16 rounds each weight by up to 1 part in 2**8

Layout = tuple[int, int, int, int]


def listen(model: nn.Module, family: Family) -> None:
    """Hook every module of a family that shows weights, or is written out by hand.

    The hooks stay, and do nothing unless this thread records.
    """
    for module in model.modules():
        stack = family.stack_of(type(module).__name__, place_of(module))
        if stack is None:
            continue
        part = family.stacks[stack]
        if part.weighs:
            module.register_forward_pre_hook(_before, with_kwargs=True)
            module.register_forward_hook(partial(_after, part), with_kwargs=True)
        elif part.by_hand:
            module.register_forward_pre_hook(_compare, with_kwargs=True)


def weights_of(result: Any, layout: Layout) -> Tensor | None:
    """Find the weights in what an attention module returns: the first table of pairs after its output, if any.

    Where there are several, as T5 hands on its position bias, it is the first whose rows sum to 1, or all of them side
    by side, as T5Gemma 2 gives the two parts of each row.

    Shape   (batch, head, query, key).
    """
    values = list(result.values()) if isinstance(result, Mapping) else result
    if not isinstance(values, tuple | list):
        return None
    tables = [value.permute(layout) for value in values[1:] if isinstance(value, Tensor) and value.ndim == len(layout)]
    fits = (table for table in tables if len(tables) == 1 or shares(table))
    return next(fits, _side_by_side(tables) if tables else None)


def _side_by_side(tables: Sequence[Tensor]) -> Tensor:
    """Put together what are parts of each row; of tables that are not, the first.

    Shape   (batch, head, query, key).
    """
    if len({table.shape[:-1] for table in tables}) > 1:
        return tables[0]
    whole = torch.cat(list(tables), dim=-1)
    return whole if shares(whole) else tables[0]


def shares(weights: Tensor) -> bool:
    """Say whether a table could be attention: nothing below 0, and every row sums to 1."""
    own, most = weights.float(), ROUNDING_IN_HALF if weights.element_size() == 2 else ROUNDING
    return bool((own >= 0).all()) and bool(((own.sum(dim=-1) - 1).abs() <= most).all())


def told_to_weigh(module: nn.Module, named: Mapping[str, Any]) -> dict[str, Any]:
    """Add to what a module is told that it shall show the weights of every head, where torch's own would average."""
    asked = {"need_weights": True, "average_attn_weights": False} if isinstance(module, nn.MultiheadAttention) else {}
    return {**named, **asked}


def told_weights(part: Part, module: nn.Module, given: tuple[Any, dict[str, Any]], result: Any) -> Tensor | None:
    """Take the weights from what a module was given and gives, as the part of its family says they come.

    Shape   (batch, head, query, key).
    """
    return by_hand.weighed(module, *given, result) if part.by_hand else weights_of(result, part.layout)


def _before(module: nn.Module, given: Any, named: dict[str, Any]) -> tuple[Any, dict[str, Any]] | None:
    if (collector := collecting()) is None:
        return None
    collector.announce()
    return given, told_to_weigh(module, named)


def _compare(module: nn.Module, given: Any, named: dict[str, Any]) -> None:
    if (collector := collecting()) is not None:
        collector.announce()
        collector.calls.append(by_hand.compared(collector, module, given, named))


def _after(part: Part, module: nn.Module, given: Any, named: dict[str, Any], result: Any) -> None:
    if (collector := collecting()) is None:
        return
    name, weights = type(module).__name__, told_weights(part, module, (given, named), result)
    if weights is None:
        raise WeightsUnavailable(
            "{module} gave no weights, although it was asked for them. Choose another model.", module=name
        )
    own = weights.detach().float().cpu().contiguous()  # the module's own where it can be: nobody writes to it again
    collector.calls.append(Weighed(name, place_of(module), sealed(own.numpy())))
