"""The weights in the browser, for every view of the tab."""

import streamlit as st

from attnviz.components.modules import stub

_mount = st.components.v2.component("attnviz_shelf", js=stub("shelf/view.js"))


def shelf(packet: bytes, *, key: str) -> None:
    """Put a packet of weights on the browser's shelf; unchanged bytes are not sent again.

    Data    bytes of `attnviz.components.packet.pack`, kind "model" or "map"
    """
    _mount(data=packet, key=key)
