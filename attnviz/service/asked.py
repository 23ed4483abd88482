"""What a page asks about a picture beside its record: how the model sees it, what it takes it for, and why."""

import re
from collections.abc import Sequence

from attnviz import measures
from attnviz.axes import Patches
from attnviz.capture.classes import Predicted, classifies, predict
from attnviz.capture.detections import Detected, detect, detects
from attnviz.capture.gradients import Target, gradients, object_of
from attnviz.capture.norms import norms
from attnviz.capture.occlusion import Occlusion, check_order, deletion
from attnviz.encode.picture import Prepared
from attnviz.encode.vision import prepare
from attnviz.errors import MeasureError, Unreadable
from attnviz.inputs import Input, Picture
from attnviz.measures import Artefacts
from attnviz.models import LoadedModel
from attnviz.record import AttentionMap, AttentionRecord, ScoreMap
from attnviz.service.engine import Engine
from attnviz.service.runner import Run
from attnviz.service.tickets import Ticket
from attnviz.share.view import View

CROSS = "cross"  # the stack in which queries read the picture
FINDING = re.compile(r"\[(?:DET|QUERY) (\d+)\]")  # what queries of detectors are called
EVERY = 10**6  # classes: more than any model has


def prepared(engine: Engine, view: View) -> Ticket[Prepared]:
    """Ask for the picture of a view as its model takes it."""

    def work(model: LoadedModel, given: Input, run: Run[Prepared]) -> Prepared:
        run.report("look")
        return prepare(model, _picture(given))

    return engine.ask(view, "prepared", work)


def classes(engine: Engine, view: View) -> Ticket[tuple[Predicted, ...]]:
    """Ask for every class of a model, the likeliest for the picture first; none of a model that makes no classes."""

    def work(model: LoadedModel, given: Input, run: Run[tuple[Predicted, ...]]) -> tuple[Predicted, ...]:
        run.report("look")
        return predict(model, _picture(given), EVERY) if classifies(model) and not model.headless else ()

    return engine.ask(view, "classes", work)


def detections(engine: Engine, view: View) -> Ticket[tuple[Detected, ...]]:
    """Ask what each query of a detector has found; nothing of a model that finds no things."""

    def work(model: LoadedModel, given: Input, run: Run[tuple[Detected, ...]]) -> tuple[Detected, ...]:
        run.report("look")
        return detect(model, _picture(given)) if detects(model) and not model.headless else ()

    return engine.ask(view, "detections", work)


def finding(view: View, record: AttentionRecord) -> int | None:
    """Say which query of a detector is chosen, by its number; None where what is chosen is none."""
    layer = record.layer(view.stack, view.layer)
    axis = layer.queries if view.direction == "reads" else layer.keys
    chosen = "" if view.query is None or view.query >= len(axis) else axis[view.query]
    found = FINDING.fullmatch(chosen)
    return int(found[1]) if found else None


def lens_name(view: View, record: AttentionRecord) -> str:
    """Name the map of a lens by all that it is made of, as `lensName` of components/common/sight.js does."""
    query = finding(view, record)
    target = "best" if view.target is None else str(view.target)
    about = view.fuse if view.lens == "rollout" else (target if query is None else f"query {query}")
    parts = [view.stack, view.lens, about]
    if view.lens != "relevance":
        parts += [f"{view.discard} %"] if view.discard else []
        parts += [view.rule] if view.rule != "definition" else []
    return " ".join(parts)


def lens(engine: Engine, view: View, record: AttentionRecord) -> Ticket[AttentionMap | ScoreMap]:
    """Ask for the map that a lens other than the plain weights makes of all layers of a stack.

    Raises  from the ticket's result: MeasureError, TooLarge and WeightsUnavailable, as the lens itself does.
    """

    def work(model: LoadedModel, given: Input, run: Run[AttentionMap | ScoreMap]) -> AttentionMap | ScoreMap:
        run.report("lens")
        published, discard = view.rule == "published", view.discard / 100
        if view.lens == "rollout":
            rollout = measures.rollout_as_published if published else measures.rollout
            return rollout(record, view.stack, fuse=view.fuse, discard=discard)
        target = _aim(model, view, finding(view, record))
        found = gradients(model, given, target, max_bytes=int(engine.limits.max_work_bytes))
        run.check()
        if view.lens == "relevance":
            return measures.cross_relevance(found) if view.stack == CROSS else measures.relevance(found, view.stack)
        guided = measures.gradient_rollout_as_published if published else measures.gradient_rollout
        return guided(found, view.stack, discard=discard)

    return engine.ask(view, ("lens", lens_name(view, record)), work)


def _aim(model: LoadedModel, view: View, query: int | None) -> Target:
    """Say what is to be explained: a class, or what the chosen query of a detector has found.

    Raises  MeasureError  when a detector's query is to be chosen first.
    """
    if not detects(model):
        return view.target
    if query is None:
        raise MeasureError(
            "{model} finds things: this lens explains what one of its queries has found. Choose one beside the "
            "picture; of an encoder and decoder, in the stack “Cross”.",
            model=model.name,
        )
    return object_of(query)


def occlusion(engine: Engine, view: View, axis: Patches, order: Sequence[int]) -> Ticket[Occlusion]:
    """Ask what becomes of the class while patches are taken out of the picture in an order.

    Raises  MeasureError  when the order is not of every patch once, before anything is run; the rest comes from the
                          ticket's result.
    """
    check_order(axis, order)

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
