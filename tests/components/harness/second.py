"""Pictures for the second views: windows, tokens behind the patches, and grids too large to travel whole."""

from collections.abc import Callable
from functools import cache

import numpy as np

from attnviz.axes import ImageGeometry
from attnviz.components.patch_map import reach_packet
from attnviz.components.picture_packet import exact_packet, patches_packet, picture_packet
from attnviz.families.grids.grid import patches
from attnviz.record import AttentionRecord, Layer, ModelFacts, Visibility, WindowedLayer
from attnviz.service.tiles import Tiles
from tests.components.harness.pictures import BARE, GEOMETRY, at, colours, layer, pictured, plain, stages

DETECTING = patches(GEOMETRY, (4, 6), (16, 16), before=("[CLS]",), after=("[DET 0]", "[DET 1]"))
SIDE, WIDE = 37, 56  # patches along each side of grids that do not travel: as one map of bytes, and in tiles
FAR = 700, 40  # the query and the key of one strong weight, in both


def squares(side: int, pixels: int) -> ImageGeometry:
    size = (side * pixels, side * pixels)
    return ImageGeometry(original=size, resized=size, offset=(0, 0), seen=size)


LARGE = patches(squares(SIDE, 14), (SIDE, SIDE), (14, 14), before=("[CLS]",))
LARGEST = patches(squares(WIDE, 4), (WIDE, WIDE), (4, 4))


def made(*layers: Layer | WindowedLayer) -> AttentionRecord:
    return AttentionRecord(ModelFacts("made"), colours((120, 200)), {"self": layers})


@cache
def windows() -> AttentionRecord:
    """Windows of 2 × 3 patches in which r0 c0 reads r1 c2 with 0.8, then every patch every patch."""
    where = np.array(
        [
            [6 * row + col for row in range(top, top + 2) for col in range(left, left + 3)]
            for top in (0, 2)
            for left in (0, 3)
        ],
        np.int32,
    )
    kept = np.full((4, 1, 6, 6), 1 / 6, np.float32)
    kept[0, 0, 0] = 0.04
    kept[0, 0, 0, 5] = 0.8
    whole = layer(BARE, BARE, [(0, 23)])
    return made(WindowedLayer(BARE, BARE, kept, where), whole)


@cache
def detecting() -> AttentionRecord:
    """Tokens before and after the patches: r1 c2 reads the second detection token."""
    return made(layer(DETECTING, DETECTING, [(at(1, 2, before=1), 26)]))


@cache
def large(length: int) -> AttentionRecord:
    """Two heads; in H1 one query reads one key with almost all of its weight."""
    axis = LARGE if length == len(LARGE) else LARGEST
    random = np.random.default_rng(0)
    q, k = (random.normal(size=(2, length, 9)).astype(np.float32) for _ in range(2))
    q[:, :, 8] = k[:, :, 8] = 0
    q[1, FAR[0], 8], k[1, FAR[1], 8] = 40, 1
    return made(Layer(axis, axis, q, k, 1.0, Visibility.full(length, length)))


def lent(tiles: Tiles, identity: str, length: int) -> bytes:
    """A record whose rows and tiles are asked for under a name."""
    name = tiles.lend(identity, lambda: large(length))
    return patches_packet(large(length), "self", identity=identity, tiles=f"/tiles/{name}")


def seen(identity: str, geometry: ImageGeometry) -> bytes:
    return picture_packet(colours(geometry.seen), colours(geometry.seen), geometry, identity)


SECOND: dict[str, Callable[[Tiles], bytes]] = {
    "plain-reach": lambda tiles: reach_packet(plain(), "self", identity="plain"),
    "stages-reach": lambda tiles: reach_packet(stages(), "self", identity="stages"),
    "windows": lambda tiles: patches_packet(windows(), "self", identity="windows"),
    "windows-picture": lambda tiles: pictured("windows"),
    "windows-exact": lambda tiles: exact_packet(windows().map("self", 0, 0), "self 0.0", "windows"),
    "windows-reach": lambda tiles: reach_packet(windows(), "self", identity="windows"),
    "detecting": lambda tiles: patches_packet(detecting(), "self", identity="detecting"),
    "detecting-picture": lambda tiles: pictured("detecting"),
    "detecting-reach": lambda tiles: reach_packet(detecting(), "self", identity="detecting"),
    "far": lambda tiles: lent(tiles, "far", len(LARGE)),
    "far-picture": lambda tiles: seen("far", LARGE.geometry),
    "far-reach": lambda tiles: reach_packet(large(len(LARGE)), "self", identity="far"),
    "farther": lambda tiles: lent(tiles, "farther", len(LARGEST)),
    "farther-picture": lambda tiles: seen("farther", LARGEST.geometry),
    "farther-reach": lambda tiles: reach_packet(large(len(LARGEST)), "self", identity="farther"),
}
