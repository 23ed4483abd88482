"""Questions about real maps: predict, then see."""

from attnviz.ui import predict, state
from attnviz.ui.frame import frame

with frame("predict") as screen, screen.middle:
    predict.show(state.opened())
