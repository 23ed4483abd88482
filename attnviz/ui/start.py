"""The first seconds of a server: torch and transformers are imported, and the page says so."""

import streamlit as st

from attnviz.errors import AttnvizError
from attnviz.service import warmth
from attnviz.ui.frame import tell
from attnviz.ui.state import speech

POLL_SECONDS = 0.1


def wait_until_warm() -> None:
    """Show one line of progress until the embedded model is loaded and its example drawn."""
    said, place = speech(), st.empty()  # made on every run: a screen whose place shifts is mounted anew
    warming = warmth.begin()
    while not warming.wait(POLL_SECONDS):
        stage = warming.stage
        place.progress(warmth.STAGES.index(stage) / len(warmth.STAGES), text=said(f"start.{stage}"))
    place.empty()
    try:
        warming.result()
    except AttnvizError as error:  # a setting of the operator's, most likely; nothing can be drawn without it
        tell(said.error(error), urgent=True)
        st.stop()
