"""The runner: how many run, how many wait, who joins, and who is stopped. Threads meet at events alone."""

from contextlib import ExitStack
from contextvars import ContextVar
from threading import Barrier, Event, Thread

import pytest

from attnviz.errors import Busy, Cancelled, Overdue
from attnviz.service.runner import Run, Runner
from attnviz.service.tickets import Progress

SOON = 10.0  # seconds; far more than any of this takes, and never waited for in full


class Steps:
    """Work of so many steps that stops before each one until it is let on."""

    def __init__(self, steps: int = 1) -> None:
        self.steps = steps
        self.done = 0
        self.starts = 0
        self.running = Event()
        self.go = Event()

    def __call__(self, run: Run[int]) -> int:
        self.starts += 1
        self.running.set()
        assert self.go.wait(SOON)
        for _ in range(self.steps):
            run.check()
            self.done += 1
            run.report("layer", self.done, self.steps)
        return self.done


@pytest.fixture
def runner():
    made = Runner(workers=1, backlog=8, deadline_seconds=SOON)
    yield made
    made.close()


def test_a_run_gives_its_result(runner):
    with runner.submit("key", lambda run: 42) as ticket:
        assert ticket.wait(SOON)
        assert ticket.result() == 42
        assert ticket.progress == Progress("done")


def test_an_error_reaches_the_one_who_asked_and_the_next_run_is_clean(runner):
    def fail(run):
        raise ValueError("first")

    with runner.submit("key", fail) as ticket, pytest.raises(ValueError, match="first"):
        ticket.result()
    with runner.submit("key", lambda run: "second") as ticket:
        assert ticket.result() == "second"


def test_of_twelve_sessions_nine_are_served_in_order_and_three_hear_at_once_that_it_is_full(runner):
    works = [Steps() for _ in range(12)]
    order = []
    with ExitStack() as stack:
        tickets = []
        for number, work in enumerate(works[:9]):
            tickets.append(stack.enter_context(runner.submit(number, work)))
            if number == 0:
                assert works[0].running.wait(SOON)
        for number, work in enumerate(works[9:]):
            with pytest.raises(Busy, match=r"at work on 1 and 8 more wait; all 9 places"):
                runner.submit(100 + number, work)
        assert tickets[0].progress.state == "running"
        assert [ticket.progress for ticket in tickets[1:]] == [Progress("queued", place) for place in range(1, 9)]
        for ticket, work in zip(tickets, works, strict=False):
            assert work.running.wait(SOON)
            order.append([one.starts for one in works])
            work.go.set()
            assert ticket.result() == 1
    assert order == [[1] * (turn + 1) + [0] * (11 - turn) for turn in range(9)]


def test_a_place_is_free_again_by_the_time_a_result_is_seen():
    runner = Runner(workers=1, backlog=0, deadline_seconds=SOON)
    for number in range(200):
        with runner.submit(number, lambda run: None) as ticket:
            ticket.result()
    runner.close()


def test_an_impatient_visitor_of_five_texts_runs_the_one_under_way_and_the_last(runner):
    works = [Steps(steps=6) for _ in range(5)]
    before = None
    for number, work in enumerate(works):
        ticket = runner.submit(number, work)
        if before is not None:
            before.close()
        else:
            assert work.running.wait(SOON)
        before = ticket
    for work in works:
        work.go.set()
    assert before.result() == 6
    assert [work.starts for work in works] == [1, 0, 0, 0, 1]
    assert works[0].done == 0  # it stopped at its first step after nobody waited


def test_leaving_stops_a_run_at_its_next_step(runner):
    reached, left, steps = Event(), Event(), []

    def work(run):
        for step in range(6):
            run.check()
            steps.append(step)
            if step == 2:
                reached.set()
                assert left.wait(SOON)

    with runner.submit("key", work) as ticket:
        assert reached.wait(SOON)
    left.set()
    with pytest.raises(Cancelled):
        ticket.result()
    assert steps == [0, 1, 2]


def test_equal_keys_share_a_run_which_lives_until_the_last_of_them_leaves(runner):
    work = Steps()
    first, second = runner.submit("key", work), runner.submit("key", work)
    first.close()
    first.close()  # closing twice is leaving once
    work.go.set()
    assert second.result() == 1
    assert work.starts == 1


def test_nobody_joins_a_run_that_was_told_to_stop(runner):
    old, new = Steps(), Steps()
    left = runner.submit("key", old)
    assert old.running.wait(SOON)
    left.close()
    with runner.submit("key", new) as ticket:
        old.go.set()
        new.go.set()
        assert ticket.result() == 1
    with pytest.raises(Cancelled):
        left.result()


def test_leaving_the_queue_frees_its_place_at_once():
    runner = Runner(workers=1, backlog=1, deadline_seconds=SOON)
    work = Steps()
    running = runner.submit("running", work)
    assert work.running.wait(SOON)
    runner.submit("waiting", Steps()).close()
    waiting = runner.submit("another", lambda run: "done")
    work.go.set()
    assert (running.result(), waiting.result()) == (1, "done")
    runner.close()


def test_fifty_threads_that_ask_for_one_key_make_one_run(runner):
    work, together, results = Steps(), Barrier(50), []

    def ask():
        together.wait(SOON)
        with runner.submit("key", work) as ticket:
            asked.append(1)
            if len(asked) == 50:
                work.go.set()
            results.append(ticket.result())

    asked: list[int] = []
    threads = [Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert results == [1] * 50
    assert work.starts == 1


def test_a_run_past_its_deadline_stops_and_names_the_seconds():
    runner = Runner(workers=1, backlog=0, deadline_seconds=0.001)

    def work(run):
        while True:
            run.check()

    with runner.submit("key", work) as ticket, pytest.raises(Overdue, match=r"0\.001 seconds"):
        ticket.result()
    runner.close()


def test_time_in_the_queue_is_not_counted():
    runner = Runner(workers=1, backlog=1, deadline_seconds=SOON)
    work = Steps()
    first = runner.submit("first", work)
    second = runner.submit("second", lambda run: run.overdue)
    assert second._run.started is None
    work.go.set()
    assert (first.result(), second.result()) == (1, False)
    runner.close()


def test_progress_says_the_stage_and_how_far_it_is(runner):
    said, go = Event(), Event()

    def work(run):
        run.report("layer", 2, 6)
        said.set()
        assert go.wait(SOON)

    with runner.submit("key", work) as ticket:
        assert said.wait(SOON)
        assert ticket.progress == Progress("running", 0, "layer", 2, 6)
        assert not ticket.wait(0)
        go.set()


def test_what_one_run_leaves_in_a_context_variable_is_not_there_for_the_next(runner):
    mark: ContextVar[str] = ContextVar("mark", default="clean")
    mark.set("visitor")

    def work(run):
        found = mark.get()
        mark.set("run")
        return found

    assert [runner.submit(number, work).result() for number in range(2)] == ["clean", "clean"]


def test_closing_stops_what_runs_drops_what_waits_and_takes_no_more(runner):
    work = Steps()
    running, waiting = runner.submit("running", work), runner.submit("waiting", work)
    assert work.running.wait(SOON)
    runner.close()
    work.go.set()
    for ticket in (running, waiting):
        with pytest.raises(Cancelled):
            ticket.result()
    with pytest.raises(Busy, match="stopping"):
        runner.submit("late", work)
