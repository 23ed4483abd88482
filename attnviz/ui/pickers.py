"""The controls beside the picture: model, text, how it is read."""

import streamlit as st

from attnviz.models import catalogue
from attnviz.service.engine import engine
from attnviz.share import View
from attnviz.share.view import CHOICES
from attnviz.ui import state

TEXT_ROWS_PIXELS = 118


def choose_model(view: View) -> None:
    """Draw the model picker: what is ready first, then well-known models, then any id that may be opened."""
    said, limits = state.speech(), engine().limits
    names = [entry.name for entry in catalogue.CATALOGUE if entry.ready or limits.models != "offline"]
    st.selectbox(
        said("model.label"),
        names if view.model in names else [view.model, *names],
        format_func=_titled,
        key=state.key_of("model"),
        accept_new_options=limits.models == "open",
        help=said("model.help_open" if limits.models == "open" else "model.help"),
    )
    st.caption(_about(view.model))


def write_text(view: View) -> None:
    """Draw the text box; what is typed stays in it whatever becomes of it."""
    said = state.speech()
    st.text_area(said("text.label"), key=state.key_of("text"), height=TEXT_ROWS_PIXELS, placeholder=said("text.hint"))
    st.button(said("text.draw"), key="draw", width="stretch", help=said("text.keys"))


def choose_reading(view: View) -> None:
    """Draw the reading options: special tokens, colour scale, spelling of the tokens."""
    said = state.speech()
    for name in ("specials", "scale", "spelling"):
        st.segmented_control(
            said(f"reading.{name}"),
            CHOICES[name],
            format_func=lambda choice, name=name: said(f"reading.{name}_{choice}"),
            key=state.key_of(name),
            required=True,
            help=said(f"reading.{name}_help"),
        )


def _titled(name: str) -> str:
    """A model as the list shows it: its name, and whether it opens without a download."""
    ready = [entry.name for entry in catalogue.CATALOGUE if entry.ready]
    return f"{name} · {state.speech()('model.ready')}" if name in ready else name


def _about(name: str) -> str:
    """One line on a model."""
    lines = {entry.name: entry.about for entry in catalogue.CATALOGUE}
    said = state.speech()
    return lines[name][said.language] if name in lines else said("model.typed")
