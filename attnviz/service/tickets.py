"""What a visitor holds while work is under way: wait, look at the progress, take the result, or leave."""

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Literal, Protocol, Self, TypeVar

T = TypeVar("T")
A = TypeVar("A")
T_co = TypeVar("T_co", covariant=True)

State = Literal["queued", "running", "done"]


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Unit    position: place in the queue, 1 being next; 0 once it runs.
            done, total: of the stage's own unit, bytes or layers; total 0 when it is not known.
    """

    state: State
    position: int = 0
    stage: str = ""  # a key, worded by each language
    done: int = 0
    total: int = 0


class Ticket(Protocol[T_co]):
    """A place in line for one result. Closing it leaves the line; leaving a `with` block closes it."""

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the result, or the error, is there; False when the time was too short."""

    @property
    def progress(self) -> Progress: ...

    def result(self) -> T_co:
        """Wait for the result and take it, or raise what went wrong."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


class Closing:
    """Lets a ticket be used in a `with` block."""

    def close(self) -> None:
        """Leave; there is nothing to leave unless a ticket says so."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class Ready(Closing, Generic[T]):
    """A ticket for what is already there."""

    progress = Progress("done")

    def __init__(self, value: T) -> None:
        self._value = value

    def wait(self, seconds: float | None = None) -> bool:
        return True

    def result(self) -> T:
        return self._value


class Relay(Closing, Generic[A, T]):
    """A ticket for two runs, the second needing the result of the first: a model, then what it reads.

    The second takes its place in line when the visitor next asks after the first has ended.
    """

    def __init__(self, first: Ticket[A], then: Callable[[A], Ticket[T]]) -> None:
        self._first = first
        self._then = then
        self._second: Ticket[T] | None = None
        self._error: Exception | None = None

    def wait(self, seconds: float | None = None) -> bool:
        if self._second is None and self._error is None:
            if not self._first.wait(seconds):
                return False
            self._hand_over()
        return self._second is None or self._second.wait(seconds)

    @property
    def progress(self) -> Progress:
        return self._first.progress if self._second is None else self._second.progress

    def result(self) -> T:
        self.wait()
        if self._error is not None:
            raise self._error
        assert self._second is not None
        return self._second.result()

    def close(self) -> None:
        self._first.close()
        if self._second is not None:
            self._second.close()

    def _hand_over(self) -> None:
        """Start the second run; what refuses it is raised when the result is asked for, as any run's error is."""
        try:
            self._second = self._then(self._first.result())
        except Exception as error:
            self._error = error
