"""Several heads on numbers that a student edits: split, attend in each, join, mix."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component(
    "attnviz_lab_heads", js=stub("lab_heads/view.js"), css=style("lab_bench", "lab_heads")
)


def lab_heads(facts: Mapping[str, Any], *, key: str) -> None:
    """Draw the heads and what becomes of them; every edit of a visitor is reported as it is spelled in a link.

    Data    {epoch, heads, worked, setting: {x, y, a, b, c, q, k, v, o, heads, key_heads, mask, head, step}, tables of
            the other source being null, bounds: {table: {rows, numbers, largest, decimals}}, spare: {table: rows},
            most_heads, vectors: {q, k, v} or null, made: {q, k, v: rows}, parts: [{key_head, q, k, v, scores, weights,
            found, shades}], joined, output, each matrix {cells, lines}, kept: {kept, own} or null, refused: str or
            null, presets: [{name, bench, setting}], code: {library: {step: str}}, given: {library: str}, notebook:
            {library: str}, words, ramp}
    State   {choice: {epoch, heads}, or null}
    """
    _mount(data=dict(facts), default={"choice": None}, key=key, on_choice_change=lambda: None)
