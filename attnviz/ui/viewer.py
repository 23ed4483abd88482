"""A picture and what its patches read: what the views in the browser are given, and what they give back."""

from collections.abc import Hashable, Mapping
from dataclasses import asdict, replace
from functools import partial
from threading import Lock
from time import monotonic
from typing import Any

import streamlit as st
from cachetools import LRUCache, cached

from attnviz import measures, share
from attnviz.axes import Patches
from attnviz.components import modules
from attnviz.components.helm import helm
from attnviz.components.packet import shown_name
from attnviz.components.patch_atlas import patch_atlas
from attnviz.components.patch_rail import patch_rail
from attnviz.components.patch_view import patch_view
from attnviz.components.picture_packet import (
    MOST_NUMBERS_EXACT,
    MOST_NUMBERS_LENS,
    OF,
    exact_packet,
    fits,
    patches_packet,
    picture_packet,
)
from attnviz.components.shelf import shelf
from attnviz.errors import AttnvizError, TooLarge
from attnviz.figures.theme import RAMP_DARK, RAMP_LIGHT
from attnviz.inputs import Picture
from attnviz.record import AttentionMap, AttentionRecord
from attnviz.service import asked
from attnviz.service.engine import engine
from attnviz.service.tiles import tiles as lender
from attnviz.share import View
from attnviz.share.view import LARGEST_NUMBER
from attnviz.ui import state, tiles
from attnviz.ui.frame import Screen, tell, tell_notes
from attnviz.ui.pickers import choose_lens
from attnviz.ui.server import TILES
from attnviz.ui.waiting import awaited

MOST_PACKET_BYTES = 64_000_000  # of packets that stay ready for the next rerun, in the whole process
MOST_CLASSES = 256  # pictures whose classes stay known
SPOKEN_IN_BROWSER = ("sight", "rail")  # the parts of the catalogue that the views use
PROOF = "attnviz_picture_proof"
MATTER = "attnviz_picture_matter"
MOST_NAME = 256  # characters of the name that the browser gives an answer
NO_PROOF: dict[str, Any] = {"proof": None, "pending": False, "refused": None}


def record_for(view: View) -> AttentionRecord:
    """The record of a view, awaited with its progress shown."""
    return awaited(engine().ticket_for(view), state.speech())


def fit(screen: Screen, view: View, record: AttentionRecord) -> View:
    """Move a view to what the record holds; a link that named something else is told so."""
    stacks = {name: [layer.heads for layer in layers] for name, layers in record.layers.items()}
    placed = share.nearest(view, stacks, LARGEST_NUMBER + 1)
    layer = record.layer(placed.view.stack, placed.view.layer)
    positions = len(layer.queries if view.direction == "reads" else layer.keys)
    found = share.nearest(placed.view, stacks, positions)
    memory = state.session()
    if memory.arriving:
        memory.notes += placed.notes + found.notes
        with screen.notes:
            tell_notes(placed.notes + found.notes)
    fitted = replace(found.view, revision=record.model.revision)
    state.keep(fitted)
    return fitted


def show(screen: Screen, view: View, record: AttentionRecord) -> None:
    """Draw the views of a picture: both pictures in the middle, every head small, the reading rail."""
    with screen.middle:
        choose_lens(view)
        patch_view(key="patch_view")
    with screen.heads:
        patch_atlas(key="patch_atlas")
    with st.container(key="unseen_packets"):
        _send(screen, view, record)
    with screen.rail:
        _rail(view, record)


def _send(screen: Screen, view: View, record: AttentionRecord) -> None:
    """Give the browser the pictures, the heads, the one exact map, and what Python has set."""
    identity = identity_of(view)
    try:
        exact = _exact(view, record, identity)
    except (
        AttnvizError
    ) as error:  # a lens that this model or this size does not allow; the weights are there all the same
        with screen.notes:
            tell(state.speech().error(error), urgent=True)
        view = replace(view, lens="raw")
        exact = _exact(view, record, identity)
    shelf(_picture(identity, view), key="shelf_picture")
    address = _address(view, record, identity)
    shelf(_patches(identity, view.stack, record, address), key="shelf_patches")
    shelf(exact, key="shelf_exact")
    helm(settings(view), key=state.PICTURES.helm)
    if address:
        tiles.answer(address, identity)


def _address(view: View, record: AttentionRecord, identity: str) -> str | None:
    """Where the page finds rows of heads that are too many to travel; None where all of them do."""
    if fits(record, view.stack):
        return None
    return f"{modules.base()}/{TILES}/{lender().lend(identity, partial(engine().kept, view))}"


def settings(view: View) -> dict[str, Any]:
    """What the views in the browser follow."""
    said = state.speech()
    return {
        "of": OF,
        "epoch": state.session().epoch,
        "lens": view.lens,
        "artefacts": _artefacts_for(view),
        "choice": state.choice_of(view),
        "language": said.language,
        "words": said.within(*SPOKEN_IN_BROWSER),
        "ramp": {"light": RAMP_LIGHT, "dark": RAMP_DARK},
    }


def _artefacts_for(view: View) -> dict[str, Any] | None:
    """The patches to be ringed and taken out of the scale, where a view asks for it; what refuses is said in words."""
    if view.specials == "shown":
        return None
    try:
        return _artefacts(identity_of(view), view)
    except AttnvizError as error:
        return {"positions": [], "refused": state.speech().error(error)}


def _name_of_artefacts(identity: str, view: View) -> Hashable:
    return identity, view.stack


@cached(LRUCache(MOST_CLASSES), key=_name_of_artefacts, lock=Lock())
def _artefacts(identity: str, view: View) -> dict[str, Any]:
    """The patches that the model has made far longer than the others, kept by name."""
    found = awaited(asked.artefacts(engine(), view), state.speech())
    return {"positions": list(found.positions), "cut": found.cut, "median": found.median}


def identity_of(view: View) -> str:
    """A name for the record of a view that two records never share."""
    return f"{view.model}@{view.revision}:{view.image}"


def exact_map(view: View, record: AttentionRecord) -> AttentionMap | None:
    """The map that a view shows, as far as it is one: one head, or the mean it names; None where it is too large."""
    layer = record.layer(view.stack, view.layer)
    picks = _picks(view, record)
    if len(layer.queries) * len(layer.keys) > MOST_NUMBERS_EXACT or (view.fuse != "mean" and len(picks) > 1):
        return None
    return measures.average(record, view.stack, picks)


def _exact(view: View, record: AttentionRecord, identity: str) -> bytes:
    """The one map in float32: what a lens makes of all layers, or the heads that are shown."""
    if view.lens == "raw":
        return exact_packet(exact_map(view, record), shown_name(view), identity)
    return _lens(identity, view, record)


def _name_of_lens(identity: str, view: View, record: AttentionRecord) -> Hashable:
    return identity, view.lens, view.stack, view.fuse, view.target


@cached(LRUCache(MOST_PACKET_BYTES, getsizeof=len), key=_name_of_lens, lock=Lock())
def _lens(identity: str, view: View, record: AttentionRecord) -> bytes:
    """The map of a lens as bytes, kept by name.

    Raises  TooLarge  when it would not travel.
    """
    first, last = record.layer(view.stack, 0), record.layer(view.stack, record.stacks[view.stack] - 1)
    numbers = len(last.queries) * len(first.keys)
    if numbers > MOST_NUMBERS_LENS:
        raise TooLarge(
            "A lens over {count:,} pairs of patches is more than a page takes; it takes {limit:,}. Choose a model with "
            "fewer patches.",
            count=numbers,
            limit=MOST_NUMBERS_LENS,
        )
    found = awaited(asked.lens(engine(), view, record), state.speech())
    return exact_packet(found, lens_name(view), identity)


def lens_name(view: View) -> str:
    """Name the map of a lens, as `shown` of common/sight.js does."""
    about = view.fuse if view.lens == "rollout" else ("best" if view.target is None else view.target)
    return f"{view.stack} {view.lens} {about}"


def _picks(view: View, record: AttentionRecord) -> list[tuple[int, int, float]]:
    """The heads of the shown map, all of layers that share the grids of the one in sight, as common/sight.js has it."""
    shown = record.layer(view.stack, view.layer)
    alike = {
        index
        for index, layer in enumerate(record.layers[view.stack])
        if (layer.queries, layer.keys) == (shown.queries, shown.keys)
    }
    if view.average == "heads":
        return list(measures.heads_of(record, view.stack, view.layer))
    if view.average == "all":
        return [each for each in measures.heads_of(record, view.stack) if each[0] in alike]
    mixed = [(each.layer, each.head, each.weight) for each in view.mix if each.weight > 0 and each.layer in alike]
    return mixed if view.average == "mix" and mixed else [(view.layer, view.head, 1.0)]


def _name_of_picture(identity: str, view: View) -> Hashable:
    return identity


@cached(LRUCache(MOST_PACKET_BYTES, getsizeof=len), key=_name_of_picture, lock=Lock())
def _picture(identity: str, view: View) -> bytes:
    """The pictures as bytes, kept by name."""
    prepared = awaited(asked.prepared(engine(), view), state.speech())
    given = engine().given(view)
    assert isinstance(given, Picture)
    return picture_packet(prepared.shown, given, prepared.geometry, identity)


def _name_of_patches(identity: str, stack: str, record: AttentionRecord, address: str | None) -> Hashable:
    return identity, stack


@cached(LRUCache(MOST_PACKET_BYTES, getsizeof=len), key=_name_of_patches, lock=Lock())
def _patches(identity: str, stack: str, record: AttentionRecord, address: str | None) -> bytes:
    """Where patches lie, and every head that travels, as bytes, kept by name."""
    return patches_packet(record, stack, identity=identity, tiles=address)


def _name_of_classes(identity: str, view: View) -> Hashable:
    return identity


@cached(LRUCache(MOST_CLASSES), key=_name_of_classes, lock=Lock())
def _classes(identity: str, view: View) -> list[tuple[int, str, float]]:
    """What the model takes the picture for, kept by name."""
    found = awaited(asked.classes(engine(), view), state.speech())
    return [(each.index, each.label, each.probability) for each in found]


def _rail(view: View, record: AttentionRecord) -> None:
    """Draw the reading rail, and answer what its reader asks: the proof, and whether what is drawn matters."""
    about = (identity_of(view), shown_name(view))
    asked_for, answer = st.session_state.get(PROOF, (None, NO_PROOF))
    answer = answer if asked_for == about else NO_PROOF
    matter = st.session_state.get(MATTER) or {}
    classes = _classes(identity_of(view), view)
    wish = patch_rail(answer | {"classes": classes, "matter": matter or None}, key="patch_rail")
    if wish.proof and not answer["proof"]:
        st.session_state[PROOF] = (about, _answer(view))
        st.rerun()
    if wish.matter and wish.matter.get("name") != matter.get("name"):
        st.session_state[MATTER] = _matter(view, record, wish.matter)
        st.rerun()


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
    lines = {"most": found.most, "random": found.random_mean, "least": found.least}
    return {
        "name": name,
        "label": found.label,
        "shares": found.most.shares,
        "spread": found.random_spread,
        "curves": {line: curve.probabilities for line, curve in lines.items()},
        "areas": {line: curve.area for line, curve in lines.items()},
    }


def _answer(view: View) -> dict[str, Any]:
    """What the rail says to a reader who asks for the proof."""
    said = state.speech()
    if view.average != "none":
        return NO_PROOF | {"refused": said("rail.proof_of_one_head")}
    begun = monotonic()
    try:
        found = awaited(engine().proof_for(view), said)
    except AttnvizError as error:
        return NO_PROOF | {"refused": said.error(error)}
    about = {"id": identity_of(view), "shown": shown_name(view), "seconds": monotonic() - begun}
    return NO_PROOF | {"proof": about | asdict(found)}
