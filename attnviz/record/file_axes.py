"""Axes of every kind as facts of a file's header, and back, believing nothing that is not checked."""

from dataclasses import asdict
from typing import Any

from attnviz.axes import Axis, Frames, ImageGeometry, Joined, Named, Patches, Size, Tokens
from attnviz.errors import RecordError
from attnviz.record import checked

MAX_SIDE = 2**20  # pixels or cells a side of a picture, mel bins of a sound
MAX_PIXELS = 2**28  # or cells, of a picture that somebody may draw
MAX_SECONDS = 10**6
MAX_DEPTH = 4  # of axes joined of joined axes; a prompt with pictures takes one

_KINDS = {Tokens: "tokens", Patches: "patches", Frames: "frames", Named: "named"}


def axis_facts(axis: Axis) -> dict[str, Any]:
    """Say all that an axis holds, as JSON can.

    Raises  RecordError  when the axis is of a kind that no file keeps.
    """
    if isinstance(axis, Joined):
        return {"kind": "joined", "parts": [axis_facts(part) for part in axis.parts]}
    if isinstance(axis, Tokens | Patches | Frames | Named):
        return {"kind": _KINDS[type(axis)], **asdict(axis)}
    raise RecordError(
        "A record keeps axes of tokens, patches, frames and names, and such axes joined, not {kind}.",
        kind=type(axis).__name__,
    )


def read_axis(facts: dict[str, Any], depth: int = 0) -> Axis:
    """Make an axis of what a header says of it.

    Raises  RecordError  when it is of no kind that is known, too deep, or says what cannot be.
    """
    match facts["kind"]:
        case "tokens":
            return _tokens(facts)
        case "patches":
            return _patches(facts)
        case "frames":
            return _frames(facts)
        case "named":
            return Named(checked.each(checked.text, facts["labels"]))
        case "joined" if depth < MAX_DEPTH:
            return Joined(checked.each(lambda part: read_axis(part, depth + 1), facts["parts"]))
    raise RecordError(
        "The header holds an axis of kind {kind!r} at depth {depth}, which this version of attnviz does not read.",
        kind=facts["kind"],
        depth=depth,
    )


def _tokens(facts: dict[str, Any]) -> Tokens:
    source = checked.text(facts["source"])
    return Tokens(
        source=source,
        labels=checked.each(checked.text, facts["labels"]),
        raw=checked.each(checked.text, facts["raw"]),
        spans=checked.each(lambda span: None if span is None else checked.span(span, len(source)), facts["spans"]),
        special=checked.each(lambda flag: checked.a(bool, flag), facts["special"]),
        words=checked.each(lambda word: None if word is None else checked.count(word), facts["words"]),
    )


def _patches(facts: dict[str, Any]) -> Patches:
    geometry = checked.a(dict, facts["geometry"])
    top, left = checked.each(checked.whole, geometry["offset"])
    height, width = checked.each(checked.number, facts["patch"])
    if not (max(abs(top), abs(left)) <= MAX_SIDE and 0 < height <= MAX_SIDE and 0 < width <= MAX_SIDE):
        raise RecordError(
            "The header holds patches of {patch} pixels in a picture moved by {offset}, which cannot be.",
            patch=(height, width),
            offset=(top, left),
        )
    return Patches(
        geometry=ImageGeometry(
            original=_size(geometry["original"]),
            resized=_size(geometry["resized"]),
            offset=(top, left),
            seen=_size(geometry["seen"]),
        ),
        grid=_size(facts["grid"]),
        patch=(height, width),
        labels=checked.each(checked.text, facts["labels"]),
        cells=checked.each(lambda cell: None if cell is None else checked.count(cell), facts["cells"]),
    )


def _size(value: Any) -> Size:
    height, width = checked.each(checked.count, value)
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE and height * width <= MAX_PIXELS):
        raise RecordError(
            "The header holds a picture or grid of {height:,} by {width:,}; {most:,} in all are read.",
            height=height,
            width=width,
            most=MAX_PIXELS,
        )
    return height, width


def _frames(facts: dict[str, Any]) -> Frames:
    (seconds,) = _rising([facts["seconds"]])
    return Frames(
        seconds=seconds,
        labels=checked.each(checked.text, facts["labels"]),
        spans=checked.each(lambda span: None if span is None else _stretch(span), facts["spans"]),
        bands=checked.each(lambda band: None if band is None else _band(band), facts["bands"]),
    )


def _stretch(value: Any) -> tuple[float, float]:
    start, stop = _rising(value)
    return start, stop


def _rising(value: Any) -> tuple[float, ...]:
    times = checked.each(checked.number, value)
    if not 0 <= min(times) <= max(times) <= MAX_SECONDS or list(times) != sorted(times):
        raise RecordError(
            "The header holds a stretch of time {times}; such stretches rise from 0 to {most:,} seconds at most.",
            times=times,
            most=MAX_SECONDS,
        )
    return times


def _band(value: Any) -> tuple[int, int]:
    return checked.span(value, MAX_SIDE)
