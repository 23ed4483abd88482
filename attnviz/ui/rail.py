"""The reading rail of a picture: what the model takes it for, and what its reader asks: the proof, and what matters."""

from collections.abc import Hashable, Mapping
from dataclasses import asdict
from threading import Lock
from time import monotonic
from typing import Any

import streamlit as st
from cachetools import LRUCache, cached

from attnviz.axes import Patches
from attnviz.capture.occlusion import Occlusion
from attnviz.components.packet import shown_name
from attnviz.components.patch_rail import patch_rail
from attnviz.errors import AttnvizError
from attnviz.record import AttentionRecord
from attnviz.service import asked
from attnviz.service.engine import engine
from attnviz.share import View
from attnviz.ui import state
from attnviz.ui.waiting import awaited

PROOF = "attnviz_picture_proof"
MATTER = "attnviz_picture_matter"
MOST_PICTURES = 32  # whose classes stay known, about a thousand each
MOST_NAMES = 2_000  # of classes that a page offers
MOST_NAME = 256  # characters of the name that the browser gives an answer
NO_PROOF: dict[str, Any] = {"proof": None, "pending": False, "refused": None}

Class = tuple[int, str, float]  # its number, its name, how likely it is


def show(view: View, record: AttentionRecord, identity: str) -> None:
    """Draw the reading rail, and answer what its reader asks."""
    about = (identity, shown_name(view))
    asked_for, answer = st.session_state.get(PROOF, (None, NO_PROOF))
    answer = answer if asked_for == about else NO_PROOF
    matter = st.session_state.get(MATTER) or {}
    names = classes(identity, view)[:MOST_NAMES]
    wish = patch_rail(answer | {"classes": names, "matter": matter or None}, key="patch_rail")
    if wish.proof and not answer["proof"]:
        st.session_state[PROOF] = (about, _answer(view, identity))
        st.rerun()
    if wish.matter and wish.matter.get("name") != matter.get("name"):
        st.session_state[MATTER] = _matter(view, record, wish.matter)
        st.rerun()


def _name_of_classes(identity: str, view: View) -> Hashable:
    return identity


@cached(LRUCache(MOST_PICTURES), key=_name_of_classes, lock=Lock())
def classes(identity: str, view: View) -> list[Class]:
    """What the model may take the picture for, the likeliest first, kept by name; nothing where it makes no classes."""
    found = awaited(asked.classes(engine(), view), state.speech())
    return [(each.index, each.label, each.probability) for each in found]


def _matter(view: View, record: AttentionRecord, wish: Mapping[str, Any]) -> dict[str, Any]:
    """What becomes of the class while patches are taken out in the order that the browser sent, or why nothing does."""
    name, order = str(wish.get("name"))[:MOST_NAME], wish.get("order")
    layer = record.layer(view.stack, view.layer)
    axis = layer.keys if view.direction == "reads" else layer.queries
    said = state.speech()
    if not (isinstance(axis, Patches) and isinstance(order, list) and all(type(each) is int for each in order)):
        return {"name": name, "refused": said("sight.matter.wrong")}
    try:
        found = awaited(asked.occlusion(engine(), view, axis, order), said)
    except AttnvizError as error:
        return {"name": name, "refused": said.error(error)}
    return {"name": name, "label": found.label, "ways": {"out": _curves(found), "in": _curves(found.turned)}}


def _curves(found: Occlusion) -> dict[str, Any]:
    """Three curves with the area under each, and how far the random orders are apart."""
    lines = {"most": found.most, "random": found.random_mean, "least": found.least}
    return {
        "shares": found.most.shares,
        "spread": found.random_spread,
        "curves": {line: curve.probabilities for line, curve in lines.items()},
        "areas": {line: curve.area for line, curve in lines.items()},
    }


def _answer(view: View, identity: str) -> dict[str, Any]:
    """What the rail says to a reader who asks for the proof."""
    said = state.speech()
    if view.average != "none":
        return NO_PROOF | {"refused": said("rail.proof_of_one_head")}
    begun = monotonic()
    try:
        found = awaited(engine().proof_for(view), said)
    except AttnvizError as error:
        return NO_PROOF | {"refused": said.error(error)}
    about = {"id": identity, "shown": shown_name(view), "seconds": monotonic() - begun}
    return NO_PROOF | {"proof": about | asdict(found)}
