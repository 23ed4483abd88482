"""Weights as packed bytes for the browser: a header in JSON, then arrays. Never JSON numbers.

    "AVZ1" | uint32 header length, little endian | JSON header, padded to 8 | payload

A model packet carries every head of the layers it holds as round(255·√weight) in uint8, (layer, head, query, key),
then thumbnails of every head when it holds fewer layers than the model has. A map packet carries one map in float32.

Of a long text no layer and no map travels: its model packet names the address of its tiles (attnviz/service/tiles.py),
and carries the text and where in it each token lies, which is what a map is labelled with from afar.
"""

import json
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from attnviz.axes import Tokens
from attnviz.errors import ShapeError
from attnviz.measures import Character
from attnviz.measures.sample import MOST_QUERIES, sample, sampled
from attnviz.record import AnyLayer, AttentionMap, AttentionRecord
from attnviz.record.pool import Pooled
from attnviz.service.pyramid import root_bytes
from attnviz.service.tiles import MOST_PAIRS
from attnviz.share.view import View

MAGIC = b"AVZ1"
ALIGNMENT = 8
MOST_TOKENS_WHOLE = 128  # up to here every head goes to the browser at once
MOST_BYTES_WHOLE = 8_000_000  # and up to here: 1,152 heads of 128 tokens would be 19 MB
MOST_BYTES_LAYER = 16_000_000  # half of what server.maxMessageSize lets through: twelve heads of 1,150 tokens
MOST_TOKENS_MAP = MOST_QUERIES  # one exact map of so many is 4 MB; beyond, tiles travel
THUMBNAIL_SIDE = 32  # a tile of the atlas is about as many pixels wide
NO_SPAN = -1  # of a token that stands for no text


def pack(header: Mapping[str, Any], *payload: np.ndarray) -> bytes:
    """Join a header and arrays into one message.

    Shape   any; arrays follow one another in the order given, C order.
    """
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-(len(MAGIC) + 4 + len(text)) % ALIGNMENT)
    return b"".join([MAGIC, struct.pack("<I", len(text)), text, *(np.ascontiguousarray(a).tobytes() for a in payload)])


def unpack(message: bytes) -> tuple[dict[str, Any], bytes]:
    """Split a message into its header and its payload, as `common/packet.js` does."""
    (length,) = struct.unpack("<I", message[4:8])
    return json.loads(message[8 : 8 + length]), message[8 + length :]


def model_packet(
    record: AttentionRecord,
    stack: str,
    *,
    layer: int,
    characters: Sequence[Sequence[Character]],
    identity: str,
    tiles: str | None = None,
) -> bytes:
    """Pack what the browser needs to show any head: the whole model, or `layer` and a thumbnail of every head.

    With `tiles`, the address where tiles of a long text are asked for, no layer travels.

    Shape   characters: [layer][head]; the payload is (layer, head, query, key), then thumbnails (head, row, col), then
            with `tiles` int32 (token, 2): where each begins and ends in the text, in characters.
    Unit    255·√weight, uint8.
    """
    layers = [record.layer(stack, index) for index in range(record.stacks[stack])]
    held = range(0) if tiles else _held(layers, layer)
    whole = len(held) == len(layers)
    header = {
        "kind": "model",
        "id": identity,
        "stack": stack,
        "layers": len(layers),
        "heads": [each.heads for each in layers],
        "queries": len(layers[0].queries),
        "keys": len(layers[0].keys),
        "first": held.start,
        "held": len(held),
        "thumbnail": None if whole else _thumbnail(layers[0]),
        **_names(layers[0]),
        "characters": [[each.kind, round(each.score, 3)] for row in characters for each in row],
        "tiles": {"address": tiles, **_afar(layers[0])} if tiles else None,
    }
    payload = [_bytes_of(layers[index]) for index in held]
    return pack(header, *payload, *([] if whole else _thumbnails(layers)), *([_spans(layers[0])] if tiles else []))


def is_long(record: AttentionRecord, stack: str) -> bool:
    """Whether a map is too large to travel whole, so that it is looked at by tiles."""
    layer = record.layer(stack, 0)
    return max(len(layer.queries), len(layer.keys)) > MOST_TOKENS_MAP


def travels_whole(record: AttentionRecord, stack: str) -> bool:
    """Whether one model packet carries every head, whatever layer it is made for."""
    layers = [record.layer(stack, index) for index in range(record.stacks[stack])]
    return len(_held(layers, 0)) == len(layers)


def map_packet(attention_map: AttentionMap, shown: str, identity: str) -> bytes:
    """Pack one map exactly, for the numbers that are read; `shown` is its name, as `shown_name` gives it.

    Shape   the payload is (query, key), float32.
    Unit    fraction of a row.
    """
    header = {"kind": "map", "id": identity, "shown": shown}
    return pack(header, attention_map.weights.astype("<f4", copy=False))


def no_map() -> bytes:
    """Pack what takes the place of a map that does not travel."""
    return pack({"kind": "map", "id": "", "shown": ""})


def answers_packet(answers: Mapping[str, bytes]) -> bytes:
    """Pack tiles that were asked for through the session, by the addresses they were asked by."""
    header = {"kind": "answers", "answers": [[path, len(answer)] for path, answer in answers.items()]}
    return pack(header, *(np.frombuffer(answer, np.uint8) for answer in answers.values()))


def shown_name(view: View) -> str:
    """Name the map that a view shows, as `shown` of common/store.js does: the exact map is known by it."""
    if view.average == "heads":
        return f"{view.stack} {view.layer}.mean"
    if view.average == "all":
        return f"{view.stack} mean"
    mixed = [part for part in view.mix if part.weight > 0] if view.average == "mix" else []
    if not mixed:
        return f"{view.stack} {view.layer}.{view.head}"
    return f"{view.stack} " + ",".join(f"{part.layer}.{part.head}*{_percent(part.weight)}" for part in mixed)


def _percent(weight: float) -> int:
    return math.floor(100 * weight + 0.5)  # halves go up, as Math.round takes them


def _held(layers: Sequence[AnyLayer], layer: int) -> range:
    """The layers that travel: all, or the one that is shown, or none where even that would be too large."""
    sides = (len(layers[0].queries), len(layers[0].keys))
    map_bytes = math.prod(sides)
    if max(sides) <= MOST_TOKENS_WHOLE and sum(each.heads for each in layers) * map_bytes <= MOST_BYTES_WHOLE:
        return range(len(layers))
    if layers[layer].heads * map_bytes <= MOST_BYTES_LAYER:
        return range(layer, layer + 1)
    return range(layer, layer)


def _names(layer: AnyLayer) -> dict[str, Any]:
    """What is written beside the positions: those of the keys, which are the queries and then the sink, if any."""
    axis = _axis(layer)
    return {name: list(getattr(axis, name)) for name in ("labels", "raw", "glued", "special", "words")}


def _axis(layer: AnyLayer) -> Tokens:
    axis = layer.keys
    if not isinstance(axis, Tokens):
        raise ShapeError("A packet names tokens; this layer's keys are {kind}.", kind=type(axis).__name__)
    return axis


def _bytes_of(layer: AnyLayer) -> np.ndarray:
    """Every head of a layer, one at a time: a long text's layer in float32 would be four times the message."""
    return np.concatenate([root_bytes(layer.weights(slice(head, head + 1))) for head in range(layer.heads)])


def _thumbnail(layer: AnyLayer) -> dict[str, int]:
    return {"rows": min(THUMBNAIL_SIDE, len(layer.queries)), "cols": min(THUMBNAIL_SIDE, len(layer.keys))}


def _thumbnails(layers: Sequence[AnyLayer]) -> list[np.ndarray]:
    """Every head max-pooled, so that a single strong weight is seen; of a long text by a sample of its queries."""
    if len(layers[0].queries) > MOST_QUERIES:
        return [each for layer in layers for each in _sampled_thumbnails(layer)]
    shape = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    return [root_bytes(layer.tile(head, shape=shape, pool="max")) for layer in layers for head in range(layer.heads)]


def _sampled_thumbnails(layer: AnyLayer) -> list[np.ndarray]:
    shape = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    found = []
    for weights in sampled(layer, sample(len(layer.queries))):
        pooled = Pooled(weights.shape, shape, "max")
        pooled.add(0, weights)
        found.append(root_bytes(pooled.result()))
    return found


def _afar(layer: AnyLayer) -> dict[str, Any]:
    """What a map that is looked at by tiles needs to know beside the names of its tokens."""
    rows = sum(end - start for start, end in sample(len(layer.queries)))
    return {"source": _axis(layer).source, "most": MOST_PAIRS, "sampled": rows}


def _spans(layer: AnyLayer) -> np.ndarray:
    """Where each token lies in the text.

    Shape   (token, 2), int32, little endian.
    """
    return np.array([span or (NO_SPAN, NO_SPAN) for span in _axis(layer).spans], "<i4")
