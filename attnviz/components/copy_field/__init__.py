"""A line of text to take along, with a button that copies it."""

from collections.abc import Mapping

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component("attnviz_copy_field", js=stub("copy_field/view.js"), css=style("copy_field"))


def copy_field(text: str, words: Mapping[str, str], *, key: str) -> None:
    """Show a text in a field that can be selected, and copy it on request, over plain http too.

    Data    {text: str, words: {label, copy, copied}}
    """
    _mount(data={"text": text, "words": dict(words)}, key=key)
