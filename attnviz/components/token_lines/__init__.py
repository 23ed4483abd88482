"""Two columns of tokens, queries at the left, keys at the right, and between them a line for each weight."""

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component("attnviz_token_lines", js=stub("token_lines/view.js"), css=style("token_lines"))


def token_lines(*, key: str) -> None:
    """Draw the shown map as lines from queries to keys; what a visitor points at or pins goes to the store.

    Data    none: packet, settings and choice come from the shelf and the helm
    """
    _mount(key=key)
