"""What a page asks about a picture beside its record: how the model sees it, what it takes it for, and why."""

from collections.abc import Sequence

from attnviz import measures
from attnviz.axes import Patches
from attnviz.capture.classes import Predicted, classifies, predict
from attnviz.capture.gradients import gradients
from attnviz.capture.norms import norms
from attnviz.capture.occlusion import Occlusion, deletion
from attnviz.encode.picture import Prepared
from attnviz.encode.vision import prepare
from attnviz.errors import Unreadable
from attnviz.inputs import Input, Picture
from attnviz.measures import Artefacts
from attnviz.models import LoadedModel
from attnviz.record import AttentionMap, AttentionRecord, ScoreMap
from attnviz.service.engine import Engine
from attnviz.service.runner import Run
from attnviz.service.tickets import Ticket
from attnviz.share.view import View


def prepared(engine: Engine, view: View) -> Ticket[Prepared]:
    """Ask for the picture of a view as its model takes it."""

    def work(model: LoadedModel, given: Input, run: Run[Prepared]) -> Prepared:
        run.report("look")
        return prepare(model, _picture(given))

    return engine.ask(view, "prepared", work)


def classes(engine: Engine, view: View) -> Ticket[tuple[Predicted, ...]]:
    """Ask what the model takes the picture for, the likeliest first; nothing of a model that makes no classes."""

    def work(model: LoadedModel, given: Input, run: Run[tuple[Predicted, ...]]) -> tuple[Predicted, ...]:
        run.report("look")
        return predict(model, _picture(given)) if classifies(model) and not model.headless else ()

    return engine.ask(view, "classes", work)


def lens(engine: Engine, view: View, record: AttentionRecord) -> Ticket[AttentionMap | ScoreMap]:
    """Ask for the map that a lens other than the plain weights makes of all layers of a stack.

    Raises  from the ticket's result: MeasureError, TooLarge and WeightsUnavailable, as the lens itself does.
    """

    def work(model: LoadedModel, given: Input, run: Run[AttentionMap | ScoreMap]) -> AttentionMap | ScoreMap:
        run.report("lens")
        if view.lens == "rollout":
            return measures.rollout(record, view.stack, fuse=view.fuse)
        found = gradients(model, given, view.target, max_bytes=int(engine.limits.max_work_bytes))
        run.check()
        if view.lens == "gradient":
            return measures.gradient_rollout(found, view.stack)
        return measures.relevance(found, view.stack)

    return engine.ask(view, ("lens", view.lens, view.stack, view.fuse, view.target), work)


def occlusion(engine: Engine, view: View, axis: Patches, order: Sequence[int]) -> Ticket[Occlusion]:
    """Ask what becomes of the class while patches are taken out of the picture in an order."""

    def work(model: LoadedModel, given: Input, run: Run[Occlusion]) -> Occlusion:
        run.report("occlude")
        return deletion(model, _picture(given), axis, order, target=view.target, stopped=run.stopped)

    return engine.ask(view, ("occlusion", tuple(order), view.target), work)


def artefacts(engine: Engine, view: View) -> Ticket[Artefacts]:
    """Ask which patches the model has made far longer than the others."""

    def work(model: LoadedModel, given: Input, run: Run[Artefacts]) -> Artefacts:
        run.report("look")
        return measures.artefacts(norms(model, given, view.stack))

    return engine.ask(view, ("artefacts", view.stack), work)


def _picture(given: Input) -> Picture:
    if not isinstance(given, Picture):
        raise Unreadable("No screen takes {kind} yet. Use attnviz in a notebook.", kind=type(given).__name__)
    return given
