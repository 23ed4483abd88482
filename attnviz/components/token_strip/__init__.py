"""The text itself: point at a token and the others show what it reads, or who reads it."""

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component("attnviz_token_strip", js=stub("token_strip/view.js"), css=style("token_strip"))


def token_strip(*, key: str) -> None:
    """Write the tokens of the shelf's packet as running text; what a visitor points at or pins goes to the store.

    Data    none: packet, settings and choice come from the shelf and the helm
    """
    _mount(key=key)
