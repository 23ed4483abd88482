"""A map as a Plotly heat map, for notebooks and papers."""

from unicodedata import east_asian_width

import numpy as np
import plotly.graph_objects as go

from attnviz.axes import Axis
from attnviz.figures import theme
from attnviz.figures.labels import for_plotly
from attnviz.record import AttentionMap, ScoreMap

CELL_PX = 24  # at most; long texts get smaller cells
LARGEST_PX = 1600  # of the cells together
MOST_LABELS = 160  # beyond, labels would be smaller than a reader can see
BAR_PX = 80  # the colour bar with its numbers and its title
FRAME_PX = 60  # an axis title, the figure's tool bar, and air


def heatmap(attention: AttentionMap | ScoreMap, *, dark: bool = False) -> go.Figure:
    """Draw queries as rows, from the top, and keys as columns; hover says who reads whom, in words.

    Colour follows the square root of a weight, from 0 to 1, so maps can be compared and small weights be seen.
    Scores are coloured evenly from their smallest to their largest.
    """
    figure = go.Figure(_weights(attention, dark) if isinstance(attention, AttentionMap) else _scores(attention, dark))
    ink, page = (theme.INK_DARK, theme.PAGE_DARK) if dark else (theme.INK_LIGHT, theme.PAGE_LIGHT)
    figure.update_layout(
        **_size(attention),
        font_family=theme.FONT,
        font_color=ink,
        paper_bgcolor=page,
        plot_bgcolor=page,
        xaxis={"title": "key", "side": "top", "tickangle": -45, **_positions(attention.keys)},
        yaxis={"title": "query", "autorange": "reversed", "scaleanchor": "x", **_positions(attention.queries)},
    )
    return figure


def _size(attention: AttentionMap | ScoreMap) -> dict[str, object]:
    """Make room for the longest label on both sides; a key's label leans 45° and overhangs the last column."""
    queries, keys = len(attention.queries), len(attention.keys)
    cell = min(CELL_PX, LARGEST_PX / max(queries, keys))
    font = max(6, min(12, int(cell * 0.6)))
    left, top = (font * 0.62 * _longest(axis) for axis in (attention.queries, attention.keys))
    lean = 0.71 * top
    margin = {"l": left + FRAME_PX, "t": lean + FRAME_PX, "r": max(lean, FRAME_PX), "b": BAR_PX}
    return {
        "width": int(cell * keys + margin["l"] + margin["r"]),
        "height": int(cell * queries + margin["t"] + margin["b"]),
        "margin": {**margin, "autoexpand": False},
        "font_size": font,
    }


def _longest(axis: Axis) -> int:
    """Measure the widest label in letters; a Chinese character is as wide as two."""
    if len(axis) > MOST_LABELS:
        return 0
    return max((sum(2 if east_asian_width(each) in "WF" else 1 for each in label) for label in axis), default=0)


def _weights(attention: AttentionMap, dark: bool) -> go.Heatmap:
    return go.Heatmap(
        z=attention.weights,
        zmin=0,
        zmax=1,
        colorscale=theme.sqrt_scale(theme.RAMP_DARK if dark else theme.RAMP_LIGHT),
        colorbar=_bar("weight"),
        hovertemplate='"%{y}" gives %{z:.2f} of its attention to "%{x}"<extra></extra>',
        **_grid(attention),
    )


def _scores(scored: ScoreMap, dark: bool) -> go.Heatmap:
    unit = for_plotly(scored.unit)
    return go.Heatmap(
        z=scored.scores,
        colorscale=theme.straight_scale(theme.RAMP_DARK if dark else theme.RAMP_LIGHT),
        colorbar=_bar(unit),
        hovertemplate='"%{y}" to "%{x}": %{z:.3g} ' + unit + "<extra></extra>",
        **_grid(scored),
    )


def _bar(title: str) -> dict[str, object]:
    """Lay the colour bar below the map, where no leaning label can reach it."""
    return {
        "title": {"text": title, "side": "bottom"},
        "orientation": "h",
        "y": 0,
        "yanchor": "top",
        "ypad": 14,
        "thickness": 10,
        "outlinewidth": 0,
        "nticks": 5,
    }


def _grid(attention: AttentionMap | ScoreMap) -> dict[str, object]:
    """Place cells by position: two tokens with one spelling stay two rows."""
    return {"x": np.arange(len(attention.keys)), "y": np.arange(len(attention.queries)), "xgap": 1, "ygap": 1}


def _positions(axis: Axis) -> dict[str, object]:
    """Write a position's label at its tick; the hover text takes it from there."""
    return {
        "tickvals": np.arange(len(axis)),
        "ticktext": [for_plotly(label) for label in axis],
        "showticklabels": len(axis) <= MOST_LABELS,
        "ticks": "",
        "showgrid": False,
        "zeroline": False,
        "constrain": "domain",
    }
