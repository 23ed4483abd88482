"""Weights as packed bytes for the browser: a header in JSON, then arrays. Never JSON numbers.

    "AVZ1" | uint32 header length, little endian | JSON header, padded to 8 | payload

A model packet carries every head of the layers it holds as round(255·√weight) in uint8, (layer, head, query, key),
then thumbnails of every head when it holds fewer layers than the model has. A map packet carries one map in float32.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

MAGIC = b"AVZ1"
ALIGNMENT = 8


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


def root_bytes(weights: np.ndarray) -> np.ndarray:
    """Round the square root of each weight to one byte; small weights keep their order where a linear scale loses them.

    Shape   any; the result has the same.
    Unit    255·√weight, uint8; a weight comes back within 0.004.
    """
    return np.rint(np.sqrt(weights) * 255).astype(np.uint8)
