"""Models in memory: loaded once however many ask, the least used put away when bytes run short.

Written here and not taken from cachetools: its caches cannot skip an item that is being read, nor let one thread load
for all who wait.
"""

import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from attnviz.errors import Busy, Cancelled, ModelRefused
from attnviz.models.heap import settle

MB = 10**6


class Weighed(Protocol):
    """What the shelf must know of a model: the bytes it takes."""

    @property
    def nbytes(self) -> int: ...


Model = TypeVar("Model", bound=Weighed)


@dataclass(frozen=True)
class ModelRef:
    """Which model: its name, and the commit it is of; empty for an embedded one."""

    name: str
    revision: str = ""


@dataclass
class _Place(Generic[Model]):
    model: Model
    readers: int


@dataclass
class _Flight(Generic[Model]):
    """A load under way, for all who wait for it."""

    expected: int
    waiting: int = 0
    result: Future[Model] = field(default_factory=Future)


class ModelShelf(Generic[Model]):
    """Holds loaded models up to a number of bytes.

    Unit    max_bytes, nbytes: bytes.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._lock = threading.RLock()  # collecting garbage inside may run code that asks the shelf
        self._places: OrderedDict[ModelRef, _Place[Model]] = OrderedDict()  # least used first
        self._flights: dict[ModelRef, _Flight[Model]] = {}
        self._untidy = False

    @property
    def nbytes(self) -> int:
        """Count the bytes of all models here, and those promised to loads under way."""
        with self._lock:
            kept = sum(place.model.nbytes for place in self._places.values())
            return kept + sum(flight.expected for flight in self._flights.values())

    @property
    def held(self) -> tuple[ModelRef, ...]:
        """Name the models here, the least used first."""
        with self._lock:
            return tuple(self._places)

    @contextmanager
    def get(self, ref: ModelRef, load: Callable[[], Model], *, expected: int = 0) -> Iterator[Model]:
        """Lend a model for the length of a block, loading it first when it is not here.

        However many threads ask at once, one of them loads and the others wait; a load that fails fails for them
        all and is not remembered. Only where the loader's own visitor left does the next in line load instead.

        Unit    expected: the bytes the model will take, when known; a model that cannot fit is then never loaded.
        Raises  ModelRefused  when the model alone is larger than the shelf.
                Busy          when models being read leave too little room.
        """
        model = self._take(ref, load, expected)
        try:
            yield model
        finally:
            self._give_back(ref)

    def clear(self) -> None:
        """Put away every model that nobody is reading."""
        with self._lock:
            self._put_away(until=0)
            self._tidy()

    def _take(self, ref: ModelRef, load: Callable[[], Model], expected: int) -> Model:
        while True:
            with self._lock:
                place = self._places.get(ref)
                if place:
                    place.readers += 1
                    self._places.move_to_end(ref)
                    return place.model
                flight = self._flights.get(ref)
                if flight is None:
                    self._make_room(ref, expected)
                    ours = self._flights[ref] = _Flight(expected)
                    break
                flight.waiting += 1
            try:
                return flight.result.result()  # the loader has counted us among the readers
            except Cancelled:
                continue
        return self._load(ref, load, ours)

    def _load(self, ref: ModelRef, load: Callable[[], Model], flight: _Flight[Model]) -> Model:
        try:
            model = self._put(ref, load(), flight)
        except BaseException as error:
            with self._lock:
                self._flights.pop(ref, None)
            traceback.clear_frames(error.__traceback__)  # they hold what was loaded, and the error is kept for others
            left = Cancelled("Whoever was loading {model} left. Open it again.", model=ref.name)
            flight.result.set_exception(error if isinstance(error, Exception) else left)
            raise
        flight.result.set_result(model)
        return model

    def _put(self, ref: ModelRef, model: Model, flight: _Flight[Model]) -> Model:
        with self._lock:
            flight.expected = 0  # from here on its real size counts
            self._make_room(ref, model.nbytes)
            self._flights.pop(ref)
            self._untidy = True
            self._tidy()
            self._places[ref] = _Place(model, readers=1 + flight.waiting)
            return model

    def _give_back(self, ref: ModelRef) -> None:
        with self._lock:
            self._places[ref].readers -= 1
            self._tidy()

    def _make_room(self, ref: ModelRef, nbytes: int) -> None:
        if nbytes > self.max_bytes:
            raise ModelRefused(
                "{model} takes {needed:,.1f} MB; this server keeps {most:,.1f} MB of models. Choose a smaller one, or "
                "ask whoever runs the server to raise the limit.",
                model=ref.name,
                needed=nbytes / MB,
                most=self.max_bytes / MB,
            )
        idle = sum(place.model.nbytes for place in self._places.values() if not place.readers)
        room = self.max_bytes - (self.nbytes - idle)
        if nbytes > room:
            raise Busy(
                "{model} takes {needed:,.1f} MB; the models that others are reading leave {room:,.1f} MB. Try again in "
                "a moment, or choose a smaller one.",
                model=ref.name,
                needed=nbytes / MB,
                room=max(room, 0) / MB,
            )
        self._put_away(until=self.max_bytes - nbytes)

    def _put_away(self, until: int) -> None:
        for ref, place in list(self._places.items()):
            if self.nbytes <= until:
                return
            if not place.readers:
                del self._places[ref]
                self._untidy = True

    def _tidy(self) -> None:
        """Free what was put away and freeze what stays, once nothing runs: a pass under way would be frozen too."""
        if self._untidy and not self._flights and not any(place.readers for place in self._places.values()):
            settle()
            self._untidy = False
