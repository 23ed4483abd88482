"""Attention from numbers that can be edited, one step at a time, and the mistakes that are easily made."""

from attnviz.ui import lab, state
from attnviz.ui.frame import frame

with frame("learn") as screen, screen.middle:
    lab.choose_lesson()
    lab.show(state.opened())
