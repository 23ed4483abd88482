"""The key that stands for no position: a learned sink, or what a window pads. Any axis can be lengthened by it."""

from dataclasses import replace

from attnviz.axes import Axis, Frames, Joined, Named, Patches, Tokens
from attnviz.errors import ShapeError

SINK = "(sink)"
PADDING = "[pad]"
_OF_TOKENS = ("labels", "raw", "spans", "special", "words")


def with_sink(axis: Axis, label: str = SINK) -> Axis:
    """Name one more key, after all positions, that stands for none of them.

    Raises  ShapeError  when this kind of axis cannot be lengthened.
    """
    match axis:
        case Tokens():
            return _longer_text(axis, label)
        case Patches():
            return replace(axis, labels=(*axis.labels, label), cells=(*axis.cells, None))
        case Frames():
            return replace(axis, labels=(*axis.labels, label), spans=(*axis.spans, None), bands=(*axis.bands, None))
        case Named():
            return Named((*axis.labels, label))
        case Joined():
            return Joined((*axis.parts, Named((label,))))
    raise ShapeError("A sink cannot follow {kind}. Give tokens, patches, frames or names.", kind=type(axis).__name__)


def same_positions(queries: Axis, keys: Axis) -> bool:
    """Say whether query i and key i are one position, as in self-attention; a sink or padding may follow the keys.

    A decoder that writes from an encoder names its queries by the tokens that they write, and its keys by those that it
    reads, one place behind: they are one position all the same.
    """
    if len(keys) == len(queries):
        return queries == keys or _one_behind(queries, keys)
    return len(keys) == len(queries) + 1 and keys == with_sink(queries, tuple(keys)[-1])


def _one_behind(queries: Axis, keys: Axis) -> bool:
    """Say whether the keys are a start, which stands for no text, and the queries but for the last."""
    if not (isinstance(queries, Tokens) and isinstance(keys, Tokens) and len(keys)):
        return False
    starts = keys.source == queries.source and keys.special[0] and keys.spans[0] is None
    return starts and all(getattr(keys, each)[1:] == getattr(queries, each)[:-1] for each in _OF_TOKENS)


def _longer_text(axis: Tokens, label: str) -> Tokens:
    return replace(
        axis,
        labels=(*axis.labels, label),
        raw=(*axis.raw, label),
        spans=(*axis.spans, None),
        special=(*axis.special, True),
        words=(*axis.words, None),
    )
