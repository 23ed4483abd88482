"""The first seconds of a process: torch and transformers are imported, the embedded model loaded, the example captured.

Light to import, and started early: whoever comes meanwhile sees which stage is under way.
"""

import importlib
from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import cache
from threading import Lock, Thread

from attnviz.models.heap import settle
from attnviz.share.view import View

STAGES = ("torch", "transformers", "model", "example")


def warm_up(report: Callable[[str], None]) -> None:
    """Get ready for the first visitor, naming each stage as it begins."""
    report("torch")
    torch = importlib.import_module("torch")
    report("transformers")
    service = importlib.import_module("attnviz.service.engine").engine()
    torch.set_num_threads(max(1, torch.get_num_threads() // service.limits.workers))
    report("model")
    with service.open(View()) as opening:
        opening.result()
    report("example")
    service.record_for(View())
    settle()  # the model's shelf has done so already; the example brought in the last modules


class Warming:
    """The warming up of this process, under way in a thread."""

    def __init__(self, work: Callable[[Callable[[str], None]], None] = warm_up) -> None:
        self.stage = STAGES[0]
        self._work = work
        self._ended: Future[None] = Future()
        Thread(target=self._go, name="attnviz-warmth", daemon=True).start()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it has ended, well or not; False when the time was too short."""
        return bool(wait([self._ended], seconds).done)

    def result(self) -> None:
        """Wait, and raise what went wrong, if anything did."""
        self._ended.result()

    @property
    def ready(self) -> bool:
        """Whether it has ended well."""
        return self._ended.done() and self._ended.exception() is None

    def _go(self) -> None:
        try:
            self._work(self._report)
        except BaseException as error:
            self._ended.set_exception(error)
        else:
            self._ended.set_result(None)

    def _report(self, stage: str) -> None:
        self.stage = stage


_beginning = Lock()


def begin() -> Warming:
    """Start warming up, or find the warming under way; a process warms up once."""
    with _beginning:
        return _begun()


@cache
def _begun() -> Warming:
    return Warming()


def ready() -> bool:
    """Whether the first visitor can be served."""
    return _begun.cache_info().currsize > 0 and begin().ready
