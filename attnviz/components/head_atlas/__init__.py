"""Every head of a model as a small heat map, and the place where a head, a mean or a mix is chosen."""

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component("attnviz_head_atlas", js=stub("head_atlas/view.js"), css=style("head_atlas"))


def head_atlas(*, key: str) -> None:
    """Draw layer by layer, head by head, what the shelf holds; what a visitor chooses goes to the store.

    Data    none: packet, settings and choice come from the shelf and the helm
    """
    _mount(key=key)
