"""attnviz: what every attention head of a transformer reads, exactly.

This is the door for notebooks. Each name is fetched when it is first used, so that `import attnviz` takes no time and
a record can be opened where torch is not installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attnviz import figures, measures
    from attnviz.capture import capture, generate
    from attnviz.errors import AttnvizError
    from attnviz.inputs import (
        Chat,
        Generated,
        Picture,
        PictureAndText,
        Sound,
        SoundAndText,
        Text,
        TextPair,
        Turn,
        read_picture,
        read_sound,
    )
    from attnviz.models.loading import load, wrap
    from attnviz.record import AttentionMap, AttentionRecord, ScoreMap

_HOMES = {
    "AttentionMap": "attnviz.record",
    "AttentionRecord": "attnviz.record",
    "AttnvizError": "attnviz.errors",
    "Chat": "attnviz.inputs",
    "Generated": "attnviz.inputs",
    "Picture": "attnviz.inputs",
    "PictureAndText": "attnviz.inputs",
    "ScoreMap": "attnviz.record",
    "Sound": "attnviz.inputs",
    "SoundAndText": "attnviz.inputs",
    "Text": "attnviz.inputs",
    "TextPair": "attnviz.inputs",
    "Turn": "attnviz.inputs",
    "generate": "attnviz.capture",
    "load": "attnviz.models.loading",
    "read_picture": "attnviz.inputs",
    "read_sound": "attnviz.inputs",
    "wrap": "attnviz.models.loading",
}
_ROOMS = ("capture", "figures", "measures")  # capture is a room and, called, its own main function

__all__ = [
    "AttentionMap",
    "AttentionRecord",
    "AttnvizError",
    "Chat",
    "Generated",
    "Picture",
    "PictureAndText",
    "ScoreMap",
    "Sound",
    "SoundAndText",
    "Text",
    "TextPair",
    "Turn",
    "capture",
    "figures",
    "generate",
    "load",
    "measures",
    "read_picture",
    "read_sound",
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
