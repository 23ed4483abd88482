"""The picture of a text: what the views in the browser are given, and what they give back."""

from collections.abc import Hashable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from threading import Lock
from time import monotonic
from types import MappingProxyType
from typing import Any

import streamlit as st
from cachetools import LRUCache, cached

from attnviz import measures, service, share
from attnviz.components.head_atlas import head_atlas
from attnviz.components.helm import helm
from attnviz.components.packet import map_packet, model_packet, no_map, shown_name, travels_whole
from attnviz.components.reading_rail import reading_rail
from attnviz.components.shelf import shelf
from attnviz.components.token_lines import token_lines
from attnviz.components.token_map import token_map
from attnviz.components.token_strip import token_strip
from attnviz.errors import AttnvizError
from attnviz.figures.theme import RAMP_DARK, RAMP_LIGHT
from attnviz.inputs import Text
from attnviz.record import AttentionMap, AttentionRecord
from attnviz.service.records import RecordKey
from attnviz.share import View
from attnviz.ui import state, tiles
from attnviz.ui.frame import Screen, tell_notes
from attnviz.ui.pickers import choose_picture
from attnviz.ui.waiting import awaited

PAGES = Path(__file__).parents[2] / "pages"
EVERY_LAYER = -1
PICTURES = {"map": token_map, "lines": token_lines}
MOST_PACKET_BYTES = 64_000_000  # of packets that stay ready for the next rerun, in the whole process
SPOKEN_IN_BROWSER = ("atlas", "strip", "map", "lines", "rail")  # the parts of the catalogue that the views use
PROOF = "attnviz_proof"
NO_MORE: Mapping[str, Any] = MappingProxyType({})
NO_PROOF: dict[str, Any] = {"proof": None, "pending": False, "refused": None}


def record_for(view: View) -> AttentionRecord:
    """The record of a view, awaited with its progress shown."""
    return awaited(service.ticket_for(view), state.speech())


def fit(screen: Screen, view: View, record: AttentionRecord) -> View:
    """Move a view to what the record holds; a link that named something else is told so."""
    stacks = {name: [layer.heads for layer in layers] for name, layers in record.layers.items()}
    tokens = len(record.layer(next(iter(stacks)), 0).queries)
    found = share.nearest(view, stacks, tokens)
    memory = state.session()
    if memory.arriving:
        memory.notes += found.notes
        with screen.notes:
            tell_notes(found.notes)
    fitted = replace(found.view, revision=record.model.revision)
    state.keep(fitted)
    return fitted


def show(screen: Screen, view: View, record: AttentionRecord) -> None:
    """Draw the views of a text: strip and map in the middle, the atlas of heads, the reading rail."""
    with screen.middle:
        token_strip(key="token_strip")
        choose_picture()
        PICTURES[view.picture](key=f"token_{view.picture}")
    with screen.heads:
        head_atlas(key="head_atlas")
    with screen.rail:
        _rail(view)
        st.page_link(PAGES / "inside.py", label=state.speech()("inside.go"), icon=":material/arrow_forward:")
    send(view, record)


def send(view: View, record: AttentionRecord, more: Mapping[str, Any] = NO_MORE) -> None:
    """Give the browser the heads, the one exact map or the address of its tiles, and what Python has set, and more."""
    with st.container(key="unseen_packets"):
        _send(view, record, more)


def _send(view: View, record: AttentionRecord, more: Mapping[str, Any]) -> None:
    identity = identity_of(view)
    address = tiles.address_for(view, record, identity)
    layer = EVERY_LAYER if address or travels_whole(record, view.stack) else view.layer
    shelf(_packed(record, identity, view.stack, layer, address), key="shelf_heads")
    shelf(no_map() if address else map_packet(shown_map(view, record), shown_name(view), identity), key="shelf_map")
    helm({**settings(view), **more}, key=state.TEXTS.helm)
    if address:
        tiles.answer(address, identity)


def settings(view: View) -> dict[str, Any]:
    """What the views in the browser follow."""
    said = state.speech()
    return {
        "epoch": state.session().epoch,
        "choice": state.choice_of(view),
        "specials": view.specials,
        "scale": view.scale,
        "spelling": view.spelling,
        "language": said.language,
        "words": said.within(*SPOKEN_IN_BROWSER),
        "ramp": {"light": RAMP_LIGHT, "dark": RAMP_DARK},
    }


def identity_of(view: View) -> str:
    """A name for the record of a view that two records never share."""
    key = RecordKey.of(view.model, view.revision, Text(view.text))
    return f"{key.model}@{key.revision}:{key.input_hash.hex()}"


def shown_map(view: View, record: AttentionRecord) -> AttentionMap:
    """The map that a view shows: one head, or the average it names."""
    if view.average == "heads":
        return measures.average(record, view.stack, measures.heads_of(record, view.stack, view.layer))
    if view.average == "all":
        return measures.average(record, view.stack)
    mixed = [(one.layer, one.head, one.weight) for one in view.mix if one.weight > 0]
    if view.average == "mix" and mixed:
        return measures.average(record, view.stack, mixed)
    return record.map(view.stack, view.layer, view.head)


def _name_of_packet(record: AttentionRecord, identity: str, stack: str, layer: int, address: str | None) -> Hashable:
    return identity, stack, layer


@cached(LRUCache(MOST_PACKET_BYTES, getsizeof=len), key=_name_of_packet, lock=Lock())
def _packed(record: AttentionRecord, identity: str, stack: str, layer: int, address: str | None) -> bytes:
    """The heads of a record as bytes, kept by name: of one layer, or of EVERY_LAYER."""
    characters = measures.character(record, stack)
    return model_packet(record, stack, layer=max(layer, 0), characters=characters, identity=identity, tiles=address)


def _rail(view: View) -> None:
    """Draw the reading rail; when its reader asks, check the shown head against the model's own eager attention."""
    about = (identity_of(view), shown_name(view))
    asked, answer = st.session_state.get(PROOF, (None, NO_PROOF))
    answer = answer if asked == about else NO_PROOF
    if reading_rail(answer, key="reading_rail") and not answer["proof"]:
        st.session_state[PROOF] = (about, _answer(view))
        st.rerun()


def _answer(view: View) -> dict[str, Any]:
    """What the rail says to a reader who asks for the proof."""
    said = state.speech()
    if view.average != "none":
        return NO_PROOF | {"refused": said("rail.proof_of_one_head")}
    begun = monotonic()
    try:
        found = awaited(service.proof_for(view), said)
    except AttnvizError as error:
        return NO_PROOF | {"refused": said.error(error)}
    about = {"id": identity_of(view), "shown": shown_name(view), "seconds": monotonic() - begun}
    return NO_PROOF | {"proof": about | asdict(found)}
