"""What the pinned token reads, in numbers, and the proof that the picture is the model's own."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from attnviz.components.modules import stub, style

_mount = st.components.v2.component("attnviz_reading_rail", js=stub("reading_rail/view.js"), css=style("reading_rail"))


def reading_rail(proof: Mapping[str, Any], *, key: str) -> bool:
    """Say what the pinned token reads; return whether the visitor has just asked for the proof.

    Data    {proof: {shown, id, row_sum_error, difference} or null, pending: bool, refused: str or null};
            a proof is shown with the map that its `shown` and `id` name, and with no other.
    Trigger {prove: {shown, id}}, the map that the visitor asks about
    """
    asked = _mount(data=dict(proof), key=key, on_prove_change=lambda: None)
    return asked.prove is not None
