"""The controls beside the picture: model, text, how it is read."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from attnviz.inputs import Picture, Text
from attnviz.models import catalogue
from attnviz.service.engine import engine
from attnviz.share import View
from attnviz.share.view import CHOICES, PERCENTS
from attnviz.ui import glossary, state

TEXT_ROWS_PIXELS = 118
LENS_PIXELS = 260
TERMS = {"specials": "special-token", "scale": "weight", "spelling": "word-piece"}  # the options, and what says more
DISCARDING = ("rollout", "gradient")  # lenses that can leave the smallest weights out


def choose_model(view: View) -> None:
    """Draw the model picker: what is ready first, then well-known models, then any id that may be opened."""
    said, limits = state.speech(), engine().limits
    kind = Picture if state.shared_by(view.page) is state.PICTURES else Text
    names = [entry.name for entry in catalogue.reading(kind) if entry.ready or limits.models != "offline"]
    st.selectbox(
        said("model.label"),
        names if view.model in names else [view.model, *names],
        format_func=_titled,
        key=state.key_of("model"),
        accept_new_options=limits.models == "open",
        help=said("model.help_open" if limits.models == "open" else "model.help"),
    )
    st.caption(_about(view.model))


def write_text() -> None:
    """Draw the text box; what is typed stays in it whatever becomes of it."""
    said = state.speech()
    st.text_area(
        said("text.label"),
        key=state.key_of("text"),
        height=TEXT_ROWS_PIXELS,
        placeholder=said("text.hint"),
        help=said("text.keys"),
    )
    st.button(said("text.draw"), key="draw", width="stretch")


def choose_picture() -> None:
    """Draw the switch between the pictures of one map."""
    _switch("picture", label_visibility="collapsed")


def choose_lens(view: View) -> None:
    """Draw the switch between the lenses of a picture, and how the chosen one is made."""
    said = state.speech()
    _switch("lens", label_visibility="collapsed")
    if view.lens in DISCARDING:
        with st.container(key="lens_made", horizontal=True):
            st.slider(
                said("reading.discard"),
                0,
                PERCENTS["discard"],
                key=state.key_of("discard"),
                format="%d %%",
                help=f"{said('reading.discard_help')} {glossary.markdown_link('rollout', said)}",
                width=LENS_PIXELS,
            )
            told = f"{said('reading.rule_help')} {glossary.markdown_link('gradient-rollout', said)}"
            _switch("rule", help=told, width=LENS_PIXELS)


def choose_reading() -> None:
    """Draw the reading options: special tokens, colour scale, spelling of the tokens."""
    said = state.speech()
    for name, term in TERMS.items():
        _switch(name, help=f"{said(f'reading.{name}_help')} {glossary.markdown_link(term, said)}")


def _switch(name: str, **options: Any) -> None:
    """Draw the choices of one field of a view, side by side."""
    said = state.speech()
    spoken = {choice: said(f"reading.{name}_{choice}") for choice in CHOICES[name]}
    switch(name, said(f"reading.{name}"), spoken, **options)


def switch(name: str, label: str, spoken: Mapping[str, str], **options: Any) -> None:
    """Draw the choices of a field of a view side by side, in a visitor's words."""
    st.segmented_control(
        label, CHOICES[name], format_func=spoken.__getitem__, key=state.key_of(name), required=True, **options
    )


def _titled(name: str) -> str:
    """A model as the list shows it, ready ones ticked. The same in every language: Streamlit knows options by it."""
    return f"✓ {name}" if name in {entry.name for entry in catalogue.CATALOGUE if entry.ready} else name


def _about(name: str) -> str:
    """One line on a model, and whether it opens without a download."""
    entry, said = catalogue.known(name), state.speech()
    if entry is None:
        return said("model.typed")
    about = entry.about[said.language]
    return said("model.ready", about=about) if entry.ready else about
