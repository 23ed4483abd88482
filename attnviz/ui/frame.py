"""What is the same on every screen: style, language, share, and the message in place of an error."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attnviz import share
from attnviz.components.address import address
from attnviz.components.copy_field import copy_field
from attnviz.errors import AttnvizError, InputError, ModelError
from attnviz.service.pictures import SAMPLES
from attnviz.share import Note, View
from attnviz.ui import state
from attnviz.ui.catalogue import LANGUAGES, NAMES, Words

FOLDER = Path(__file__).parent
ICON = FOLDER / "icon.svg"
Read = TypeVar("Read")

LONGEST_ADDRESS_CHARACTERS = 6_000  # a reload keeps a text that is too long to share; common proxies cut at 8 kB


@dataclass(frozen=True)
class Screen:
    """The regions of a screen, in the order of the page; they fold into one column on a phone."""

    side: DeltaGenerator
    middle: DeltaGenerator
    heads: DeltaGenerator
    rail: DeltaGenerator
    notes: DeltaGenerator  # above the picture, whose place in the middle must not shift when a note comes or goes


def top() -> None:
    """Draw what stands at the top of every screen before anything is known: name and language."""
    said = state.speech()
    st.html(_style())
    st.logo(FOLDER / "logo.svg", size="large", icon_image=ICON)
    with st.container(key="language"):
        st.segmented_control(
            said("frame.language"),
            LANGUAGES,
            format_func=lambda language: NAMES[language],
            key=state.key_of("language"),
            required=True,
            label_visibility="collapsed",
        )


@cache
def _style() -> str:
    """The style sheet of every screen, read from disk once and not at every run."""
    return f"<style>{(FOLDER / 'frame.css').read_text(encoding='utf-8')}</style>"


@contextmanager
def frame(name: str) -> Iterator[Screen]:
    """Draw a screen: what goes wrong in it is said in its middle, and its link is kept all the same."""
    said = state.speech()
    with st.container(key=f"screen_{name}"):
        side, middle, heads, rail = (
            st.container(key=f"{name}_{region}") for region in ("side", "middle", "heads", "rail")
        )
    screen = Screen(side, middle, heads, rail, notes=middle.container(key=f"{name}_notes"))
    with screen.notes:
        tell_notes(state.session().notes)
    try:
        yield screen
    except AttnvizError as error:
        with screen.middle:
            tell(said.error(error), urgent=True)
            if isinstance(error, ModelError) and state.opened().revision:
                st.button(said("model.newest"), on_click=state.forget_revision)
    keep_link(said)


def tell_notes(notes: Sequence[Note]) -> None:
    """Say what a link asked for and could not have."""
    for note in notes:
        tell(sentence(note, state.speech()))


def tell(message: str, urgent: bool = False) -> None:
    """Say something in its place. A visitor's words may be part of it, so it is text, never Markdown."""
    role = "alert" if urgent else "status"
    st.html(f'<p class="attnviz-message" role="{role}">{escape(message)}</p>')


def understood(read: Callable[[str], Read], given: str, otherwise: Read) -> Read:
    """Read what a link says, or say what is wrong with it and go on otherwise."""
    try:
        return read(given)
    except InputError as error:  # a link that was written by hand
        tell(state.speech().error(error), urgent=True)
        return otherwise


def keep_link(said: Words) -> None:
    """Put the view in the browser's address, and its link under Share."""
    view = state.opened()
    link = share.link(view, share.home(st.context.url or "", view.page))
    query = share.to_query(view)
    if len(query) > LONGEST_ADDRESS_CHARACTERS:
        query = urlsplit(link.url).query
    with st.container(key="unseen_address"):
        address(query, key="address")
    state.wrote(view.page, query)
    with st.container(key="share"), st.popover(said("frame.share"), type="primary"):
        copy_field(link.url, {name: said(f"share.{name}") for name in ("label", "copy", "copied")}, key="share_link")
        numbers = {"length": f"{link.length:,}", "budget": f"{link.budget:,}", "characters": f"{len(view.text):,}"}
        st.caption(_contained(view, link.carries_text, numbers))


def _contained(view: View, carries_text: bool, numbers: Mapping[str, str]) -> str:
    """What a link carries, in words."""
    said = state.speech()
    if state.shared_by(view.page) is state.PICTURES:
        return said("share.contains_sample" if view.image in SAMPLES else "share.contains_picture", **numbers)
    return said("share.contains" if carries_text else "share.without_text", **numbers)


def sentence(note: Note, said: Words) -> str:
    """A note on a link, in words."""
    return said(
        f"note.{note.problem.replace(' ', '_')}",
        field=said(f"field.{note.field}"),
        given=note.given,
        accepted=", ".join(note.accepted),
        least=note.accepted[0] if note.accepted else "",
        most=note.accepted[-1] if note.accepted else "",
    )
