"""The words of the field, to be looked up."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component(
    "attnviz_glossary_list", js=stub("glossary_list/view.js"), css=style("glossary_list")
)


def glossary_list(facts: Mapping[str, Any], *, key: str) -> None:
    """Draw every term in the order of the reader's alphabet, with a field that finds some; #term leads to one.

    Data    {terms: [{slug, name, other, words, see: [text, address]}], words, languages: [own, other]}
    """
    _mount(data=dict(facts), key=key)
