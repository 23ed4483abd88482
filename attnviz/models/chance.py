"""What a model draws by lot: drawn alike in every pass, and told to whoever records."""

from types import MethodType
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from attnviz.models.attention import collecting

SHUFFLED = "shuffled"  # the note of where each patch token is, (row, col), in the order of the pass
SHUFFLES = "ViltEmbeddings"


class _Alike(TorchFunctionMode):
    """Draws lots from a source of its own, which this thread alone uses and which begins anew each time.

    torch's own source is shared by all threads: with it no pass could be repeated, nor proven.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lots = torch.Generator().manual_seed(0)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        told = dict(kwargs or {})
        if func is torch.multinomial:
            told["generator"] = self._lots
        return func(*args, **told)


def draw_alike(model: nn.Module) -> None:
    """Let the modules of a model that shuffle patches do so alike in every pass, and say in which order they did."""
    for module in model.modules():
        if type(module).__name__ == SHUFFLES:
            own: Any = module
            own.visual_embed = MethodType(_visual_embed, own)


def _visual_embed(module: Any, *given: Any, **named: Any) -> Any:
    with _Alike():
        patches, mask, (order, size) = type(module).visual_embed(module, *given, **named)
    collector = collecting()
    if collector is not None:
        collector.notes[SHUFFLED] = tuple((int(row), int(col)) for row, col in order[0].tolist())
    return patches, mask, (order, size)
