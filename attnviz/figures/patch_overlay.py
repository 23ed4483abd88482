"""What patches get, over the picture that was given, as a Plotly figure for notebooks and papers."""

import base64
import io

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from attnviz.axes import Axis, Patches
from attnviz.errors import MeasureError
from attnviz.figures import theme
from attnviz.figures.labels import for_plotly
from attnviz.inputs import Picture
from attnviz.measures.mass import most, placed

LARGEST_PX = 900  # of the longer side


def patch_overlay(
    row: np.ndarray,
    axis: Axis,
    picture: Picture,
    *,
    top: float | None = None,
    opacity: float = 0.7,
    mass: float = 1.0,
    smooth: bool = False,
    dark: bool = False,
) -> go.Figure:
    """Dye each patch of a picture by its number in a row, where it lies in the picture that was given.

    The strongest colour stands for `top`, or for the greatest number of a patch; colour follows the square root. With
    `mass` below 1 only the fewest patches are dyed that hold that share of what all patches get.

    Shape   row (position,), as the axis names them; tokens that are no patch are not drawn.
    Unit    of the row; the sides of the figure are pixels of the given picture.
    Raises  MeasureError  when the axis is no grid of patches, or the row is not as long as it.
    """
    if not isinstance(axis, Patches) or len(row) != len(axis):
        raise MeasureError(
            "An overlay needs one number a patch; the row has {numbers} and the axis names {positions}, as {kind}.",
            numbers=len(row),
            positions=len(axis),
            kind=type(axis).__name__,
        )
    laid = _laid(row, axis, mass)
    rows, cols = axis.geometry.original
    figure = go.Figure(_cells(laid, axis, top or float(np.nanmax(laid)) or 1.0, opacity, smooth, dark))
    figure.add_layout_image(
        source=_address(picture), xref="x", yref="y", x=0, y=0, sizex=cols, sizey=rows, sizing="stretch", layer="below"
    )
    scale = LARGEST_PX / max(rows, cols)
    page, ink = (theme.PAGE_DARK, theme.INK_DARK) if dark else (theme.PAGE_LIGHT, theme.INK_LIGHT)
    figure.update_layout(
        width=round(cols * scale) + 100,
        height=round(rows * scale) + 20,
        margin={"l": 10, "t": 10, "r": 90, "b": 10},
        font_family=theme.FONT,
        font_color=ink,
        paper_bgcolor=page,
        plot_bgcolor="rgba(0,0,0,0)",
        xaxis={"range": [0, cols], "visible": False, "constrain": "domain"},
        yaxis={"range": [rows, 0], "visible": False, "scaleanchor": "x", "constrain": "domain"},
    )
    return figure


def _laid(row: np.ndarray, axis: Patches, mass: float) -> np.ndarray:
    """Lay numbers on the grid; NaN where the tower has no patch, or the threshold keeps none."""
    laid = np.full(axis.grid[0] * axis.grid[1], np.nan)
    places = placed(axis)
    kept = most(row[places], mass) if mass < 1 else np.ones(int(places.sum()), bool)
    cells = np.array([cell for cell in axis.cells if cell is not None])
    laid[cells[kept]] = row[places][kept]
    return laid.reshape(axis.grid)


def _cells(laid: np.ndarray, axis: Patches, top: float, opacity: float, smooth: bool, dark: bool) -> go.Heatmap:
    (rows, cols), (high, wide) = axis.grid, axis.patch
    places = [[for_plotly(f"r{row} c{col}") for col in range(cols)] for row in range(rows)]
    return go.Heatmap(
        z=laid,
        x=[axis.geometry.to_original(0, (col + 0.5) * wide)[1] for col in range(cols)],
        y=[axis.geometry.to_original((row + 0.5) * high, 0)[0] for row in range(rows)],
        customdata=places,
        zmin=0,
        zmax=top,
        zsmooth="best" if smooth else False,
        opacity=opacity,
        colorscale=theme.sqrt_scale(theme.RAMP_DARK if dark else theme.RAMP_LIGHT),
        colorbar={"thickness": 10, "outlinewidth": 0, "nticks": 5},
        hovertemplate="%{customdata}: %{z:.4g}<extra></extra>",
    )


def _address(picture: Picture) -> str:
    """Write a picture into an address, so that the figure holds all that it shows."""
    written = io.BytesIO()
    Image.fromarray(picture.pixels).save(written, "JPEG", quality=92)
    return "data:image/jpeg;base64," + base64.b64encode(written.getvalue()).decode()
