"""What stands below the pictures: every query against every key, or how far each head reads."""

from collections.abc import Hashable
from threading import Lock
from typing import Any

from cachetools import LRUCache, cached

from attnviz.components.distance_scatter import distance_scatter, told
from attnviz.components.patch_map import patch_map, reach_packet
from attnviz.errors import AttnvizError
from attnviz.record import AttentionRecord
from attnviz.service.distances import distances
from attnviz.service.engine import engine
from attnviz.share import View
from attnviz.share.view import CHOICES
from attnviz.ui import state
from attnviz.ui.frame import tell
from attnviz.ui.pickers import switch
from attnviz.ui.waiting import awaited

MOST_REACH_BYTES = 16_000_000  # of packets that stay ready for the next rerun, in the whole process
MOST_DISTANCES = 256  # stacks of pictures whose distances stay known, some kilobytes each


def second(view: View, record: AttentionRecord, identity: str) -> None:
    """Draw the switch between the second views of a picture, and the chosen one; what cannot be drawn says why."""
    said = state.speech()
    spoken = {choice: said(f"second.view.{choice}") for choice in CHOICES["second"]}
    switch("second", said("second.legend"), spoken, label_visibility="collapsed")
    try:
        if view.second == "map":
            patch_map(_reach(identity, view.stack, record), key="patch_map")
        else:
            distance_scatter(_distances(identity, view, record), key="distance_scatter")
    except AttnvizError as error:
        tell(said.error(error))


def _name_of_reach(identity: str, stack: str, record: AttentionRecord) -> Hashable:
    return identity, stack


@cached(LRUCache(MOST_REACH_BYTES, getsizeof=len), key=_name_of_reach, lock=Lock())
def _reach(identity: str, stack: str, record: AttentionRecord) -> bytes:
    """Which pairs can be read, as bytes, kept by name."""
    return reach_packet(record, stack, identity=identity)


def _name_of_distances(identity: str, view: View, record: AttentionRecord) -> Hashable:
    return identity, view.stack


@cached(LRUCache(MOST_DISTANCES), key=_name_of_distances, lock=Lock())
def _distances(identity: str, view: View, record: AttentionRecord) -> dict[str, Any]:
    """How far every head reads, kept by name."""
    found = awaited(distances(engine(), view, record), state.speech())
    return told(found, identity=identity, stack=view.stack)
