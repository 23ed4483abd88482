"""A picture and the weights of its patches as packed bytes for the browser: a header in JSON, then arrays.

A picture packet carries two pictures as files: the one that the model saw and the one that was given, made small. A
patches packet carries where each position of each layer lies, and, of a model whose heads all fit, every head as
round(255·√weight) in uint8, (layer, head, query, key). Of a larger one it names the address where rows are asked for.
"""

import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from PIL import Image

from attnviz.axes import Axis, ImageGeometry, Patches
from attnviz.capture.detections import Detected
from attnviz.components.packet import MOST_BYTES_WHOLE, pack
from attnviz.inputs import Picture
from attnviz.record import AnyLayer, AttentionMap, AttentionRecord, ScoreMap
from attnviz.service.pyramid import root_bytes

OF = "pictures"  # which of the browser's stores takes the packet
NO_CELL = -1
MOST_PIXELS_ORIGINAL = 1_280  # a side of the picture beside the one that the model saw
MOST_PIXELS_EXACT = 512**2  # up to here the picture that the model saw travels pixel by pixel
MOST_NUMBERS_EXACT = 2**20  # of one map in float32: 4 MB
MOST_NUMBERS_LENS = 2**21  # of a map that comes in no other way
KINDS = {  # how a token that is no patch begins → what a reader is told that it is
    "[CLS": "class",
    "[DIST": "teacher",
    "[REG": "register",
    "[DET": "detection",
    "[QUERY": "query",
    "[PROBE": "probe",
    "[PAD": "padding",
    "[pad": "padding",
}
FINDING = ("detection", "query")  # the kinds of tokens that become a box each


def kind_of(label: str) -> str:
    """Say of what kind a token is that is no patch."""
    return next((kind for begin, kind in KINDS.items() if label.startswith(begin)), "other")


def picture_packet(seen: Picture, given: Picture, geometry: ImageGeometry, identity: str) -> bytes:
    """Pack the picture that the model saw, and the one that was given, with how the first lies in the second."""
    files = [_file(seen), _file(_small(given))]
    header = {
        "kind": "picture",
        "of": OF,
        "id": identity,
        "original": geometry.original,
        "resized": geometry.resized,
        "offset": geometry.offset,
        "seen": geometry.seen,
        "filled": geometry.filled,
        "files": [[kind, len(content)] for kind, content in files],
    }
    return pack(header, *(np.frombuffer(content, np.uint8) for _, content in files))


def patches_packet(record: AttentionRecord, stack: str, *, identity: str, tiles: str | None = None) -> bytes:
    """Pack where positions lie, and every head; with `tiles`, the address where rows are asked for, no head travels.

    Shape   the payload is the cells of each axis (position,), int32, NO_CELL for what is no patch, then the weights of
            each layer (head, query, key).
    Unit    255·√weight, uint8; reach: how many keys a row of the layer is spread over.
    """
    layers = layers_of(record, stack)
    axes: list[Axis] = []
    sides = [[_place(axis, axes) for axis in (layer.queries, layer.keys)] for layer in layers]
    header = {
        "kind": "patches",
        "of": OF,
        "id": identity,
        "stack": stack,
        "stacks": list(record.layers),
        "layers": [
            {"heads": layer.heads, "queries": queries, "keys": keys, "reach": int(layer.reachable.max())}
            for layer, (queries, keys) in zip(layers, sides, strict=True)
        ],
        "axes": [_described(axis) for axis in axes],
        "tiles": {"address": tiles} if tiles else None,
    }
    weights = [] if tiles else [root_bytes(layer.weights()) for layer in layers]
    return pack(header, *map(_cells, axes), *weights)


def exact_packet(drawn: AttentionMap | ScoreMap | None, shown: str, identity: str) -> bytes:
    """Pack one map exactly, for the numbers that are read, or what takes its place where none travels.

    Shape   the payload is (query, key), float32.
    Unit    fraction of a row; of scores, as `unit` of the header says.
    """
    if drawn is None:
        return pack({"kind": "map", "of": OF, "id": "", "shown": ""})
    scores, unit = (drawn.scores, drawn.unit) if isinstance(drawn, ScoreMap) else (drawn.weights, "")
    header = {"kind": "map", "of": OF, "id": identity, "shown": shown, "unit": unit}
    return pack(header, scores.astype("<f4", copy=False))


def whole_packet(given: Picture, identity: str) -> bytes:
    """Pack the picture that was given in its full size, to draw on what is taken away."""
    kind, content = _file(given)
    header = {"kind": "whole", "of": OF, "id": identity, "type": kind}
    return pack(header, np.frombuffer(content, np.uint8))


def found_packet(found: Sequence[Detected], identity: str) -> bytes:
    """Pack what each query of a detector has found, in the order of the queries."""
    return pack({"kind": "found", "of": OF, "id": identity, "things": [asdict(each) for each in found]})


def layers_of(record: AttentionRecord, stack: str) -> list[AnyLayer]:
    """Give the layers of a stack, in order."""
    return [record.layer(stack, index) for index in range(record.stacks[stack])]


def fits(record: AttentionRecord, stack: str) -> bool:
    """Whether every head of a stack travels at once."""
    sizes = (layer.heads * len(layer.queries) * len(layer.keys) for layer in layers_of(record, stack))
    return sum(sizes) <= MOST_BYTES_WHOLE


def _place(axis: Axis, axes: list[Axis]) -> int:
    """Find an axis among those that are told, or tell one more."""
    for place, known in enumerate(axes):
        if known is axis or known == axis:
            return place
    axes.append(axis)
    return len(axes) - 1


def _described(axis: Axis) -> dict[str, Any]:
    cells = axis.cells if isinstance(axis, Patches) else (None,) * len(axis)
    names = [[place, axis[place], kind_of(axis[place])] for place, cell in enumerate(cells) if cell is None]
    grid, patch = (axis.grid, axis.patch) if isinstance(axis, Patches) else ((0, 0), (0, 0))
    return {"count": len(axis), "grid": grid, "patch": patch, "names": names}


def _cells(axis: Axis) -> np.ndarray:
    cells: Sequence[int | None] = axis.cells if isinstance(axis, Patches) else (None,) * len(axis)
    return np.array([NO_CELL if cell is None else cell for cell in cells], "<i4")


def _small(picture: Picture) -> Picture:
    longest = max(picture.size)
    if longest <= MOST_PIXELS_ORIGINAL:
        return picture
    height, width = (max(1, round(side * MOST_PIXELS_ORIGINAL / longest)) for side in picture.size)
    small = Image.fromarray(picture.pixels).resize((width, height), Image.Resampling.LANCZOS)
    return Picture((height, width), small.tobytes())


def _file(picture: Picture) -> tuple[str, bytes]:
    """Write a picture as a file that a browser opens: exactly where it is small."""
    written, opened = io.BytesIO(), Image.fromarray(picture.pixels)
    if picture.size[0] * picture.size[1] <= MOST_PIXELS_EXACT:
        opened.save(written, "PNG")
        return "image/png", written.getvalue()
    opened.save(written, "JPEG", quality=92)
    return "image/jpeg", written.getvalue()
