"""The launcher: `streamlit run app.py` serves the pages, the modules of the views, and what an operator asks."""

from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from attnviz.ui.server import SecurityHeaders, routes, warming

app = st.App(
    Path(__file__).parent / "attnviz/ui/main.py",
    lifespan=asynccontextmanager(warming),
    routes=routes(),
    middleware=[SecurityHeaders.middleware()],
)

if __name__ == "__main__":
    app.run()
