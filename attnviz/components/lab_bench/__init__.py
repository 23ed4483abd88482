"""One attention step on numbers that a student edits, worked out cell by cell."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component("attnviz_lab_bench", js=stub("lab_bench/view.js"), css=style("lab_bench"))


def lab_bench(facts: Mapping[str, Any], *, key: str) -> None:
    """Draw the bench and what becomes of it; every edit of a visitor is reported as a bench, spelled as in a link.

    Data    {epoch, bench, setting: {q, k, v, scaled, temperature, mask, size, closed, step}, most: {rows, numbers,
            largest, decimals}, steps: [{name, cells, lines}] or [] with `refused`, refused: str or null, shades: [[t]],
            facts: [{entropy, most, largest, at}], divisor: str, presets: [{name, bench, setting}], code: {library:
            {step: str}}, given: {library: str}, notebook: {library: str}, words, ramp}
    State   {choice: {epoch, bench}, or null}
    """
    _mount(data=dict(facts), default={"choice": None}, key=key, on_choice_change=lambda: None)
