import gc
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from attnviz.errors import Busy, Cancelled, ModelRefused
from attnviz.models import shelf as shelf_module
from attnviz.models.shelf import ModelRef, ModelShelf

MB = 10**6


@dataclass(eq=False)
class Fake:
    """A model that weighs what it says."""

    name: str
    nbytes: int


class Loads:
    """Loads fakes, and counts."""

    def __init__(self) -> None:
        self.count = 0

    def of(self, name: str, megabytes: int) -> Callable[[], Fake]:
        def load() -> Fake:
            self.count += 1
            return Fake(name, megabytes * MB)

        return load


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stands for `settle`, and remembers how often it was called."""
    times: list[str] = []
    monkeypatch.setattr(shelf_module, "settle", lambda: times.append("once"))
    return times


@pytest.fixture
def loads() -> Loads:
    return Loads()


def shelf_of(megabytes: int) -> ModelShelf[Fake]:
    return ModelShelf(megabytes * MB)


a, b, c = (ModelRef(name) for name in "abc")


def test_a_model_is_loaded_once_and_lent_again(loads: Loads):
    shelf = shelf_of(10)
    with shelf.get(a, loads.of("a", 4)) as first, shelf.get(a, loads.of("a", 4)) as second:
        assert first is second
    assert (loads.count, shelf.nbytes, shelf.held) == (1, 4 * MB, (a,))


def test_a_revision_is_a_model_of_its_own(loads: Loads):
    shelf = shelf_of(10)
    for revision in ("1" * 40, "2" * 40):
        with shelf.get(ModelRef("a", revision), loads.of("a", 4)):
            pass
    assert loads.count == 2


def test_two_hundred_who_ask_at_once_cause_one_load(loads: Loads):
    shelf, ready = shelf_of(10), threading.Barrier(200)
    load, may_finish = loads.of("a", 4), threading.Event()

    def slow() -> Fake:
        assert may_finish.wait(10)
        return load()

    def visit(_: int) -> Fake:
        ready.wait(10)
        with shelf.get(a, slow) as model:
            return model

    with ThreadPoolExecutor(200) as pool:
        visits = [pool.submit(visit, number) for number in range(200)]
        threading.Timer(0.2, may_finish.set).start()
        models = {visit.result(20) for visit in visits}
    assert (len(models), loads.count) == (1, 1)
    shelf.clear()
    assert shelf.held == ()  # all two hundred gave it back


def test_the_least_used_model_goes_first(loads: Loads):
    shelf = shelf_of(10)
    for ref in (a, b, a, c):
        with shelf.get(ref, loads.of(ref.name, 4)):
            pass
    assert shelf.held == (a, c)
    assert loads.count == 3


def test_a_model_that_is_being_read_stays(loads: Loads):
    shelf = shelf_of(10)
    with shelf.get(a, loads.of("a", 4)):
        for ref in (b, c):
            with shelf.get(ref, loads.of(ref.name, 4)):
                pass
        assert shelf.held == (a, c)


def test_models_being_read_that_leave_no_room_make_the_next_one_wait(loads: Loads):
    shelf = shelf_of(10)
    with (
        shelf.get(a, loads.of("a", 7)),
        pytest.raises(Busy, match=r"b takes 4\.0 MB; .* reading leave 3\.0 MB"),
        shelf.get(b, loads.of("b", 4), expected=4 * MB),
    ):
        pass
    assert loads.count == 1
    with shelf.get(b, loads.of("b", 4), expected=4 * MB):
        assert shelf.held == (b,)


def test_a_refusal_puts_nothing_away(loads: Loads):
    shelf = shelf_of(10)
    with ExitStack() as readers:
        readers.enter_context(shelf.get(a, loads.of("a", 5)))
        with shelf.get(b, loads.of("b", 3)):
            pass
        with pytest.raises(Busy), shelf.get(c, loads.of("c", 6), expected=6 * MB):
            pass
        assert shelf.held == (a, b)


@pytest.mark.parametrize(("expected", "loaded"), [(12 * MB, 0), (0, 1)])
def test_a_model_larger_than_the_shelf_is_refused_with_both_numbers(loads: Loads, expected: int, loaded: int):
    shelf = shelf_of(10)
    with (
        pytest.raises(ModelRefused, match=r"a takes 12\.0 MB; this server keeps 10\.0 MB"),
        shelf.get(a, loads.of("a", 12), expected=expected),
    ):
        pass
    assert (loads.count, shelf.nbytes, shelf.held) == (loaded, 0, ())


def test_loads_under_way_count_before_they_end(loads: Loads):
    shelf, inside, may_finish = shelf_of(10), threading.Event(), threading.Event()

    def slow() -> Fake:
        inside.set()
        assert may_finish.wait(10)
        return Fake("a", 7 * MB)

    def visit() -> None:
        with shelf.get(a, slow, expected=7 * MB):
            pass

    visitor = threading.Thread(target=visit)
    visitor.start()
    assert inside.wait(10)
    with pytest.raises(Busy), shelf.get(b, loads.of("b", 4), expected=4 * MB):
        pass
    may_finish.set()
    visitor.join(10)
    assert shelf.nbytes == 7 * MB


def waiting(shelf: ModelShelf[Fake], ref: ModelRef) -> int:
    return shelf._flights[ref].waiting if ref in shelf._flights else 0


def ask_together(shelf: ModelShelf[Fake], load: Callable[[], Fake], may_finish: threading.Event) -> list[object]:
    """Ask in four threads, let the load end when three wait for it, and give what each got."""

    def visit(_: int) -> object:
        try:
            with shelf.get(a, load) as model:
                return model
        except BaseException as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        visits = [pool.submit(visit, number) for number in range(4)]
        while waiting(shelf, a) < 3:
            pass
        may_finish.set()
        return [visit.result(10) for visit in visits]


def test_a_load_that_fails_fails_for_all_who_wait_and_is_forgotten(loads: Loads):
    shelf, may_finish = shelf_of(10), threading.Event()
    failure = OSError("no such disk")

    def fail() -> Fake:
        assert may_finish.wait(10)
        loads.count += 1
        raise failure

    assert ask_together(shelf, fail, may_finish) == [failure] * 4
    assert loads.count == 1
    with shelf.get(a, loads.of("a", 4)) as model:
        assert model.name == "a"


@pytest.mark.parametrize("leaving", [Cancelled("left"), KeyboardInterrupt()], ids=["cancelled", "interrupted"])
def test_who_waits_loads_when_the_loaders_own_visitor_left(loads: Loads, leaving: BaseException):
    shelf, may_finish = shelf_of(10), threading.Event()
    load = loads.of("a", 4)
    turns = iter([leaving])

    def leave_once() -> Fake:
        assert may_finish.wait(10)
        if (error := next(turns, None)) is not None:
            raise error
        return load()

    got = ask_together(shelf, leave_once, may_finish)
    assert sum(outcome is leaving for outcome in got) == 1
    assert sum(isinstance(outcome, Fake) for outcome in got) == 3
    assert loads.count == 1


def test_what_is_put_away_is_freed_without_a_collection(loads: Loads):
    shelf = shelf_of(10)
    with shelf.get(a, loads.of("a", 7)) as model:
        gone = weakref.ref(model)
    del model
    gc.disable()
    try:
        with shelf.get(b, loads.of("b", 7)):
            assert gone() is None
    finally:
        gc.enable()


def test_what_was_loaded_and_refused_is_freed_while_the_error_lives():
    shelf, made = shelf_of(10), []

    def load() -> Fake:
        model = Fake("a", 12 * MB)
        made.append(weakref.ref(model))
        return model

    gc.disable()
    try:
        with pytest.raises(ModelRefused), shelf.get(a, load):
            pass
        assert made[0]() is None
    finally:
        gc.enable()


def test_garbage_is_collected_and_the_rest_frozen_after_a_load(loads: Loads, settled: list[str]):
    shelf = shelf_of(10)
    for _ in range(3):
        with shelf.get(a, loads.of("a", 4)):
            assert settled == ["once"]


def test_nothing_is_frozen_while_a_model_is_being_read(loads: Loads, settled: list[str]):
    shelf = shelf_of(10)
    with shelf.get(a, loads.of("a", 4)):
        settled.clear()
        with shelf.get(b, loads.of("b", 4)):
            assert settled == []
        assert settled == []
    assert settled == ["once"]


def test_clearing_keeps_what_is_being_read(loads: Loads):
    shelf = shelf_of(10)
    with shelf.get(a, loads.of("a", 4)):
        with shelf.get(b, loads.of("b", 4)):
            pass
        shelf.clear()
        assert shelf.held == (a,)
    shelf.clear()
    assert (shelf.held, shelf.nbytes) == ((), 0)
