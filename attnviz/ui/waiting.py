"""Waiting for a run while the page stays alive: progress in words, and a run that nobody waits for stops."""

from time import monotonic
from typing import TypeVar

import streamlit as st

from attnviz.service.tickets import Progress, Ticket
from attnviz.ui.catalogue import Words

T = TypeVar("T")

POLL_SECONDS = 0.05
QUIET_SECONDS = 0.3  # what is ready sooner draws no progress line
MEGABYTE = 10**6


def awaited(ticket: Ticket[T], said: Words) -> T:
    """Take the result of a run, showing how far it is.

    Every look at the progress is a call to Streamlit. That is where a script ends whose visitor has changed the input
    or left, and leaving the `with` block gives up the place in line.
    """
    place, begun = st.empty(), monotonic()
    with ticket:
        while not ticket.wait(POLL_SECONDS):
            if monotonic() - begun > QUIET_SECONDS:
                place.progress(*_line(ticket.progress, said))
        place.empty()
        return ticket.result()


def _line(progress: Progress, said: Words) -> tuple[float, str]:
    """A progress as a fraction and a sentence."""
    if progress.state == "queued":
        return 0.0, said("wait.queued", position=progress.position)
    fraction = min(1.0, progress.done / progress.total) if progress.total else 0.0
    done, total = progress.done, progress.total
    if progress.stage == "download":
        done, total = round(done / MEGABYTE), round(total / MEGABYTE)
    return fraction, said(f"wait.{progress.stage or 'begin'}", done=done, total=total)
