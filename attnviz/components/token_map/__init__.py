"""The heat map of one head, or of a mix of heads: query rows, key columns."""

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component("attnviz_token_map", js=stub("token_map/view.js"), css=style("token_map"))


def token_map(*, key: str) -> None:
    """Draw the map that the visitor has chosen; it takes weights from the shelf and the choice from the helm."""
    _mount(key=key)
