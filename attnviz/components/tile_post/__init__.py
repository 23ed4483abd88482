"""Tiles of a long map through the session, for a page whose requests the route could not answer."""

import streamlit as st

from attnviz.components.modules import stub

_mount = st.components.v2.component("attnviz_tile_post", js=stub("tile_post/view.js"))


def tile_post(answers: bytes | None, *, key: str) -> None:
    """Hand the browser the tiles that it asked for; what it asks for next is the component's state.

    Data    bytes of `attnviz.components.packet.answers_packet`, or null
    State   {missing: {turn, id, paths: [str]} or null}: a name for the question, the record that it is about, and the
            addresses that the route did not know
    """
    _mount(data=answers, default={"missing": None}, key=key, on_missing_change=lambda: None)
