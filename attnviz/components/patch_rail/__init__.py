"""What the chosen patch reads, in numbers, what the model takes the picture for, and the proof."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component(
    "attnviz_patch_rail", js=stub("patch_rail/view.js"), css=style("reading_rail", "patch_rail")
)


@dataclass(frozen=True)
class Wish:
    """What a visitor has just asked of the rail: the proof, or whether what is drawn matters."""

    proof: bool
    matter: Mapping[str, Any] | None


def patch_rail(facts: Mapping[str, Any], *, key: str) -> Wish:
    """Say what the chosen patch reads; return what the visitor has just asked for.

    Data    {proof: {shown, id, row_sum_error, difference} or null, pending: bool, refused: str or null,
            classes: [[number, name, probability]], the likeliest first, matter: {name, label, ways: {out, in: {shares,
            curves, spread, areas}}} or {name, refused} or null}; a proof is shown with the map that its `shown` and
            `id` name.
    Trigger {prove: {shown, id}}, the map that the visitor asks about; {matter: {name, order}}, the patches of the line
            that is drawn, the strongest first, and a name by which the answer is known; {stop}, to ask no more: the
            run of the script that is waited for ends as any other does that a newer one takes the place of
    """
    asked = _mount(
        data=dict(facts),
        key=key,
        on_prove_change=lambda: None,
        on_matter_change=lambda: None,
        on_stop_change=lambda: None,
    )
    return Wish(asked.prove is not None, asked.matter if isinstance(asked.matter, Mapping) else None)
