"""Modules that take the mean of their heads from torch and pass it off as the weights of each: asked for every head."""

from types import MethodType
from typing import Any

from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

AVERAGES = "WavLMAttention"


class _EachHead(TorchFunctionMode):
    """Keeps the weights of every head that torch's own attention makes, and gives their mean to whoever called it.

    Shape   weights (batch, head, query, key).
    """

    weights: Tensor

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is not functional.multi_head_attention_forward:
            return func(*args, **(kwargs or {}))
        output, weights = func(*args, **{**(kwargs or {}), "average_attn_weights": False})
        assert weights is not None
        self.weights = weights
        return output, weights.mean(dim=1)


def show_each_head(model: nn.Module) -> None:
    """Let the modules of a model that average their heads give the weights of each; what they compute stays.

    Source  transformers' WavLMAttention, which notes it as wrong; torch issue 32590.
    """
    for module in model.modules():
        if type(module).__name__ == AVERAGES:
            own: Any = module
            own.torch_multi_head_self_attention = MethodType(_each_head, own)


def _each_head(module: Any, *given: Any, **named: Any) -> tuple[Tensor, Tensor]:
    with _EachHead() as heads:
        output, _ = type(module).torch_multi_head_self_attention(module, *given, **named)
    return output, heads.weights
