"""Attention in eleven short chapters, each with a figure that answers."""

from attnviz.ui import chapters, state
from attnviz.ui.frame import frame

with frame("chapters") as screen, screen.middle:
    chapters.show(state.opened())
