"""The view of one visitor: from the link, then from the widgets and from the visitor's hand on the picture.

The address is read on a first visit and whenever it is not one that this page wrote there. After that the widgets own
the model, the input and the reading options, and the browser owns the choice of head and query, which it changes at
once and reports a moment later. Pages that show one thing share a view; a page of pictures keeps one of its own. An
epoch tells the two apart: the browser takes Python's choice when the epoch is new, and Python takes the browser's when
it was made in the epoch in force.
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
ADDRESSES_REMEMBERED = 16  # a run may start with an address that later runs have already replaced


@dataclass(frozen=True)
class Shared:
    """What pages that share a view have in common.

    `widgets` names the fields of a view that widgets own, `choice` those that the browser owns, each with its name in a
    link; `given` is the field that holds the input, `helm` the key of the component that reports the browser's choice,
    each lesson of the lab having one of its own.
    """

    helm: str
    given: str
    widgets: tuple[str, ...]
    choice: Mapping[str, str]
    first_query: int | None  # something to see before any click


_CHOSEN = {"stack": "s", "layer": "l", "head": "h", "query": "q", "average": "a", "direction": "d"}
_DRAWN = {
    "corner": "c",
    "target": "k",
    "fuse": "f",
    "scale": "sc",
    "specials": "sp",
    "overlay": "o",
    "drawing": "w",
    "opacity": "op",
    "mass": "ms",
    "distance": "ds",
}

TEXTS = Shared(
    helm="helm",
    given="text",
    widgets=("model", "text", "specials", "scale", "spelling", "picture", "language"),
    choice=_CHOSEN,
    first_query=8,  # "it", which the head of the first picture lets read "cat"
)
PICTURES = Shared(
    helm="helm_pictures",
    given="image",
    widgets=("model", "image", "lens", "discard", "rule", "second", "language"),
    choice=_CHOSEN | _DRAWN,
    first_query=0,
)
LESSONS = Shared(
    helm="lab_{lesson}",
    given="bench",
    widgets=("lesson", "language"),
    choice={"bench": "lab", "heads": "lh", "scoring": "ls", "regions": "lr", "costs": "lc"},
    first_query=None,
)
CHAPTERS = Shared(
    helm="chapter_figure",
    given="chapter",
    widgets=("chapter", "language"),
    choice={},
    first_query=None,
)
QUIZ = Shared(
    helm="quiz",
    given="quiz",
    widgets=("language",),
    choice={"quiz": "qz"},
    first_query=None,
)
OWN_VIEW = {  # pages that do not share the view of the texts
    "image": PICTURES,
    "learn": LESSONS,
    "chapters": CHAPTERS,
    "glossary": CHAPTERS,
    "predict": QUIZ,
}


@dataclass
class Session:
    """What one visitor's tab remembers between runs."""

    view: View = field(default_factory=View)
    notes: tuple[share.Note, ...] = ()
    written: dict[str, deque[str]] = field(default_factory=dict)  # page → the queries put in the address, newest last
    left: dict[str, View] = field(default_factory=dict)  # input field → the view of the pages that were left
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


def shared_by(page: str) -> Shared:
    """What a page has in common with those that share its view."""
    return OWN_VIEW.get(page, TEXTS)


def helm_of(view: View) -> str:
    """The key of the component that reports the browser's choice on the page of a view."""
    return shared_by(view.page).helm.format(lesson=view.lesson)


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
    for name in shared_by(page).widgets:
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
    return {name: getattr(view, name) for name in shared_by(view.page).choice} | {"mix": mix}


def _own(memory: Session, page: str) -> tuple[str, ...]:
    """The addresses that are not news: any that this page wrote lately, or, coming from another page, the last one."""
    queries = tuple(memory.written.get(page, ()))
    return queries if memory.view.page == page else queries[-1:]


def _arrived(memory: Session, address: str, page: str) -> View:
    found = share.from_query(parse_qs(address, keep_blank_values=True), page)
    if memory.turn:
        memory.left[shared_by(memory.view.page).given] = memory.view
    memory.notes = found.notes
    memory.turn += 1
    wrote(page, address)
    return found.view if address else replace(found.view, query=shared_by(page).first_query)


def _gone_on(memory: Session, page: str) -> View:
    """The view of the last run with what the widgets and the browser have changed since, or that of the other pages."""
    view = _changed(memory)
    if shared_by(page) is shared_by(view.page):
        return replace(view, page=page)
    memory.left[shared_by(view.page).given] = view
    memory.notes = ()
    begun = replace(share.first(page), query=shared_by(page).first_query)
    return replace(memory.left.get(shared_by(page).given, begun), page=page, language=view.language)


def _changed(memory: Session) -> View:
    before = memory.view
    changed, shared = replace(before, **_from_widgets(before)), shared_by(before.page)
    same_input = getattr(changed, shared.given) == getattr(before, shared.given)
    if same_input and changed.model == before.model:
        found = replace(changed, **_from_browser(memory))
        if choice_of(found) != choice_of(before):
            memory.notes = ()  # the visitor's hand has gone on from where the link led
        return found
    memory.turn += 1
    memory.notes = ()
    found = replace(changed, **_from_browser(memory, turn=memory.turn - 1))
    if shared is TEXTS:
        found = replace(found, query=None)  # another text has other tokens; another picture has the same places
    elif changed.model != before.model:
        found = replace(found, query=shared.first_query, corner=None, target=None, stack=View.stack)
    return found if changed.model == before.model else replace(found, revision="")


def _widget_value(view: View, name: str) -> Any:
    return (view.language or browser_language()) if name == "language" else getattr(view, name)


def _from_widgets(view: View) -> dict[str, Any]:
    """What the widgets of the last run hold, made fit for a view."""
    names = shared_by(view.page).widgets
    held = {name: st.session_state[key_of(name)] for name in names if st.session_state.get(key_of(name)) is not None}
    if held.get("language") == browser_language() and view.language is None:
        del held["language"]  # not chosen by hand: a link leaves the reader's own language
    if "text" in held:
        held["text"] = whole(held["text"])
    if "model" in held:
        held["model"] = _model_name(held["model"], view.model)
    return held


def _from_browser(memory: Session, turn: int | None = None) -> dict[str, Any]:
    """The choice that the browser reported in this epoch, read as strictly as a link."""
    page = memory.view.page
    choice = shared_by(page).choice
    reported = (st.session_state.get(helm_of(memory.view)) or {}).get("choice")
    epoch = f"{memory.nonce}.{memory.turn if turn is None else turn}"
    if not isinstance(reported, Mapping) or reported.get("epoch") != epoch:
        return {}
    params = {key: str(reported[name]) for name, key in choice.items() if reported.get(name) is not None}
    read = share.from_query(params | {"x": _mix_spelled(reported.get("mix"))}, page).view
    return {name: getattr(read, name) for name in (*choice, "mix")}


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
