"""The service: limits, bounded runs, and the record of a view. Light to import: torch comes with the engine.

These functions ask the engine of the process, which `attnviz.service.warmth` makes ready.
"""

import sys
from typing import TYPE_CHECKING

from attnviz.service.limits import Limits
from attnviz.service.tickets import Progress, Ticket
from attnviz.share.view import View

if TYPE_CHECKING:
    from attnviz.capture import Proof
    from attnviz.record import AttentionRecord
    from attnviz.service.engine import Engine

__all__ = ["Limits", "Progress", "Ticket", "close", "proof_for", "record_for", "ticket_for"]


def ticket_for(view: View) -> "Ticket[AttentionRecord]":
    """Ask for the record of a view's model and text; see `Engine.ticket_for`."""
    return _engine().ticket_for(view)


def record_for(view: View) -> "AttentionRecord":
    """Give the record of a view's model and text, waiting for it."""
    return _engine().record_for(view)


def proof_for(view: View) -> "Ticket[Proof]":
    """Ask how far a view's head is from the model's own eager attention; see `Engine.proof_for`."""
    return _engine().proof_for(view)


def close() -> None:
    """Stop what runs, as the server ends; without this the process would wait for captures and downloads."""
    for name in ("engine", "timing"):
        room = sys.modules.get(f"attnviz.service.{name}")
        if room is not None and hasattr(room, "close"):  # one that is still being imported runs nothing
            room.close()


def _engine() -> "Engine":
    from attnviz.service.engine import engine

    return engine()
