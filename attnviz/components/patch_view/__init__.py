"""The picture that a model saw and the one that was given, under what the chosen patch reads, or who reads it."""

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component("attnviz_patch_view", js=stub("patch_view/view.js"), css=style("patch_view"))


def patch_view(*, key: str) -> bool:
    """Draw both pictures of the shelf and let a visitor choose patches on them; the choice goes to the browser's store.

    Return whether the visitor has just asked for a file that needs the picture in its full size.

    Data    none: pictures, weights, settings and choice come from the shelf and the helm
    Trigger {whole: the name of the picture}
    """
    return _mount(key=key, on_whole_change=lambda: None).whole is not None
