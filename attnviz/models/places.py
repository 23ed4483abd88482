"""Every module of a model knows its own place, so that a call can be told from another of the same class."""

from torch import nn

_PLACE = "attnviz_place"


def name_places(model: nn.Module) -> None:
    """Write on each module where it is; one that layers share keeps the first of its places."""
    for place, module in model.named_modules():
        object.__setattr__(module, _PLACE, place)


def place_of(module: nn.Module) -> str:
    """Say where a module is in the model whose places were named; nowhere in any other."""
    return getattr(module, _PLACE, "")
