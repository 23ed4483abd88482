"""Pictures to choose from, small."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from attnviz.components.modules import stub, style
from attnviz.components.packet import pack

_mount = st.components.v2.component("attnviz_picture_tray", js=stub("picture_tray/view.js"), css=style("picture_tray"))


@dataclass(frozen=True)
class Thumbnail:
    """One picture of the tray: its name, what a reader calls it, and a small JPEG of it."""

    name: str
    title: str
    jpeg: bytes


def picture_tray(
    pictures: Sequence[Thumbnail], chosen: str, words: Mapping[str, str], *, key: str, on_pick: Callable[[], None]
) -> None:
    """Draw pictures side by side; `on_pick` is called before the next run when a visitor has chosen one.

    Data    bytes of `attnviz.components.packet.pack`: {chosen, words: {legend}, pictures: [[name, title, bytes]]}
    Trigger {picked: str}, the name of a picture
    """
    header = {
        "kind": "tray",
        "chosen": chosen,
        "words": dict(words),
        "pictures": [[each.name, each.title, len(each.jpeg)] for each in pictures],
    }
    packed = pack(header, *(np.frombuffer(each.jpeg, np.uint8) for each in pictures))
    _mount(data=packed, key=key, on_picked_change=on_pick)
