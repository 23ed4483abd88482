"""A chapter: the list of all of them, its words, and the figure beside them that answers."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from attnviz.components.modules import stub, style
from attnviz.components.packet import pack

if TYPE_CHECKING:
    from attnviz.service.chapters import Panel

_mount = st.components.v2.component(
    "attnviz_chapter_figure", js=stub("chapter_figure/view.js"), css=style("chapter_figure")
)


def chapter_figure(
    facts: Mapping[str, Any], panels: "Sequence[Panel]", *, key: str, on_pick: Callable[[], None]
) -> None:
    """Draw a chapter, its words alone while there are no panels.

    `on_pick` is called before the next run when a visitor goes to another chapter.

    Data    bytes of `attnviz.components.packet.pack`: {chapter, chapters: [[name, title, address]], title, words, hint,
            caption, tries: [text, address], sources: [[text, address]], ramp, phrases, panels: [{name, told, tables:
            [[name, type, shape]]}]}, then the tables
    Trigger {picked: str}, the name of a chapter
    """
    tables = [[(name, np.asarray(table)) for name, table in each.tables.items()] for each in panels]
    told = [
        {"name": panel.name, "told": dict(panel.told), "tables": [_laid(name, table) for name, table in own]}
        for panel, own in zip(panels, tables, strict=True)
    ]
    payload = [_sent(table) for own in tables for _, table in own]
    _mount(data=pack({"kind": "chapter", **facts, "panels": told}, *payload), key=key, on_picked_change=on_pick)


def _laid(name: str, table: np.ndarray) -> list[Any]:
    return [name, "u1" if table.dtype == np.uint8 else "f4", table.shape]


def _sent(table: np.ndarray) -> np.ndarray:
    return table if table.dtype == np.uint8 else table.astype("<f4", copy=False)
