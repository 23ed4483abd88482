"""A map becomes something to look at or to take away. Knows nothing of models, records or pages."""

from attnviz.figures import theme
from attnviz.figures.heatmap import heatmap
from attnviz.figures.patch_overlay import patch_overlay
from attnviz.figures.table import table

FIGURES = ("heatmap", "patch_overlay", "table")

__all__ = ["FIGURES", "heatmap", "patch_overlay", "table", "theme"]
