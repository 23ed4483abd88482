"""The view of one visitor: from the link, then from the widgets and from the visitor's hand on the picture.

The address is read on a first visit and whenever it is not one that this page wrote there. After that the widgets own
the model, the text and the reading options, and the browser owns the choice of head and query, which it changes at once
and reports a moment later. An epoch tells the two apart: the browser takes Python's choice when the epoch is new, and
Python takes the browser's when it was made in the epoch in force.
"""

import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlencode

import streamlit as st

from attnviz import share
from attnviz.share import View
from attnviz.share.view import Language, whole
from attnviz.ui.catalogue import Words, language_of, words

SESSION = "attnviz"
HELM = "helm"  # the key of the component that reports the browser's choice
WIDGETS = (
    "model",
    "text",
    "specials",
    "scale",
    "spelling",
    "picture",
    "language",
)  # the fields of a view that widgets own
CHOICE = {"stack": "s", "layer": "l", "head": "h", "query": "q", "average": "a", "direction": "d"}  # the browser's own
EXAMPLE_QUERY = 8  # "it", which the head of the first picture lets read "cat": something to see before any click
ADDRESSES_REMEMBERED = 16  # a run may start with an address that later runs have already replaced


@dataclass
class Session:
    """What one visitor's tab remembers between runs."""

    view: View = field(default_factory=View)
    notes: tuple[share.Note, ...] = ()
    written: dict[str, deque[str]] = field(default_factory=dict)  # page → the queries put in the address, newest last
    nonce: str = field(default_factory=lambda: secrets.token_hex(4))
    turn: int = 0
    arriving: bool = True

    @property
    def epoch(self) -> str:
        """The name of the span in which the browser's choice stands."""
        return f"{self.nonce}.{self.turn}"


def session() -> Session:
    """This visitor's memory, made on the first run."""
    memory: Session = st.session_state.setdefault(SESSION, Session())
    return memory


def opened() -> View:
    """The view of this run, as `open_page` found it or a later step fitted it."""
    return session().view


def keep(view: View) -> None:
    """Let the next run start from this view."""
    session().view = view


def speech() -> Words:
    """The words of this visitor's language."""
    return words(session().view.language or browser_language())


def first_words() -> Words:
    """The words of a run whose view is not found yet: as the switch stands, else as the link or the browser says."""
    switched = st.session_state.get(key_of("language"))
    linked = share.from_query({"lang": st.query_params.get("lang", "")}).view.language
    return words(switched or linked or browser_language())


def browser_language() -> Language:
    """The language that the browser asks for."""
    return language_of(st.context.locale)


def key_of(name: str) -> str:
    """The key under which Streamlit keeps the widget of a field."""
    return f"view_{name}"


def open_page(page: str) -> View:
    """Find the view of this run; called once, before anything is drawn."""
    memory = session()
    address = urlencode({name: st.query_params.get_all(name) for name in st.query_params}, doseq=True)
    memory.arriving = memory.turn == 0 or (bool(address) and address not in _own(memory, page))
    anew = memory.arriving or memory.view.page != page  # Streamlit forgets the widgets of a page that is left
    memory.view = _arrived(memory, address, page) if memory.arriving else _gone_on(memory, page)
    for name in WIDGETS:
        if anew or key_of(name) not in st.session_state:
            st.session_state[key_of(name)] = _widget_value(memory.view, name)
    return memory.view


def forget_revision() -> None:
    """Let the next run open the newest commit of the model, not the one that a link named."""
    keep(replace(session().view, revision=""))


def wrote(page: str, query: str) -> None:
    """Remember a query that stands in the address of a page, so that it is not taken for a new link."""
    queries = session().written.setdefault(page, deque(maxlen=ADDRESSES_REMEMBERED))
    address = urlencode(parse_qs(query, keep_blank_values=True), doseq=True)
    if address not in queries:
        queries.append(address)


def choice_of(view: View) -> dict[str, Any]:
    """The browser's part of a view, as the helm sends it."""
    mix = [{"layer": one.layer, "head": one.head, "weight": one.weight} for one in view.mix]
    return {name: getattr(view, name) for name in CHOICE} | {"mix": mix}


def _own(memory: Session, page: str) -> tuple[str, ...]:
    """The addresses that are not news: any that this page wrote lately, or, coming from another page, the last one."""
    queries = tuple(memory.written.get(page, ()))
    return queries if memory.view.page == page else queries[-1:]


def _arrived(memory: Session, address: str, page: str) -> View:
    found = share.from_query(parse_qs(address, keep_blank_values=True), page)
    memory.notes = found.notes
    memory.turn += 1
    wrote(page, address)
    return found.view if address else replace(found.view, query=EXAMPLE_QUERY)


def _gone_on(memory: Session, page: str) -> View:
    """The view of the last run with what the widgets and the browser have changed since."""
    before = memory.view
    changed = replace(before, page=page, **_from_widgets(before))
    if (changed.model, changed.text) == (before.model, before.text):
        found = replace(changed, **_from_browser(memory))
        if choice_of(found) != choice_of(before):
            memory.notes = ()  # the visitor's hand has gone on from where the link led
        return found
    memory.turn += 1
    memory.notes = ()
    revision = changed.revision if changed.model == before.model else ""
    return replace(changed, **_from_browser(memory, turn=memory.turn - 1), query=None, revision=revision)


def _widget_value(view: View, name: str) -> Any:
    return (view.language or browser_language()) if name == "language" else getattr(view, name)


def _from_widgets(view: View) -> dict[str, Any]:
    """What the widgets of the last run hold, made fit for a view."""
    held = {name: st.session_state[key_of(name)] for name in WIDGETS if st.session_state.get(key_of(name)) is not None}
    if held.get("language") == browser_language() and view.language is None:
        del held["language"]  # not chosen by hand: a link leaves the reader's own language
    if "text" in held:
        held["text"] = whole(held["text"])
    if "model" in held:
        held["model"] = _model_name(held["model"], view.model)
    return held


def _from_browser(memory: Session, turn: int | None = None) -> dict[str, Any]:
    """The choice that the browser reported in this epoch, read as strictly as a link."""
    reported = (st.session_state.get(HELM) or {}).get("choice")
    epoch = f"{memory.nonce}.{memory.turn if turn is None else turn}"
    if not isinstance(reported, Mapping) or reported.get("epoch") != epoch:
        return {}
    params = {key: str(reported[name]) for name, key in CHOICE.items() if reported.get(name) is not None}
    read = share.from_query(params | {"x": _mix_spelled(reported.get("mix"))}).view
    return {name: getattr(read, name) for name in (*CHOICE, "mix")}


def _mix_spelled(parts: Any) -> str:
    """The mix as a link spells it; what is not written so is left out when it is read."""
    if not isinstance(parts, list):
        return ""
    return ",".join(
        f"{one.get('layer')}.{one.get('head')}*{one.get('weight')}" for one in parts if isinstance(one, Mapping)
    )


def _model_name(given: str, otherwise: str) -> str:
    """A model id that a view can carry; what could never be one leaves the model as it was, with a note."""
    found = share.from_query({"m": given.strip()})
    if not found.notes:
        return found.view.model
    session().notes = found.notes
    st.session_state[key_of("model")] = otherwise
    return otherwise
