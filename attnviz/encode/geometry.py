"""Where each pixel that a model sees lies in the picture that was given: what an image processor did, as a value."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from attnviz.axes import ImageGeometry, Size, Span
from attnviz.errors import ModelError
from attnviz.inputs import Picture

Box = tuple[Span, Span]  # rows, columns

NEAR = 2.0  # pixels of the given picture by which a place may be off
LEVELS = 255  # a ramp of bytes tells no more places apart
CALM = 0.05  # of each side: how far an edge disturbs the ramp beside it
LIT = 200  # of 255: blue of a ramp is full wherever there is picture; borders are dark, or grey at most


def geometry_of(processor: Any, original: Size, seen: Size, lit: Box | None = None) -> ImageGeometry:
    """Work out from the settings of an image processor what it did to a picture.

    Unit    pixels; `lit` is where in the seen picture there is picture, the rest being border: everywhere unless said.
    Raises  ModelError  when the settings lead to another size than the one seen.
    """
    kind = kind_of(processor)
    start = ImageGeometry(original, original, (0, 0), original)
    (top, bottom), (left, right) = lit or ((0, seen[0]), (0, seen[1]))
    told = _RULES.get(kind, _any)(processor, start, (bottom - top, right - left))
    if told.seen == told.resized == (bottom - top, right - left):
        told = replace(told, offset=(-top, -left), seen=seen)
    if told.seen != seen:
        raise ModelError(
            "{kind} made {seen} of a picture of {original} (height, width) and by its settings it makes {told}: where "
            "a patch lies would be a guess. Choose a model with another image processor, or mend the settings of this "
            "one.",
            kind=kind,
            seen=seen,
            original=original,
            told=told.seen,
        )
    return told


def kind_of(processor: Any) -> str:
    """Name the kind of an image processor, whichever library it computes with."""
    return re.sub(r"(Pil|Fast)$", "", type(processor).__name__)


def ramp(size: Size) -> Picture:
    """Make the picture whose colours say where they are: red grows to the right, green downwards, blue is full."""
    height, width = size
    colours = np.full((height, width, 3), LEVELS, np.uint8)
    colours[:, :, 0] = np.rint((np.arange(width) + 0.5) * LEVELS / width)
    colours[:, :, 1] = np.rint((np.arange(height) + 0.5) * LEVELS / height)[:, None]
    return Picture(size, colours.tobytes())


def lit_of(colours: np.ndarray) -> Box:
    """Find the picture in what became of a ramp, by its blue.

    Shape   colours (height, width, 3).
    Unit    0 to 255; pixels.
    """
    lit = colours[:, :, 2] > LIT
    rows, cols = (np.flatnonzero(lit.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return (0, len(lit)), (0, lit.shape[1])
    return (int(rows[0]), int(rows[-1]) + 1), (int(cols[0]), int(cols[-1]) + 1)


def check_geometry(geometry: ImageGeometry, colours: np.ndarray) -> None:
    """Hold a geometry against what became of a ramp on the same way.

    Shape   colours (height, width, 3): the ramp as the model sees it.
    Unit    0 to 255.
    Raises  ModelError  when a place is off by more than 2 pixels, or by what bytes can tell at that size, or when
            picture and border lie elsewhere than the geometry says.
    """
    (top, bottom), (left, right) = geometry.filled
    inside = np.zeros(geometry.seen, bool)
    inside[top:bottom, left:right] = True
    lit = colours[:, :, 2] > LIT
    off = _off(geometry, colours[top:bottom, left:right], (top, left))
    if off > 1 or (inside != lit).mean() > 1 / min(geometry.seen):
        raise ModelError(
            "The image processor moves a picture of {original} (height, width) by {off:.1f} times what is allowed from "
            "where its settings say, or borders it elsewhere. Choose a model with another image processor.",
            original=geometry.original,
            off=off,
        )


def _off(geometry: ImageGeometry, colours: np.ndarray, start: Size) -> float:
    """Measure how far a ramp is from where it should be, in units of what is allowed."""
    worst = 0.0
    for axis, channel in ((0, 1), (1, 0)):
        side = geometry.original[axis]
        means = colours[:, :, channel].mean(axis=1 - axis)
        edge = int(len(means) * CALM)
        places = np.arange(len(means))[edge : len(means) - edge]
        told = (places + start[axis] + 0.5 + geometry.offset[axis]) * side / geometry.resized[axis]
        found = means[places] * side / LEVELS
        allowed = max(NEAR, side / LEVELS, side / geometry.resized[axis])
        worst = max(worst, float(np.abs(_straight(places, found) - told).max()) / allowed)
    return worst


def _straight(places: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Lay a line through places read off a ramp, which come in the steps of bytes."""
    if len(places) < 2:
        return found
    return np.polynomial.Polynomial.fit(places, found, 1)(places)


def _stretch(processor: Any, start: ImageGeometry, filled: Size) -> ImageGeometry:
    """Resize to whatever came out: the settings bound it, and each processor rounds in its own way."""
    if not processor.do_resize:
        return start
    return _resized(start, filled)


def _plain(processor: Any, start: ImageGeometry, filled: Size) -> ImageGeometry:
    """Resize, then cut out the middle: each where the settings ask for it."""
    found = _resized(start, resized_size(processor.size, start.seen)) if processor.do_resize else start
    if processor.do_center_crop and processor.crop_size is not None:
        return _cut(found, (processor.crop_size.height, processor.crop_size.width))
    return found


def _any(processor: Any, start: ImageGeometry, filled: Size) -> ImageGeometry:
    """Try the plain way for a processor that nobody listed, and a mere stretch where that leads to another size."""
    try:
        found = _plain(processor, start, filled)
    except (AttributeError, TypeError, ValueError):
        found = start
    return found if found.seen == filled else _resized(start, filled)


def _convnext(processor: Any, start: ImageGeometry, filled: Size) -> ImageGeometry:
    """Below 384 pixels resize to more than is kept, by `crop_pct`, and cut; from there on stretch to a square."""
    side = processor.size.shortest_edge
    if not processor.do_resize:
        return start
    if side >= 384:
        return _resized(start, (side, side))
    return _cut(_resized(start, _shortest(start.seen, int(side / processor.crop_pct))), (side, side))


def _donut(processor: Any, start: ImageGeometry, filled: Size) -> ImageGeometry:
    """Shrink until both sides fit, and put the middle of a page in the middle of the paper."""
    paper = (processor.size.height, processor.size.width)
    if processor.do_align_long_axis and (paper[0] - paper[1]) * (start.seen[0] - start.seen[1]) < 0:
        raise ModelError(
            "The image processor turns pictures of {original} (height, width) on their side, and attnviz does not "
            "follow that. Turn the picture by 90 degrees yourself.",
            original=start.original,
        )
    found = _resized(start, _shortest(start.seen, min(paper))) if processor.do_resize else start
    if processor.do_thumbnail:
        found = _resized(found, _thumbnail(found.seen, paper))
    if not processor.do_pad:
        return found
    return replace(found, offset=(-((paper[0] - found.seen[0]) // 2), -((paper[1] - found.seen[1]) // 2)), seen=paper)


def _thumbnail(size: Size, paper: Size) -> Size:
    height, width = min(size[0], paper[0]), min(size[1], paper[1])
    if (height, width) == size:
        return size
    if size[0] > size[1]:
        return height, int(size[1] * height / size[0])
    if size[1] > size[0]:
        return int(size[0] * width / size[1]), width
    return height, width


def _resized(found: ImageGeometry, size: Size) -> ImageGeometry:
    return replace(found, resized=size, seen=size)


def _cut(found: ImageGeometry, size: Size) -> ImageGeometry:
    """Cut out the middle; what is smaller gets a border instead."""
    offset = ((found.seen[0] - size[0]) // 2, (found.seen[1] - size[1]) // 2)
    return replace(found, offset=offset, seen=size)


def resized_size(size: Any, given: Size) -> Size:
    """Say what a picture is resized to by the `size` of an image processor, which comes in several forms.

    Raises  ValueError  when it comes in another.
    """
    if size.shortest_edge and size.longest_edge:
        return _between(given, size.shortest_edge, size.longest_edge)
    if size.shortest_edge:
        return _shortest(given, size.shortest_edge)
    if size.height and size.width:
        return size.height, size.width
    raise ValueError(size)


def _shortest(given: Size, side: int) -> Size:
    """Make the shorter side so long and keep the shape, the longer being rounded down."""
    longer = int(side * max(given) / min(given))
    return (longer, side) if given[1] <= given[0] else (side, longer)


def _between(given: Size, shortest: int, longest: int) -> Size:
    """Make the shorter side so long, or shorter where the longer would be too long."""
    exact = float(shortest)
    if max(given) / min(given) * shortest > longest:
        exact = longest * min(given) / max(given)
    side, longer = round(exact), int(exact * max(given) / min(given))
    if min(given) == side:
        return given
    return (longer, side) if given[1] < given[0] else (side, longer)


_Rule = Callable[[Any, ImageGeometry, Size], ImageGeometry]

_RULES: dict[str, _Rule] = {  # the kinds that are tested one by one; any other has to stand up to its ramp alone
    "BeitImageProcessor": _plain,
    "BitImageProcessor": _plain,
    "BlipImageProcessor": _plain,
    "CLIPImageProcessor": _plain,
    "ConvNextImageProcessor": _convnext,
    "DeiTImageProcessor": _plain,
    "DetrImageProcessor": _plain,
    "DonutImageProcessor": _donut,
    "Gemma3ImageProcessor": _stretch,
    "PvtImageProcessor": _plain,
    "Qwen2VLImageProcessor": _stretch,
    "SegformerImageProcessor": _plain,
    "Siglip2ImageProcessor": _stretch,
    "SiglipImageProcessor": _plain,
    "ViTImageProcessor": _plain,
    "ViltImageProcessor": _stretch,
    "YolosImageProcessor": _stretch,
}
