"""Pictures to draw: made weights whose largest is known, on grids that are not square and differ by layer."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from attnviz.axes import ImageGeometry, Named, Patches
from attnviz.capture.detections import Detected
from attnviz.components.picture_packet import (
    exact_packet,
    found_packet,
    patches_packet,
    picture_packet,
    whole_packet,
)
from attnviz.families.grids.grid import patches
from attnviz.inputs import Picture
from attnviz.record import AttentionRecord, Layer, ModelFacts, ScoreMap, Visibility

# 200 × 120 pixels were made 160 × 96, and the middle 96 × 64 of them was seen: 4 rows and 6 columns of 16 pixels.
GEOMETRY = ImageGeometry(original=(120, 200), resized=(96, 160), offset=(16, 32), seen=(64, 96))
LARGE = ImageGeometry(original=(1200, 2000), resized=(96, 160), offset=(16, 32), seen=(64, 96))
FINE = patches(GEOMETRY, (4, 6), (16, 16), before=("[CLS]", "[REG 0]", "[REG 1]"))
BARE = patches(GEOMETRY, (4, 6), (16, 16))
COARSE = patches(GEOMETRY, (2, 3), (32, 32))
QUERIES = Named(("[QUERY 0]", "[QUERY 1]"))

Strong = tuple[int, int]  # the query and the key of one strong weight


def layer(queries: Patches | Named, keys: Patches | Named, strong: Sequence[Strong]) -> Layer:
    """A layer of as many heads as there are strong weights, every other row being even."""
    weights = np.full((len(strong), len(queries), len(keys)), 1 / len(keys))
    for head, (query, key) in enumerate(strong):
        weights[head, query] = 0.2 / (len(keys) - 1)
        weights[head, query, key] = 0.8
    unit = np.eye(len(keys), dtype=np.float32)[None]
    visible = Visibility.full(len(queries), len(keys))
    return Layer(queries, keys, np.log(weights).astype(np.float32), unit, 1.0, visible)


def colours(size: tuple[int, int]) -> Picture:
    """Red grows to the right, green downwards."""
    rows, cols = np.indices(size)
    pixels = np.stack([cols * 255 // size[1], rows * 255 // size[0], np.full(size, 90)], axis=-1).astype(np.uint8)
    return Picture(size, pixels.tobytes())


def at(row: int, col: int, before: int = 3, cols: int = 6) -> int:
    """The position of a patch."""
    return before + row * cols + col


PLAIN = [(at(1, 2), at(3, 4)), (0, at(0, 5)), (at(2, 0), 1)]


@cache
def plain() -> AttentionRecord:
    """Two layers of three heads: r1 c2 reads r3 c4, the class token reads r0 c5, r2 c0 reads a register."""
    return AttentionRecord(
        ModelFacts("made"), colours((120, 200)), {"self": (layer(FINE, FINE, PLAIN), layer(FINE, FINE, PLAIN[::-1]))}
    )


@cache
def stages() -> AttentionRecord:
    """A fine layer that reads coarse keys, then a coarse one, whose r0 c1 is r0 c2 to r1 c3 of the fine grid."""
    first = layer(BARE, COARSE, [(at(1, 3, before=0), 5)])
    second = layer(COARSE, COARSE, [(1, 5)])
    return AttentionRecord(ModelFacts("made"), colours((120, 200)), {"self": (first, second)})


@cache
def finder() -> AttentionRecord:
    """Queries that read each other, and a grid."""
    decoder = layer(QUERIES, QUERIES, [(0, 1)])
    cross = layer(QUERIES, BARE, [(1, at(2, 5, before=0))])
    return AttentionRecord(ModelFacts("made"), colours((120, 200)), {"decoder": (decoder,), "cross": (cross,)})


def scores() -> ScoreMap:
    """A map of scores, in which r1 c2 gives 2.5 to r3 c4 and 0.1 to all others."""
    found = np.full((len(FINE), len(FINE)), 0.1, np.float32)
    found[PLAIN[0]] = 2.5
    return ScoreMap(found, FINE, FINE, "relevance")


# In pixels of the given picture, 200 × 120: what lies between 80 and 120 across, 40 and 80 down.
THINGS = (
    Detected(0, "cat", 0.9, (40.0, 80.0, 80.0, 120.0), nothing=False),
    Detected(1, "dog", 0.2, (0.0, 0.0, 120.0, 200.0), nothing=True),
)


def pictured(identity: str) -> bytes:
    return picture_packet(colours((64, 96)), colours((120, 200)), GEOMETRY, identity)


PICTURES: dict[str, Callable[[], bytes]] = {
    "plain": lambda: patches_packet(plain(), "self", identity="plain"),
    "plain-picture": lambda: pictured("plain"),
    "plain-exact": lambda: exact_packet(plain().map("self", 0, 0), "self 0.0", "plain"),
    "plain-relevance": lambda: exact_packet(scores(), "self relevance best", "plain"),
    "plain-large": lambda: picture_packet(colours((64, 96)), colours((1200, 2000)), LARGE, "plain"),
    "plain-whole": lambda: whole_packet(colours((1200, 2000)), "plain"),
    "finder-found": lambda: found_packet(THINGS, "finder"),
    "stages": lambda: patches_packet(stages(), "self", identity="stages"),
    "stages-picture": lambda: pictured("stages"),
    "finder-cross": lambda: patches_packet(finder(), "cross", identity="finder"),
    "finder-decoder": lambda: patches_packet(finder(), "decoder", identity="finder"),
    "finder-picture": lambda: pictured("finder"),
}
