"""What attention costs, by formula and on this machine's clock."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component(
    "attnviz_lab_costs", js=stub("lab_costs/view.js"), css=style("lab_bench", "lab_costs")
)


def lab_costs(facts: Mapping[str, Any], *, key: str, on_measure: Callable[[], None]) -> None:
    """Draw sizes, what they cost and how that grows; `on_measure` is called before the next run when it is asked for.

    Data    {epoch, costs, worked, setting: {tokens, width, layers, heads, key_heads, batch, dtype, against}, most:
            {size: number}, dtypes, against, models: [{name, source, here, setting}], measured: {chart, sentence} or
            null, refused: str or null, words}, and unless refused {sentences: [str], rows: [{name, said, formula,
            numbers}], charts: [{name, unit, mark, lines: [{name, points: [[x, y]], at, said}]}], kinds: [{name,
            cells: [{formula, number, best}]}], code: {library: {step: str}}, given and notebook: {library: str}}
    State   {choice: {epoch, costs}, or null}
    Trigger {measure: true}
    """
    _mount(
        data=dict(facts),
        default={"choice": None},
        key=key,
        on_choice_change=lambda: None,
        on_measure_change=on_measure,
    )
