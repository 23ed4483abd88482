"""What the chosen patch reads, in numbers, what the model takes the picture for, and the proof."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component(
    "attnviz_patch_rail", js=stub("patch_rail/view.js"), css=style("reading_rail", "patch_rail")
)


def patch_rail(facts: Mapping[str, Any], *, key: str) -> bool:
    """Say what the chosen patch reads; return whether the visitor has just asked for the proof.

    Data    {proof: {shown, id, row_sum_error, difference} or null, pending: bool, refused: str or null,
            classes: [[name, probability]]}; a proof is shown with the map that its `shown` and `id` name.
    Trigger {prove: {shown, id}}, the map that the visitor asks about
    """
    asked = _mount(data=dict(facts), key=key, on_prove_change=lambda: None)
    return asked.prove is not None
