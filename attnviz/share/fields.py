"""How each field of a view is spelled in a link. A new field is one line of FIELDS."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from attnviz.share.notes import Note
from attnviz.share.view import CHOICES, FORMS, LARGEST_NUMBER, LARGEST_WEIGHT, MAX_MIX_HEADS, PERCENTS, HeadWeight

Read = Callable[[str], tuple[Any, Note | None]]
Write = Callable[[Any], str]


class Unread:
    """Stands for a value that could not be read: the page's own is kept."""


UNREAD = Unread()

_WHOLE = re.compile(r"-?[0-9]+")
_WEIGHTED = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})\*([0-9]{1,3}(?:\.[0-9]{1,21})?(?:e-[0-9]{1,3})?)")


@dataclass(frozen=True)
class Field:
    """One field of a view: its short name in a link, and both directions.

    `read` answers the nearest value, or UNREAD where none is near, and, where that is not what was given, a note.
    """

    key: str
    name: str
    read: Read
    write: Write
    safe: str = ""  # characters that stay readable in the link


def read_form(name: str, given: str) -> tuple[str | Unread, Note | None]:
    """Read a name that has a fixed form."""
    if FORMS[name].fullmatch(given):
        return given, None
    return UNREAD, Note.about("form", name, given)


def read_choice(name: str, given: str) -> tuple[str | Unread, Note | None]:
    """Read one of a few words."""
    if given in CHOICES[name]:
        return given, None
    return UNREAD, Note.about("choice", name, given, CHOICES[name])


def read_number(name: str, given: str) -> tuple[int | Unread, Note | None]:
    """Read a position, moved to the nearest one that any model could have."""
    complaint = Note.about("number", name, given, (0, LARGEST_NUMBER))
    if not _WHOLE.fullmatch(given):
        return UNREAD, complaint
    number = int(given[:9])  # more digits could only be larger, and a million of them would take long to read
    nearest = min(max(number, 0), LARGEST_NUMBER)
    return nearest, None if nearest == number else complaint


def read_percent(name: str, given: str) -> tuple[int | Unread, Note | None]:
    """Read a percentage, moved to the nearest one that there is."""
    number, note = read_number(name, given)
    most = PERCENTS[name]
    if isinstance(number, Unread) or (number <= most and note is None):
        return number, note
    return min(number, most), Note.about("number", name, given, (0, most))


def read_mix(given: str) -> tuple[tuple[HeadWeight, ...], Note | None]:
    """Read a weighted mix such as `2.7*1,3.4*0.5`, leaving out what is not written so."""
    parts = given.split(",", MAX_MIX_HEADS) if given else []
    found = [_weighted(part) for part in parts[:MAX_MIX_HEADS]]
    mix = tuple(one for one in found if one is not None)
    return mix, None if len(mix) == len(parts) else Note.about("form", "mix", given)


def _weighted(part: str) -> HeadWeight | None:
    match = _WEIGHTED.fullmatch(part)
    if not match or not float(match[3]) <= LARGEST_WEIGHT:
        return None
    return HeadWeight(int(match[1]), int(match[2]), float(match[3]))


def write_mix(mix: tuple[HeadWeight, ...]) -> str:
    """Spell a weighted mix, each weight with as many digits as it needs to come back the same."""
    return ",".join(f"{one.layer}.{one.head}*{_number(one.weight)}" for one in mix)


def _number(weight: float) -> str:
    return str(int(weight)) if math.floor(weight) == weight else repr(float(weight))


def _form(key: str, name: str) -> Field:
    return Field(key, name, partial(read_form, name), str, safe="/")


def _table(key: str, name: str) -> Field:
    """A field of numbers in rows; commas and semicolons stand as they are."""
    return Field(key, name, partial(read_form, name), str, safe=",;")


def _choice(key: str, name: str) -> Field:
    return Field(key, name, partial(read_choice, name), str)


def _count(key: str, name: str) -> Field:
    return Field(key, name, partial(read_number, name), str)


def _percent(key: str, name: str) -> Field:
    return Field(key, name, partial(read_percent, name), str)


FIELDS = (
    _form("m", "model"),
    _form("r", "revision"),
    _form("s", "stack"),
    _count("l", "layer"),
    _count("h", "head"),
    _count("q", "query"),
    _choice("a", "average"),
    Field("x", "mix", read_mix, write_mix, safe="*,"),
    _choice("d", "direction"),
    _choice("sp", "specials"),
    _choice("sc", "scale"),
    _choice("tk", "spelling"),
    _choice("p", "picture"),
    _form("i", "image"),
    _count("c", "corner"),
    _choice("f", "fuse"),
    _choice("n", "lens"),
    _count("k", "target"),
    _choice("o", "overlay"),
    _choice("w", "drawing"),
    _percent("op", "opacity"),
    _percent("ms", "mass"),
    _percent("dr", "discard"),
    _choice("ru", "rule"),
    _choice("b", "second"),
    _choice("ds", "distance"),
    _choice("le", "lesson"),
    _table("lab", "bench"),
    _table("lh", "heads"),
    _table("ls", "scoring"),
    _table("lr", "regions"),
    _table("lc", "costs"),
    _choice("ch", "chapter"),
    _table("qz", "quiz"),
    _choice("lang", "language"),
)
