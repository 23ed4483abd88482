"""How far every head of a record of a picture reads: measured in the queue of captures, layer by layer."""

from attnviz import measures
from attnviz.inputs import Input
from attnviz.measures import PixelDistance
from attnviz.models import LoadedModel
from attnviz.record import AttentionRecord
from attnviz.service.engine import Engine
from attnviz.service.runner import Run
from attnviz.service.tickets import Ticket
from attnviz.share.view import View


def distances(engine: Engine, view: View, record: AttentionRecord) -> Ticket[PixelDistance]:
    """Ask how many pixels lie between a patch and what it reads, for every head of a view's stack.

    Who asks meanwhile for the same shares the run; one that nobody waits for any more ends before its next layer.

    Raises  from the ticket's result: MeasureError  when queries or keys are no patches.
    """

    def work(model: LoadedModel, given: Input, run: Run[PixelDistance]) -> PixelDistance:
        layers = record.stacks[view.stack]

        def on_layer(layer: int) -> None:
            run.check()
            run.report("distance", layer, layers)

        return measures.pixel_distance(record, view.stack, on_layer)

    return engine.ask(view, ("distance", view.stack), work)
