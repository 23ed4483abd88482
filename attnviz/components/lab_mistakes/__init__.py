"""Common mistakes, each beside the right way, with the numbers that give it away."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component("attnviz_lab_mistakes", js=stub("lab_mistakes/view.js"), css=style("lab_mistakes"))


def lab_mistakes(facts: Mapping[str, Any], *, key: str) -> None:
    """Draw each mistake as a pair of code, results and the one number to look at.

    Data    {pairs: [{name, sign, wrong: {code, cells, sign}, right: the same}], words, notebook: {name: str}}
    """
    _mount(data=dict(facts), key=key)
