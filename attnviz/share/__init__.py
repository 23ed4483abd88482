"""The view and its link."""

from attnviz.share.link import BUDGET_CHARACTERS, VERSION, Link, from_query, home, link, to_query
from attnviz.share.nearest import nearest
from attnviz.share.notes import Note, Opened
from attnviz.share.view import EXAMPLE, HeadWeight, View, first

__all__ = [
    "BUDGET_CHARACTERS",
    "EXAMPLE",
    "VERSION",
    "HeadWeight",
    "Link",
    "Note",
    "Opened",
    "View",
    "first",
    "from_query",
    "home",
    "link",
    "nearest",
    "to_query",
]
