"""Every step of one attention layer on a view's text: bounded before the work, run in the queue of captures."""

from attnviz.capture.inside import Inside, inside
from attnviz.errors import TooLarge, TooLong
from attnviz.inputs import Input
from attnviz.models import LoadedModel
from attnviz.record import AttentionRecord
from attnviz.service.engine import Engine
from attnviz.service.runner import Run
from attnviz.service.tickets import Ticket
from attnviz.share.view import View

MOST_TOKENS = 128  # of which a screen still shows every row
MOST_BYTES = 16_000_000  # half of what server.maxMessageSize lets through
FLOAT_BYTES = 4
STREAMS = 9  # tables of (token, width)
SIDES = 8  # of every head (token, d)
SQUARES = 6  # of every head (query, key)


def insides(engine: Engine, view: View, record: AttentionRecord) -> Ticket[Inside]:
    """Ask for every step of a view's layer; who asks meanwhile for the same shares the run.

    Raises  TooLong, TooLarge  before anything is run, when the steps would not fit on a screen; the rest comes from
                               the ticket's result: WeightsUnavailable, and what opening a model raises.
    """
    layer = record.layer(view.stack, view.layer)
    check_length(len(layer.queries))

    def work(model: LoadedModel, given: Input, run: Run[Inside]) -> Inside:
        run.report("inside")
        width = int(model.backbone.get_input_embeddings().weight.shape[1])
        check_size(model.name, len(layer.queries), layer.heads, width)
        run.check()
        return inside(model, given, view.stack, view.layer)

    return engine.ask(view, ("inside", view.stack, view.layer), work)


def check_length(tokens: int) -> None:
    """Refuse a text of more rows than a screen shows.

    Raises  TooLong  with both numbers and what to do.
    """
    if tokens > MOST_TOKENS:
        raise TooLong(
            "The text has {count:,} tokens and this page follows {limit} of them step by step. Shorten it by "
            "{excess:,}.",
            count=tokens,
            limit=MOST_TOKENS,
            excess=tokens - MOST_TOKENS,
        )


def check_size(model: str, tokens: int, heads: int, width: int) -> None:
    """Refuse steps whose vectors are too long for one page.

    Raises  TooLarge  with what they take, what is allowed, and the length that fits.
    """
    needed = bytes_of(tokens, heads, width)
    if needed > MOST_BYTES:
        fits = next((count for count in range(tokens, 0, -1) if bytes_of(count, heads, width) <= MOST_BYTES), 0)
        raise TooLarge(
            "The steps of {count} tokens of {width:,} numbers each in {model} take about {needed} MB and this page "
            "shows {allowed}. Shorten the text to {fits} tokens, or choose a smaller model.",
            count=tokens,
            width=width,
            model=model,
            needed=round(needed / 10**6),
            allowed=MOST_BYTES // 10**6,
            fits=fits,
        )


def bytes_of(tokens: int, heads: int, width: int) -> int:
    """Count the bytes of all steps, too many rather than too few.

    Unit    bytes of float32.
    """
    return FLOAT_BYTES * tokens * ((STREAMS + SIDES) * width + SQUARES * heads * tokens)
