"""How far every head of a picture's model reads, layer by layer."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from attnviz.components.modules import stub, style
from attnviz.measures import PixelDistance

_mount = st.components.v2.component(
    "attnviz_distance_scatter", js=stub("distance_scatter/view.js"), css=style("distance_scatter")
)
DECIMALS = 3


def distance_scatter(distances: Mapping[str, Any], *, key: str) -> None:
    """Draw a dot for each head; the head that is chosen goes to the store.

    Data    what `told` gives; settings and choice come from the helm
    """
    _mount(data=dict(distances), key=key)


def told(found: PixelDistance, *, identity: str, stack: str) -> dict[str, Any]:
    """Say the distances of every head, and those of even attention, as the browser takes them.

    Shape   raw, renormalised: {heads, even}, each [layer][head].
    Unit    pixels of the picture that the model saw.
    """
    ways = {"raw": found.raw, "renormalised": found.renormalised}
    return {"id": identity, "stack": stack} | {
        name: {"heads": _rounded(scores.values), "even": _rounded(scores.chance)} for name, scores in ways.items()
    }


def _rounded(layers: Any) -> list[list[float]]:
    return [[round(float(pixels), DECIMALS) for pixels in layer] for layer in layers]
