"""What each patch of a picture reads, head by head."""

from attnviz.ui import pickers, report, samples, state, viewer
from attnviz.ui.frame import frame

with frame("image") as screen:
    view = state.opened()
    with screen.side:
        pickers.choose_model(view)
        samples.choose_picture(view)
    with screen.middle:
        record = viewer.record_for(view)
        view = viewer.fit(screen, view, record)
        report.show(view, record)
    viewer.show(screen, view, record)
