"""Tiles of a long map through the session, for a page whose requests the route could not answer."""

import streamlit as st

from attnviz.components.modules import stub

_mount = st.components.v2.component("attnviz_tile_post", js=stub("tile_post/view.js"))


def tile_post(answers: bytes | None, *, key: str) -> None:
    """Hand the browser the tiles that it asked for; what it asks for next is the component's trigger.

    Data    bytes of `attnviz.components.packet.answers_packet`, or null
    Trigger {missing: {id, paths: [str]}}, the record and the addresses that the route did not know
    """
    _mount(data=answers, key=key, on_missing_change=lambda: None)
