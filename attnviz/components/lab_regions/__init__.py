"""A picture as values: its regions, their weights, and what they come to."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from attnviz.components.modules import stub, style
from attnviz.components.packet import pack

_hold = st.components.v2.component("attnviz_lab_regions_pictures", js=stub("lab_regions/album.js"))
_mount = st.components.v2.component(
    "attnviz_lab_regions", js=stub("lab_regions/view.js"), css=style("lab_bench", "picture_tray", "lab_regions")
)


def pictures_packet(facts: Mapping[str, Any], *jpegs: bytes) -> bytes:
    """Pack facts with pictures as files, JPEG or PNG: in the order in which the facts name them."""
    header = {"kind": "picture", "facts": dict(facts), "files": [[_kind(each), len(each)] for each in jpegs]}
    return pack(header, *(np.frombuffer(each, np.uint8) for each in jpegs))


def lab_pictures(packet: bytes, *, key: str) -> None:
    """Hand the browser the picture on the bench and those to choose from; unchanged bytes are not sent again.

    Data    bytes of `pictures_packet`: {name, size, choices: [[name, title]]}, the picture, then the small ones
    """
    _hold(data=packet, key=key)


def lab_regions(packet: bytes, *, key: str) -> None:
    """Draw the picture, its regions with their weights, the recomposed picture and the pooled vector.

    Data    bytes of `pictures_packet`: {epoch, regions, worked, setting: {picture, rows, cols, parts, source, query,
            scaled, temperature, layer, head, token}, begin: {layer, head}, most: {side, part, decimals}, model:
            {layers, heads, grid} or null, refused: str or null, weights: [str], rest: str or null, total: str, shades:
            [t], lines: [str], scores: [str] or null, keys: [[str]] or null, colours: [css], whole: {css, numbers:
            [str]}, sums: [str], divisor, code: {library: {step: str}}, given and notebook: {library: str}, words},
            then the pooled region as a PNG; where all is refused there is nothing from weights on
    State   {choice: {epoch, regions}, or null}
    """
    _mount(data=packet, default={"choice": None}, key=key, on_choice_change=lambda: None)


def _kind(file: bytes) -> str:
    return "image/png" if file.startswith(b"\x89PNG") else "image/jpeg"
