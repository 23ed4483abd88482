"""A picture and what its patches read: what the views in the browser are given, and what they give back."""

from collections.abc import Hashable
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import Any

import streamlit as st
from cachetools import LRUCache, cached

from attnviz import measures, share
from attnviz.components import modules
from attnviz.components.helm import helm
from attnviz.components.packet import shown_name
from attnviz.components.patch_atlas import patch_atlas
from attnviz.components.patch_view import patch_view
from attnviz.components.picture_packet import (
    FINDING,
    MOST_NUMBERS_EXACT,
    MOST_NUMBERS_LENS,
    OF,
    exact_packet,
    fits,
    found_packet,
    kind_of,
    patches_packet,
    picture_packet,
    whole_packet,
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
from attnviz.ui import rail, state, tiles
from attnviz.ui.catalogue import Words
from attnviz.ui.frame import Screen, tell, tell_notes
from attnviz.ui.pickers import DISCARDING, choose_lens
from attnviz.ui.second import second
from attnviz.ui.server import TILES
from attnviz.ui.taking import take_away
from attnviz.ui.waiting import awaited

ABOUT_CLASSES = ("gradient", "relevance")  # lenses
MOST_PACKET_BYTES = 64_000_000  # of packets that stay ready for the next rerun, in the whole process
MOST_ARTEFACTS = 256  # pictures whose artefacts stay known
SPOKEN_IN_BROWSER = ("sight", "rail", "second")  # the parts of the catalogue that the views use


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
        told = st.container(key="lens_told")
        wanted = patch_view(key="patch_view")
        taken = st.container(key="image_taken")
    with screen.heads:
        patch_atlas(key="patch_atlas")
    with st.container(key="unseen_packets"):
        drawn, exact, refused = _drawn(view, record)
        _send(drawn, record, exact, whole=wanted)
    with told:
        tell_lens(drawn, record, refused)
    with taken:
        take_away(drawn, record, picks(drawn, record))
    with screen.rail:
        rail.show(view, record, identity_of(view))
    with screen.middle:
        second(view, record, identity_of(view))


def _drawn(view: View, record: AttentionRecord) -> tuple[View, bytes, AttnvizError | None]:
    """The view that can be drawn, with its exact map: where a lens does not allow this model or size, the weights."""
    try:
        return view, _exact(view, record, identity_of(view)), None
    except AttnvizError as error:
        plain = replace(view, lens="raw")
        return plain, _exact(plain, record, identity_of(plain)), error


def _send(view: View, record: AttentionRecord, exact: bytes, *, whole: bool) -> None:
    """Give the browser the pictures, the heads, the one exact map, and what Python has set.

    The picture in its full size goes only when it is asked for, to be taken away.
    """
    identity = identity_of(view)
    shelf(_picture(identity, view), key="shelf_picture")
    address = _address(view, record, identity)
    shelf(_patches(identity, view.stack, record, address), key="shelf_patches")
    shelf(exact, key="shelf_exact")
    helm(settings(view), key=state.PICTURES.helm)
    shelf(_found(identity, view, record), key="shelf_found")
    if whole:
        shelf(_whole(identity, view), key="shelf_whole")
    if address:
        tiles.answer(address, identity)


def tell_lens(view: View, record: AttentionRecord, refused: AttnvizError | None) -> None:
    """Say what the lens shows and what it is about, or why it shows nothing and what is drawn instead."""
    said = state.speech()
    if refused is not None:
        tell(said.error(refused) + said("sight.between") + said("lens.instead"), urgent=True)
    if view.lens == "raw":
        return
    published = view.lens in DISCARDING and view.rule == "published"
    told = [said(f"lens.{view.lens}_published" if published else f"lens.{view.lens}")]
    if view.lens in ABOUT_CLASSES:
        told += _about(view, record, said)
    st.caption(said("sight.between").join(told))


def _about(view: View, record: AttentionRecord, said: Words) -> list[str]:
    """What a lens that explains something is about: what a query has found, or a class."""
    if (query := asked.finding(view, record)) is not None:
        return [said("lens.about_query", query=query)]
    every = rail.classes(identity_of(view), view)
    found = next((each for each in every if view.target in (None, each[0])), None)
    if found is None:
        return []
    return [said("lens.about", label=found[1].split(",")[0], share=f"{found[2]:.1%}".replace("%", " %"))]


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
        "discard": view.discard,
        "rule": view.rule,
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


@cached(LRUCache(MOST_ARTEFACTS), key=_name_of_artefacts, lock=Lock())
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
    heads = picks(view, record)
    if len(layer.queries) * len(layer.keys) > MOST_NUMBERS_EXACT or (view.fuse != "mean" and len(heads) > 1):
        return None
    return measures.average(record, view.stack, heads)


def _exact(view: View, record: AttentionRecord, identity: str) -> bytes:
    """The one map in float32: what a lens makes of all layers, or the heads that are shown."""
    if view.lens == "raw":
        return exact_packet(exact_map(view, record), shown_name(view), identity)
    return _lens(identity, view, record)


def _name_of_lens(identity: str, view: View, record: AttentionRecord) -> Hashable:
    return identity, asked.lens_name(view, record)


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
    return exact_packet(found, asked.lens_name(view, record), identity)


def picks(view: View, record: AttentionRecord) -> list[tuple[int, int, float]]:
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


def _name_of_whole(identity: str, view: View) -> Hashable:
    return identity


@cached(LRUCache(MOST_PACKET_BYTES, getsizeof=len), key=_name_of_whole, lock=Lock())
def _whole(identity: str, view: View) -> bytes:
    """The given picture in its full size as bytes, kept by name."""
    given = engine().given(view)
    assert isinstance(given, Picture)
    return whole_packet(given, identity)


def _name_of_found(identity: str, view: View, record: AttentionRecord) -> Hashable:
    return identity


@cached(LRUCache(MOST_PACKET_BYTES, getsizeof=len), key=_name_of_found, lock=Lock())
def _found(identity: str, view: View, record: AttentionRecord) -> bytes:
    """What each query of a detector has found as bytes, kept by name; nothing of a record that names no such query."""
    axes = {id(layer.queries): layer.queries for layers in record.layers.values() for layer in layers}
    finds = any(kind_of(label) in FINDING for axis in axes.values() for label in axis)
    return found_packet(awaited(asked.detections(engine(), view), state.speech()) if finds else (), identity)
