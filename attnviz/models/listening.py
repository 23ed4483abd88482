"""Attention modules that show their weights alone: their eager code runs, and is listened to when somebody records."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor, nn

from attnviz.axes import Axis
from attnviz.errors import WeightsUnavailable
from attnviz.families import Family
from attnviz.models.attention import collecting
from attnviz.record import KeptLayer, Visibility
from attnviz.record.arrays import sealed

Layout = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Weighed:
    """The weights that one attention module gave in one forward pass, taken off the batch and off the device.

    Shape   weights (head, query, key), float32.
    """

    module: str
    weights: np.ndarray

    def layer(self, queries: Axis, keys: Axis) -> KeptLayer:
        """Name the positions, and so make a layer of the weights."""
        return KeptLayer(queries, keys, self.weights, Visibility.from_weights(self.weights))


def listen(model: nn.Module, family: Family) -> None:
    """Hook every module of a family that attends. The hooks stay, and do nothing unless this thread records."""
    for module in model.modules():
        if type(module).__name__ in family.modules:
            module.register_forward_pre_hook(_before)
            module.register_forward_hook(partial(_after, family.layout))


def weights_of(result: Any, layout: Layout) -> Tensor | None:
    """Find the weights in what an attention module returns: the first table of pairs after its output, if any.

    Shape   (batch, head, query, key).
    """
    values = list(result.values()) if isinstance(result, Mapping) else result
    if not isinstance(values, tuple | list):
        return None
    tables = (value for value in values[1:] if isinstance(value, Tensor) and value.ndim == len(layout))
    return next((table.permute(layout) for table in tables), None)


def _before(module: nn.Module, given: Any) -> None:
    if (collector := collecting()) is not None:
        collector.announce()


def _after(layout: Layout, module: nn.Module, given: Any, result: Any) -> None:
    if (collector := collecting()) is None:
        return
    name, weights = type(module).__name__, weights_of(result, layout)
    if weights is None:
        raise WeightsUnavailable(
            "{module} gave no weights, although it was asked for them. Choose another model.", module=name
        )
    if weights.shape[0] != 1:
        raise WeightsUnavailable(
            "{module} read {count} inputs at once; a record holds one. Give one alone.",
            module=name,
            count=weights.shape[0],
        )
    own = weights[0].detach().float().cpu().contiguous()  # the module's own where it can be: nobody writes to it again
    collector.calls.append(Weighed(name, sealed(own.numpy())))
