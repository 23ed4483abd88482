"""attnviz: what every attention head of a transformer reads, exactly.

This is the door for notebooks. Each name is fetched when it is first used, so that `import attnviz` takes no time and
a record can be opened where torch is not installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attnviz import figures, measures
    from attnviz.capture import capture
    from attnviz.errors import AttnvizError
    from attnviz.inputs import Text
    from attnviz.models.loading import load, wrap
    from attnviz.record import AttentionMap, AttentionRecord, ScoreMap

_HOMES = {
    "AttentionMap": "attnviz.record",
    "AttentionRecord": "attnviz.record",
    "AttnvizError": "attnviz.errors",
    "ScoreMap": "attnviz.record",
    "Text": "attnviz.inputs",
    "load": "attnviz.models.loading",
    "wrap": "attnviz.models.loading",
}
_ROOMS = ("capture", "figures", "measures")  # capture is a room and, called, its own main function

__all__ = [
    "AttentionMap",
    "AttentionRecord",
    "AttnvizError",
    "ScoreMap",
    "Text",
    "capture",
    "figures",
    "load",
    "measures",
    "wrap",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"attnviz.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"attnviz has no {name!r}; it has {', '.join(__all__)}.")


def __dir__() -> list[str]:
    return sorted(__all__)
