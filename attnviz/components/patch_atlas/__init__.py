"""What the chosen patch reads in every head of a model, small, and the place where heads are chosen."""

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component("attnviz_patch_atlas", js=stub("patch_atlas/view.js"), css=style("patch_atlas"))


def patch_atlas(*, key: str) -> None:
    """Draw, head by head, what the chosen patch reads or who reads it; heads that are chosen go to the store.

    Data    none: weights, settings and choice come from the shelf and the helm
    """
    _mount(key=key)
