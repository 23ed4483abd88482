"""A view as a link, and back. Whatever a link says, it opens on the nearest view, with notes on what had to give."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote_plus, urlsplit, urlunsplit

from attnviz.errors import LinkError
from attnviz.share.fields import FIELDS, UNREAD
from attnviz.share.notes import Note, Opened, Problem
from attnviz.share.packing import MAX_TEXT_BYTES, packed, unpacked
from attnviz.share.view import EXAMPLE, FORMS, View, first, is_text, whole

VERSION = 1
BUDGET_CHARACTERS = 1800  # what chat programs carry whole; facts: Discord cuts at 2,000

Params = dict[str, str]

# MIGRATIONS[n - 1] takes the parameters of version n to those of version n + 1. A released line is never changed:
# tests/share/golden_links.txt opens for ever.
MIGRATIONS: tuple[Callable[[Params], Params], ...] = ()


@dataclass(frozen=True)
class Link:
    """A link to a view, and whether it fits what people paste it into.

    Unit    `length` and `budget` count characters of the whole URL.
    """

    url: str
    carries_text: bool
    budget: int = BUDGET_CHARACTERS

    @property
    def length(self) -> int:
        return len(self.url)


def to_query(view: View) -> str:
    """Spell a view as a query string: the version first, then what differs from a new page, in one fixed order."""
    return _query(view, _text(view.text))


def link(view: View, address: str) -> Link:
    """Make the link to a view; `address` is where the app begins, such as `https://example.org/attnviz/`.

    A link over its budget leaves the text out, and the pinned query with it; it says how long the text was.
    """
    full = _url(view, address, to_query(view))
    if len(full) <= BUDGET_CHARACTERS:
        return Link(full, carries_text=True)
    without = _query(replace(view, query=None), f"left={len(view.text)}")
    return Link(_url(view, address, without), carries_text=False)


def home(address: str, page: str) -> str:
    """Where the app begins, told from the address of one of its pages."""
    parts = urlsplit(address)
    path = parts.path.removesuffix("/").removesuffix(f"/{page}")
    return urlunsplit((parts.scheme, parts.netloc, path + "/", "", ""))


def from_query(params: Mapping[str, str | Sequence[str]], page: str = View.page) -> Opened:
    """Open the view that a query names, or the nearest one. Takes any input and never raises.

    A field that is missing keeps its default, a bad one falls back to it, a number too large is moved to the bound;
    each that had to give adds a note. Unknown fields are left alone. Of a repeated field the last counts.
    """
    current, notes = _migrated({key: _last(value) for key, value in params.items()})
    begun = first(page if FORMS["page"].fullmatch(page) else View.page)
    found: dict[str, Any] = {}
    for field in FIELDS:
        if field.key in current:
            value, note = field.read(current[field.key])
            found |= {} if value is UNREAD else {field.name: value}
            notes += [note] if note else []
    found["text"], note = _read_text(current)
    notes += [note] if note else []
    if any(note.field == "model" for note in notes):
        found["revision"] = View.revision  # the commit of a model that is not shown
    return Opened(replace(begun, **found), tuple(notes))


def _query(view: View, text: str) -> str:
    """Join the parts. The text stands before the settings, so that a chat program never cuts its last full stop."""
    begun = first(view.page)
    spelled = [
        f"{field.key}={quote_plus(field.write(getattr(view, field.name)), safe=field.safe)}"
        for field in FIELDS
        if getattr(view, field.name) != getattr(begun, field.name)
    ]
    model = [part for part in spelled if part.startswith(("m=", "r="))]
    rest = [part for part in spelled if part not in model]
    return "&".join([f"v={VERSION}", *model, *([text] if text else []), *rest])


def _text(text: str) -> str:
    """Spell the text in letters if a reader can read them, deflated where that is shorter."""
    if text == EXAMPLE:
        return ""
    readable = quote_plus(text)
    if len(text.encode()) <= MAX_TEXT_BYTES and len(squeezed := packed(text)) < len(readable):
        return f"z={squeezed}"
    return "t=" + re.sub(r"[.~_-]$", lambda mark: f"%{ord(mark[0]):02X}", readable)


def _read_text(params: Params) -> tuple[str, Note | None]:
    if "t" in params:
        text = params["t"]
        return (text, None) if is_text(text) else (whole(text), Note.about("damaged", "text", text))
    if "z" in params:
        try:
            return unpacked(params["z"]), None
        except LinkError:
            return View.text, Note.about("damaged", "text", params["z"])
    return View.text, Note.about("left out", "text", params["left"]) if "left" in params else None


def _migrated(params: Params) -> tuple[Params, list[Note]]:
    """Bring the parameters to our version; a newer one is read as far as we can."""
    given = params.get("v", str(VERSION))
    version = int(given) if re.fullmatch("[0-9]{1,4}", given) else 0
    if not 1 <= version <= VERSION:
        problem: Problem = "newer" if version > VERSION else "form"
        return params, [Note.about(problem, "version", given, [VERSION])]
    for migrate in MIGRATIONS[version - 1 :]:
        params = migrate(params)
    return params, []


def _last(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else (value[-1] if value else "")


def _url(view: View, address: str, query: str) -> str:
    parts = urlsplit(address)
    path = parts.path.removesuffix("/") + "/" + ("" if view.page == View.page else view.page)
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))
