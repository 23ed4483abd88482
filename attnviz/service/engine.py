"""From a view to its record: the model opened once, the text checked before the work, the work bounded.

Importing this room imports torch and transformers; `attnviz.service.warmth` does so behind a progress line.
"""

import os
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TypeVar

from cachetools import LRUCache

from attnviz.capture import Proof, capture, proof
from attnviz.encode import count, encode
from attnviz.inputs import Input, Text
from attnviz.models import LoadedModel, hub
from attnviz.models.catalogue import Entry
from attnviz.models.shelf import ModelRef, ModelShelf
from attnviz.record import AttentionRecord
from attnviz.service import source as sources
from attnviz.service.cost import Sizes, check_characters, check_cost, check_proof, check_sides, check_tokens
from attnviz.service.limits import Limits
from attnviz.service.pictures import pictures
from attnviz.service.records import RecordKey, Records
from attnviz.service.runner import Run, Runner
from attnviz.service.source import Source
from attnviz.service.tickets import Ready, Relay, Ticket
from attnviz.share.view import View

T = TypeVar("T")

PICTURE_PAGES = ("image",)
PROOFS_KEPT = 1024  # two numbers each


@dataclass(frozen=True)
class Description:
    """What an engine has at hand.

    Unit    models_bytes, records_bytes: bytes in memory.
    """

    limits: Limits
    models: tuple[ModelRef, ...]
    models_bytes: int
    records: int
    records_bytes: int


class Engine:
    """Opens models, captures texts and keeps both, within the limits. One serves the whole process.

    Models open in workers of their own, so that nobody's capture waits for somebody's download.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._token = os.environ.get("HF_TOKEN") or None
        self._shelf: ModelShelf[LoadedModel] = ModelShelf(limits.max_models_bytes)
        self._records = Records(limits.max_records_bytes)
        self._proofs: LRUCache[tuple, Proof] = LRUCache(PROOFS_KEPT)
        self._proofs_lock = Lock()
        self._openings = Runner(limits.openers, limits.backlog, limits.opening_seconds, "open")
        self._captures = Runner(limits.workers, limits.backlog, limits.deadline_seconds, "capture")

    def open(self, view: View) -> Ticket[Source]:
        """Bring a view's model here and into memory. Stages: "download" in bytes, "load".

        Raises  ModelRefused  when this server does not open it.
                Busy          when too many models are being opened; both also from the ticket's result.
        """
        wanted, here = self._find(view)
        if here is not None and here.ref in self._shelf.held:
            return Ready(here)

        def work(run: Run[Source]) -> Source:
            found = here or sources.fetch(wanted, view.revision, self.limits, self._token, run)
            run.report("load")
            with self._lent(found):
                return found

        return self._openings.submit((sources.name_of(wanted), view.revision), work)

    def ticket_for(self, view: View) -> Ticket[AttentionRecord]:
        """Ask for the record of a view's model and input. Stages: those of `open`, then "read", then "layer" in layers.

        A record that is ready needs no model.

        Raises  TooLong       when the text has too many characters to be looked at.
                InputError    when the picture is not here.
                ModelRefused  when this server does not open the model.
                Busy          when too many models are being opened. What the model and the queue say comes from the
                              ticket's result: TooLong, TooLarge, Unreadable, Busy, Overdue, ModelError.
        """
        given = self.given(view)
        _, here = self._find(view)
        kept = self._records.get(_key(here, given)) if here is not None else None
        if kept is not None:
            return Ready(kept)
        return Relay(self.open(view), lambda found: self._line_up(found, given))

    def given(self, view: View) -> Input:
        """Find what a view reads: the text in it, or the picture that it names.

        Raises  TooLong    when the text has too many characters to be looked at.
                InputError  when the picture is not here.
        """
        if view.page in PICTURE_PAGES:
            return pictures().find(view.image)
        check_characters(view.text, self.limits)
        return Text(view.text)

    def record_for(self, view: View) -> AttentionRecord:
        """Give the record of a view's model and input, waiting for it."""
        with self.ticket_for(view) as ticket:
            return ticket.result()

    def kept(self, view: View) -> AttentionRecord | None:
        """Find the record of a view's model and input if it is ready, which counts as asking for it."""
        _, here = self._find(view)
        return self._records.get(_key(here, self.given(view))) if here is not None else None

    def proof_for(self, view: View) -> Ticket[Proof]:
        """Ask how far a view's head is from the model's own eager attention. The last stage is "proof"."""
        given = self.given(view)
        return Relay(self.open(view), lambda found: self._proof_ticket(found, view, given))

    def ask(self, view: View, what: Hashable, work: Callable[[LoadedModel, Input, Run[T]], T]) -> Ticket[T]:
        """Let something be done with a view's model and input; who asks for the same `what` meanwhile shares the run.

        Raises  what `given` and `open` raise.
        """
        given = self.given(view)

        def lent(found: Source, run: Run[T]) -> T:
            with self._lent(found) as model:
                return work(model, given, run)

        return Relay(
            self.open(view),
            lambda found: self._captures.submit((what, _key(found, given)), lambda run: lent(found, run)),
        )

    def describe(self) -> Description:
        """Say what is at hand."""
        return Description(self.limits, self._shelf.held, self._shelf.nbytes, len(self._records), self._records.nbytes)

    def close(self) -> None:
        """Stop all runs and take no more."""
        self._openings.close()
        self._captures.close()

    def _find(self, view: View) -> tuple[Entry | str, Source | None]:
        """Say what a view's model is called, and where it lies if it is here at the view's commit."""
        wanted = hub.admit(view.model, self.limits.models, self.limits.folder)
        return wanted, sources.find(wanted, view.revision, self.limits.folder)

    def _line_up(self, found: Source, given: Input) -> Ticket[AttentionRecord]:
        """Take a place in the queue of captures for an input that was checked first: a refusal waits for nobody."""
        key = _key(found, given)
        kept = self._records.get(key)
        if kept is not None:
            return Ready(kept)
        with self._lent(found) as model:
            self._check(model, given)
        return self._captures.submit(key, lambda run: self._capture(found, given, key, run))

    def _capture(self, found: Source, given: Input, key: RecordKey, run: Run[AttentionRecord]) -> AttentionRecord:
        kept = self._records.get(key)  # another run may have ended between the question and the place in line
        if kept is not None:
            return kept
        run.report("read") if isinstance(given, Text) else run.report("look")
        with self._lent(found) as model:
            layers = sum(model.layers.values())

            def on_layer(layer: int) -> None:
                run.check()
                run.report("layer", layer, layers)

            record = capture(model, given, on_layer=on_layer)
        self._records.put(key, record)
        return record

    def _proof_ticket(self, found: Source, view: View, given: Input) -> Ticket[Proof]:
        key = (_key(found, given), view.stack, view.layer, view.head)
        with self._proofs_lock:
            kept = self._proofs.get(key)
        if kept is not None:
            return Ready(kept)

        def work(run: Run[Proof], record: AttentionRecord) -> Proof:
            run.report("proof")
            with self._lent(found) as model:
                layer = record.layer(view.stack, view.layer)
                check_proof(len(layer.queries), model.name, layer.heads, view.layer, self.limits)
                proven = proof(model, record, view.stack, view.layer, view.head)
            with self._proofs_lock:
                self._proofs[key] = proven
            return proven

        return Relay(
            self._line_up(found, given),
            lambda record: self._captures.submit(key, lambda run: work(run, record)),
        )

    def _lent(self, found: Source) -> AbstractContextManager[LoadedModel]:
        expected = 0 if found.ref in self._shelf.held else found.loaded_bytes
        return self._shelf.get(found.ref, found.load, expected=expected)

    def _check(self, model: LoadedModel, given: Input) -> None:
        if not isinstance(given, Text):
            check_sides(encode(model, given).sides, model.name, model.facts.heads, self.limits)
            return
        tokens = count(model, given)
        check_tokens(tokens, model.name, model.positions, self.limits)
        check_cost(tokens, model.name, _sizes(model), self.limits)


def _key(found: Source, given: Input) -> RecordKey:
    return RecordKey.of(found.ref.name, found.ref.revision, given)


def _sizes(model: LoadedModel) -> Sizes:
    config, layers = model.model.config.get_text_config(), sum(model.layers.values())
    return Sizes.of(config, layers, weighs=model.family.weighs)


_making = Lock()


def engine() -> Engine:
    """The engine of this process, made from the environment when first asked for.

    Raises  ServiceError  when a variable of the environment is not understood.
    """
    with _making:
        return _made()


@cache
def _made() -> Engine:
    return Engine(Limits.from_env())


def close() -> None:
    """Stop the engine of this process, if there is one: runs end at their next step and the process can end."""
    with _making:
        if _made.cache_info().currsize:
            _made().close()
