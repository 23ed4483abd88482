"""The tiles of a long text: the address that its page is given, and answers for a page that the route cannot serve."""

from collections.abc import Mapping
from functools import partial
from typing import Any, TypeGuard

import streamlit as st

from attnviz.components import modules
from attnviz.components.packet import answers_packet, is_long
from attnviz.components.tile_post import tile_post
from attnviz.errors import AttnvizError
from attnviz.record import AttentionRecord
from attnviz.service.engine import engine
from attnviz.service.tiles import tiles
from attnviz.share import View
from attnviz.ui import state
from attnviz.ui.server import TILES
from attnviz.ui.waiting import awaited

POST = "tile_post"  # the key of the component that asks for what the route does not know
ANSWERED = "attnviz_tiles_answered"
MOST_ASKED = 16  # tiles at once


def address_for(view: View, record: AttentionRecord, identity: str) -> str | None:
    """Say where the page of a view finds the tiles of a long text; None for a text whose maps travel whole."""
    if not is_long(record, view.stack):
        return None
    return f"{modules.base()}/{TILES}/{tiles().lend(identity, partial(engine().kept, view))}"


def answer(address: str, identity: str) -> None:
    """Answer what the browser could not get from the route: the record had left, or another process was asked.

    The record of this run is at hand again, in the process of this session.
    """
    asked = (st.session_state.get(POST) or {}).get("missing")
    if not _is_new(asked, identity):
        tile_post(None, key=POST)
        return
    found = answers_packet(_answers(asked["paths"], address))
    st.session_state[ANSWERED] = asked["turn"]  # only now: a run that is swept away leaves the question to the next
    tile_post(found, key=POST)


def _is_new(asked: Any, identity: str) -> TypeGuard[Mapping[str, Any]]:
    """Whether this is a question, of our own form, about this very record, and not yet answered."""
    if not isinstance(asked, Mapping) or not isinstance(asked.get("paths"), list):
        return False
    return asked.get("id") == identity and asked.get("turn") != st.session_state.get(ANSWERED)


def _answers(paths: list[Any], address: str) -> dict[str, bytes]:
    """The tiles by their paths; one that there is not is empty."""
    found = {}
    for path in [str(each) for each in paths[:MOST_ASKED]]:
        try:
            found[path] = awaited(tiles().ask(address.rsplit("/", 1)[-1], path), state.speech())
        except AttnvizError:
            found[path] = b""
    return found
