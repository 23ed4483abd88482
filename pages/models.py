"""Which models can be opened here, where they come from, and within which limits."""

from attnviz.ui import shelves, state
from attnviz.ui.frame import frame

with frame("models") as screen, screen.middle:
    view = state.opened()
    shelves.list_models(view)
    shelves.list_limits()
