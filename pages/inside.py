"""One head of a real model, from the tokens it is given to what it adds to them."""

from attnviz.ui import inside, pickers, reader, state
from attnviz.ui.frame import frame

with frame("inside") as screen:
    view = state.opened()
    with screen.side:
        pickers.choose_model(view)
        pickers.write_text()
    with screen.middle:
        record = reader.record_for(view)
        view = reader.fit(screen, view, record)
    inside.show(screen, view, record)
