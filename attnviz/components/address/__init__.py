"""The address bar: it always names the view on the screen, and Back is never trapped."""

from urllib.parse import urlsplit

import streamlit as st

from attnviz.components.modules import stub

_mount = st.components.v2.component("attnviz_address", js=stub("address/view.js"))


def address(query: str, *, key: str) -> None:
    """Write the query of a view into the browser's address, in place of the one that is there.

    Data    {query: the part after "?", encoded; path: the page that sends it}
    """
    _mount(data={"query": query, "path": urlsplit(st.context.url or "").path}, key=key)
