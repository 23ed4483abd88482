"""One head of a model on its screen: what its layer makes of the text, step by step, beside the code of each step."""

from collections.abc import Hashable
from dataclasses import replace
from operator import attrgetter
from threading import Lock
from typing import Any

from cachetools import LRUCache, cached

from attnviz import share
from attnviz.capture.inside import Inside
from attnviz.components.head_atlas import head_atlas
from attnviz.components.inside_view import inside_packet, inside_view
from attnviz.components.modules import base
from attnviz.components.token_strip import token_strip
from attnviz.errors import AttnvizError
from attnviz.figures.theme import SIDES_DARK, SIDES_LIGHT
from attnviz.lab.bench import written
from attnviz.lab.inside import code_of, slice_of
from attnviz.record import AttentionRecord
from attnviz.service.engine import engine
from attnviz.service.insides import insides
from attnviz.share import View
from attnviz.ui import reader, state
from attnviz.ui.frame import Screen, tell
from attnviz.ui.waiting import awaited

SPOKEN_IN_BROWSER = ("atlas", "strip", "inside", "lab")
MOST_BYTES = 64_000_000  # of steps that stay ready for the next rerun, and as much of them as packets


def show(screen: Screen, view: View, record: AttentionRecord) -> None:
    """Draw the text, the steps of the chosen head and the atlas; steps that cannot be followed say why."""
    said = state.speech()
    more: dict[str, Any] = {"words": said.within(*SPOKEN_IN_BROWSER)}
    with screen.middle:
        token_strip(key="token_strip")
        try:
            found = _inside(reader.identity_of(view), view, record)
            inside_view(_packed(reader.identity_of(view), found), key="inside_view")
            more["inside"] = _facts(found, view)
        except AttnvizError as error:
            tell(said.error(error))
    with screen.heads:
        head_atlas(key="head_atlas")
    reader.send(view, record, more)


def _name_of_inside(identity: str, view: View, record: AttentionRecord) -> Hashable:
    return identity, view.stack, view.layer


@cached(LRUCache(MOST_BYTES, getsizeof=attrgetter("nbytes")), key=_name_of_inside, lock=Lock())
def _inside(identity: str, view: View, record: AttentionRecord) -> Inside:
    """The steps of a layer, kept by name."""
    return awaited(insides(engine(), view, record), state.speech())


def _name_of_packet(identity: str, found: Inside) -> Hashable:
    return identity, found.stack, found.layer


@cached(LRUCache(MOST_BYTES, getsizeof=len), key=_name_of_packet, lock=Lock())
def _packed(identity: str, found: Inside) -> bytes:
    """The steps of a layer as bytes, kept by name."""
    return inside_packet(found, identity)


def _facts(found: Inside, view: View) -> dict[str, Any]:
    """What is said beside the numbers: code, what could not be followed, and the way into the lab."""
    said = state.speech()
    return {
        "code": code_of(found),
        "refused": {name: said.error(error) for name, error in found.refused.items()},
        "sides": {"light": SIDES_LIGHT, "dark": SIDES_DARK},
        "lab": _lab(found, view),
    }


def _lab(found: Inside, view: View) -> dict[str, Any] | None:
    """The same step in the lab: a link with a slice of the chosen head, and what it is a slice of."""
    query = view.query or 0
    cut = slice_of(found, view.head, query)
    if cut is None:
        return None
    bench = replace(share.first("learn"), bench=written(cut.bench), language=view.language)
    return {
        "head": view.head,
        "query": query,
        "link": f"{base()}/learn?{share.to_query(bench)}",
        "tokens": cut.tokens,
        "numbers": cut.numbers,
        "values": cut.values,
    }
