"""What Python sets and what the visitor's hand chooses, exchanged once for all views."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from attnviz.components.modules import stub

_mount = st.components.v2.component("attnviz_helm", js=stub("helm/view.js"))


def helm(settings: Mapping[str, Any], *, key: str) -> dict[str, Any] | None:
    """Set what the views show, and return the latest choice that a visitor made on them.

    Data    {epoch, choice: {stack, layer, head, query, average, mix, direction}, specials, scale, spelling, language,
            words, ramp}
    State   {choice: the same parts with the epoch they were made in, or null}
    """
    picked = _mount(data=dict(settings), default={"choice": None}, key=key, on_choice_change=lambda: None)
    return picked.choice
