"""What a visitor takes away beside what the browser draws: the record, and the Python that makes the view."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from attnviz.axes import Patches
from attnviz.record import AttentionRecord
from attnviz.service import asked
from attnviz.service.limits import sized
from attnviz.service.pictures import SAMPLES
from attnviz.service.rows import region
from attnviz.share import View
from attnviz.share.python import Shown, python_of
from attnviz.ui import state

Heads = Sequence[tuple[int, int, float]]


def take_away(view: View, record: AttentionRecord, heads: Heads) -> None:
    """Draw the record as a file, and the Python that makes what is shown, to be copied."""
    said = state.speech()
    with st.container(key="image_take", horizontal=True):
        st.download_button(
            said("take.record", size=sized(record.nbytes)),
            data=partial(_file_of, record),
            file_name=f"{view.model.replace('/', '-')}.attn.safetensors",
            mime="application/octet-stream",
            on_click="ignore",
            help=said("take.record_help"),
            key="take_record",
        )
        with st.popover(said("take.python")):
            st.caption(said("take.python_told"))
            st.code(python_of(view, shown(view, record, heads)), language="python")


def shown(view: View, record: AttentionRecord, heads: Heads) -> Shown:
    """What a view alone does not say of what it shows."""
    layer = record.layer(view.stack, view.layer)
    own, other = (layer.queries, layer.keys) if view.direction == "reads" else (layer.keys, layer.queries)
    positions = None if view.query is None else region(own, view.query, _corner(view, len(own)))
    return Shown(
        heads=heads,
        positions=positions,
        reach=int(layer.reachable.max()),
        on_patches=isinstance(other, Patches),
        sample=view.image in SAMPLES,
        finding=asked.finding(view, record) if view.lens in ("gradient", "relevance") else None,
    )


def _corner(view: View, count: int) -> int:
    """The corner of a region, or the chosen position itself where there is none."""
    assert view.query is not None
    return view.query if view.corner is None or view.corner >= count else view.corner


def _file_of(record: AttentionRecord) -> bytes:
    """Write a record as a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "record.safetensors"
        record.save(path)
        return path.read_bytes()
