"""The app's main script: the pages, the language, and the wait of a fresh server."""

from pathlib import Path

import streamlit as st

from attnviz.ui import frame, start, state

PAGES = Path(__file__).parents[2] / "pages"
SCREENS = {  # by their place in the menu
    "": ("text", "image", "models"),
    "lessons": ("chapters", "learn", "inside", "predict", "glossary"),
}
FIRST = "text"  # opens at "/"

said = state.first_words()
pages = {
    said(f"page.{place}") if place else "": [
        st.Page(PAGES / f"{name}.py", title=said(f"page.{name}"), url_path=name, default=name == FIRST)
        for name in names
    ]
    for place, names in SCREENS.items()
}
page = st.navigation(pages, position="top")
st.set_page_config(page_title=f"{page.title} · attnviz", page_icon=str(frame.ICON), layout="wide")

state.open_page(page.url_path or FIRST)
frame.top()
start.wait_until_warm()
page.run()
