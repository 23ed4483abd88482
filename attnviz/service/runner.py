"""One bounded runner: a few workers, a short queue, and a run that nobody waits for any more stops.

Whoever asks for what is already under way joins that run. A run lives as long as somebody holds a ticket for it.
"""

from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextvars import Context
from threading import Event, Lock
from time import monotonic
from typing import Generic, TypeVar

from attnviz.errors import Busy, Cancelled, Overdue
from attnviz.service.tickets import Closing, Progress

T = TypeVar("T")


class Run(Generic[T]):
    """One piece of work under way. The work is handed this, to report how far it is and to learn when to stop."""

    def __init__(self, key: Hashable, work: "Callable[[Run[T]], T]", deadline_seconds: float) -> None:
        self.key = key
        self.future: Future[T]
        self.holders = 0
        self.started: float | None = None
        self.unwanted = Event()
        self.progress = Progress("queued")
        self._work = work
        self._deadline_seconds = deadline_seconds

    def report(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Say how far the work is, in the stage's own unit."""
        self.progress = Progress("running", 0, stage, done, total)

    def check(self) -> None:
        """Stop here if the result is no longer wanted or no longer in time. To be called at every step.

        Raises  Cancelled  when nobody holds a ticket any more.
                Overdue    when the run has taken longer than its deadline.
        """
        if self.unwanted.is_set():
            raise Cancelled("Nobody waits for this run any more.")
        if self.overdue:
            raise Overdue(
                "The run took longer than {seconds:g} seconds and was stopped. Shorten the text, or choose a smaller "
                "model.",
                seconds=self._deadline_seconds,
            )

    def stopped(self) -> bool:
        """Whether `check` would raise, for work that asks rather than be interrupted."""
        return self.unwanted.is_set() or self.overdue

    @property
    def overdue(self) -> bool:
        return self.started is not None and monotonic() - self.started > self._deadline_seconds

    def go(self) -> T:
        """Do the work, in the worker's thread."""
        self.check()
        self.started = monotonic()
        self.report("")
        return self._work(self)


class Place(Closing, Generic[T]):
    """A ticket for a run: one of those who wait for it."""

    def __init__(self, runner: "Runner", run: Run[T]) -> None:
        self._runner = runner
        self._run = run
        self._closed = False

    def wait(self, seconds: float | None = None) -> bool:
        return bool(wait([self._run.future], seconds).done)

    @property
    def progress(self) -> Progress:
        return self._runner.progress(self._run)

    def result(self) -> T:
        """Wait for the result and take it, or raise what went wrong in the run.

        Raises  Cancelled  when this ticket, and with it the run, was given up.
        """
        try:
            return self._run.future.result()
        except CancelledError:
            raise Cancelled("Nobody waits for this run any more.") from None

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._runner.leave(self._run)


class Runner:
    """Runs work in at most `workers` threads and lets at most `backlog` more wait; the next is told so at once.

    Unit    deadline_seconds: from the moment a run starts, its time in the queue not counted.
    """

    def __init__(self, workers: int, backlog: int, deadline_seconds: float, name: str = "run") -> None:
        self._workers = workers
        self._backlog = backlog
        self._deadline_seconds = deadline_seconds
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=f"attnviz-{name}")
        self._lock = Lock()
        self._closed = False
        self._unfinished: list[Run] = []  # in the order they came; a run that was told to stop is here until it has
        self._wanted: dict[Hashable, Run] = {}  # those that may be joined

    def submit(self, key: Hashable, work: Callable[[Run[T]], T]) -> Place[T]:
        """Take a place in line, or join the run under way that has an equal key.

        Raises  Busy  when every worker and every place in the queue is taken.
        """
        with self._lock:
            run = self._wanted.get(key) or self._admit(key, work)
            run.holders += 1
        return Place(self, run)

    def leave(self, run: Run) -> None:
        """Count one holder less; the last one to leave stops the run."""
        with self._lock:
            run.holders -= 1
            if run.holders:
                return
            run.unwanted.set()
            self._forget(run)
            if run.future.cancel():  # never started; a started one ends at its next check
                self._unfinished.remove(run)

    def progress(self, run: Run) -> Progress:
        """Say how far a run is, and its place in the queue while it waits."""
        with self._lock:
            waiting = [one for one in self._unfinished if one.started is None]
            if run in waiting:
                return Progress("queued", 1 + waiting.index(run))
        return Progress("done") if run.future.done() else run.progress

    def close(self) -> None:
        """Stop everything and take no more."""
        with self._lock:
            self._closed = True
            for run in self._unfinished:
                run.unwanted.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _admit(self, key: Hashable, work: Callable[[Run[T]], T]) -> Run[T]:
        if self._closed:
            raise Busy("The server is stopping. Try again in a moment.")
        places = self._workers + self._backlog
        if len(self._unfinished) >= places:
            raise Busy(
                "The server is at work on {workers} and {backlog} more wait; all {places} places are taken. Try again "
                "in a moment.",
                workers=self._workers,
                backlog=self._backlog,
                places=places,
            )
        run = Run(key, work, self._deadline_seconds)
        # An empty context for each run: what one leaves in a context variable is not there for the next.
        run.future = self._threads.submit(Context().run, self._carry_out, run)
        self._unfinished.append(run)
        self._wanted[key] = run
        return run

    def _carry_out(self, run: Run[T]) -> T:
        """Do one run; its place is free before its result is seen."""
        try:
            return run.go()
        finally:
            with self._lock:
                self._forget(run)
                self._unfinished.remove(run)

    def _forget(self, run: Run) -> None:
        if self._wanted.get(run.key) is run:
            del self._wanted[run.key]
