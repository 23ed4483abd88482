"""Every step of one head in numbers: a row of colours for each vector, a table for each comparison."""

from typing import Any

import numpy as np
import streamlit as st

from attnviz.capture.inside import Inside, Step
from attnviz.components.modules import stub, style
from attnviz.components.packet import pack

_mount = st.components.v2.component("attnviz_inside_view", js=stub("inside_view/view.js"), css=style("inside_view"))

WITHIN = 99.5  # percent of all numbers are within the colour scale; the few beyond it have its strongest colours
BY_HEAD = 3  # sides of a table that every head has of its own


def inside_view(packet: bytes, *, key: str) -> None:
    """Draw the steps of a layer; head and query, settings and words come from the helm.

    Data    bytes of `inside_packet`
    """
    _mount(data=packet, key=key)


def inside_packet(inside: Inside, identity: str) -> bytes:
    """Pack the steps of a layer, all heads of it.

    Shape   the payload is every table of every step in order, float32: (token, number), or (head, token, number).
    Unit    as the model holds them; `most` is the number that has the strongest colour, one a head.
    """
    header = {
        "kind": "inside",
        "id": identity,
        "stack": inside.stack,
        "layer": inside.layer,
        "heads": inside.heads,
        "scaling": inside.scaling,
        "width": int(inside.table("q").shape[2]),
        "softcap": inside.softcap,
        "without": inside.without,
        "steps": [_told(step) for step in inside.steps.values()],
    }
    return pack(header, *(table.astype("<f4") for step in inside.steps.values() for table in step.tables.values()))


def _told(step: Step) -> dict[str, Any]:
    tables = [
        {
            "name": name,
            "rows": "head" if table.ndim == BY_HEAD else "token",
            "shape": table.shape,
            "most": [_most(part) for part in (table if table.ndim == BY_HEAD else table[None])],
        }
        for name, table in step.tables.items()
    ]
    return {"name": step.name, "form": step.form, "tables": tables}


def _most(table: np.ndarray) -> float:
    sizes = np.abs(table[np.isfinite(table)])
    return float(np.percentile(sizes, WITHIN)) or 1.0
