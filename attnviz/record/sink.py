"""The key that stands for a learned sink: what a row gives to no position at all."""

from dataclasses import replace

from attnviz.axes import Axis, Tokens
from attnviz.errors import ShapeError

SINK = "(sink)"


def with_sink(axis: Axis) -> Axis:
    """Name one more key, after all positions, for a head's learned sink.

    Raises  ShapeError  when this kind of axis cannot be lengthened.
    """
    if not isinstance(axis, Tokens):
        raise ShapeError(
            "A sink can follow tokens only, not {kind}.",
            kind=type(axis).__name__,
        )
    return replace(
        axis,
        labels=(*axis.labels, SINK),
        raw=(*axis.raw, SINK),
        spans=(*axis.spans, None),
        special=(*axis.special, True),
        words=(*axis.words, None),
    )
