"""A map becomes something to look at or to take away. Knows nothing of models, records or pages."""

from attnviz.figures import theme
from attnviz.figures.heatmap import heatmap
from attnviz.figures.table import table

FIGURES = ("heatmap", "table")

__all__ = ["FIGURES", "heatmap", "table", "theme"]
