"""The same queries, keys and values scored in five ways, side by side, and pooled."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component(
    "attnviz_lab_scoring", js=stub("lab_scoring/view.js"), css=style("lab_bench", "lab_scoring")
)


def lab_scoring(facts: Mapping[str, Any], *, key: str) -> None:
    """Draw every way and what becomes of it; every edit of a visitor is reported as it is spelled in a link.

    Data    {epoch, scoring, worked, setting: {q, k, v, x, r, z, c, m, a, b, e, p, f, g, way, step}, tables of the other
            sources being null, bounds: {table: {rows, numbers, largest, decimals}}, spare: {table: rows}, keys, ways:
            {way: {scores, weights, output, shades} or {refused}}, hidden: [[[str]]] by query and key, or null, pooled:
            {importances, shares, pooled, shades} or {refused}, each matrix {cells, lines}, refused: str or null,
            presets: [{name, bench, setting}], code: {library: {keys: {source: str}, scores: {way: str}, step: str}},
            given: {library: str}, notebook: {library: str}, words, ramp}
    State   {choice: {epoch, scoring}, or null}
    """
    _mount(data=dict(facts), default={"choice": None}, key=key, on_choice_change=lambda: None)
