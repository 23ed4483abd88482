"""Every query of a picture against every key, and which of these pairs the model can weigh at all."""

from typing import Any

import numpy as np
import streamlit as st

from attnviz.components.modules import stub, style
from attnviz.components.packet import pack
from attnviz.components.picture_packet import OF, layers_of
from attnviz.record import AnyLayer, AttentionRecord
from attnviz.record.visibility import Grouped, Intervals

_mount = st.components.v2.component("attnviz_patch_map", js=stub("patch_map/view.js"), css=style("patch_map"))

Rule = tuple[dict[str, Any], tuple[np.ndarray, ...]]


def patch_map(reach: bytes, *, key: str) -> None:
    """Draw the map of the shown heads beside a small picture; what is pointed at and chosen goes to the store.

    Data    bytes of `reach_packet`; weights, pictures, settings and choice come from the shelf and the helm
    """
    _mount(data=reach, key=key)


def reach_packet(record: AttentionRecord, stack: str, *, identity: str) -> bytes:
    """Pack which keys each query of each layer can read; layers of one rule share it.

    Shape   header: rules, each of kind "whole", "some" (not told pair by pair), "spans" or "groups", with the share of
            pairs that cannot be read; layers: the rule of each. The payload is int32: of spans the first key of each
            query and the one after the last, of groups the group of each position and whether it reads a last key for
            padding.
    Unit    share: fraction of all pairs.
    """
    rules: list[Rule] = []
    places = [_place(_rule(layer), rules) for layer in layers_of(record, stack)]
    header = {
        "kind": "reach",
        "of": OF,
        "id": identity,
        "stack": stack,
        "rules": [told for told, _ in rules],
        "layers": places,
    }
    return pack(header, *(array for _, arrays in rules for array in arrays))


def _place(rule: Rule, rules: list[Rule]) -> int:
    """Find a rule among those that are told, or tell one more."""
    for place, (told, arrays) in enumerate(rules):
        if told == rule[0] and all(map(np.array_equal, arrays, rule[1])):
            return place
    rules.append(rule)
    return len(rules) - 1


def _rule(layer: AnyLayer) -> Rule:
    pairs = layer.heads * len(layer.queries) * len(layer.keys)
    told = {
        "queries": len(layer.queries),
        "share": 1 - float(layer.reachable.sum(dtype=np.int64)) / pairs,
        "keys": layer.visible.keys,  # beyond them one key stands for no position
    }
    match layer.visible:
        case _ if told["share"] == 0:
            return told | {"kind": "whole"}, ()
        case Grouped(groups=groups):
            pads = layer.reachable[0] - layer.visible.counts[0]
            return told | {"kind": "groups"}, (groups.astype("<i4"), pads.astype("<i4"))
        case Intervals(low=low, high=high) if len(low) == 1:
            return told | {"kind": "spans"}, (low[0].astype("<i4"), high[0].astype("<i4"))
    return told | {"kind": "some"}, ()
