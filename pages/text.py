"""What each token of a text reads, head by head."""

from attnviz.ui import pickers, reader, report, state
from attnviz.ui.frame import frame

with frame("text") as screen:
    view = state.opened()
    with screen.side:
        pickers.choose_model(view)
        pickers.write_text()
    with screen.middle:
        record = reader.record_for(view)
        view = reader.fit(screen, view, record)
        report.show(view, record)
    reader.show(screen, view, record)
    with screen.heads:
        pickers.choose_reading()
