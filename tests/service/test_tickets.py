"""Tickets: for what is there, and for two runs of which the second needs the first."""

import pytest

from attnviz.errors import Busy
from attnviz.service.tickets import Closing, Progress, Ready, Relay


class Hand(Closing):
    """A ticket that a test completes by hand."""

    def __init__(self, progress=None):
        self.progress = progress or Progress("running")
        self.closed = False
        self.value = None

    def wait(self, seconds=None):
        return self.value is not None

    def result(self):
        if isinstance(self.value, Exception):
            raise self.value
        return self.value

    def close(self):
        self.closed = True


def test_what_is_there_is_ready():
    with Ready("record") as ticket:
        assert ticket.wait(0)
        assert ticket.progress == Progress("done")
        assert ticket.result() == "record"


def test_a_relay_starts_the_second_with_the_result_of_the_first():
    first, second = Hand(Progress("running", 0, "download", 1, 9)), Hand(Progress("queued", 3))
    relay = Relay(first, lambda model: second if model == "model" else None)
    assert not relay.wait(0)
    assert relay.progress.stage == "download"
    first.value = "model"
    assert not relay.wait(0)
    assert relay.progress == Progress("queued", 3)
    second.value = "record"
    assert relay.wait(0)
    assert relay.result() == "record"


def test_leaving_a_relay_leaves_both():
    first, second = Hand(), Hand()
    first.value = "model"
    with Relay(first, lambda model: second) as relay:
        relay.wait(0)
    assert first.closed
    assert second.closed


def test_an_error_of_the_first_and_a_refusal_of_the_second_are_raised_by_the_result():
    first = Hand()
    first.value = ValueError("no such model")
    relay = Relay(first, lambda model: Hand())
    assert relay.wait(0)
    with pytest.raises(ValueError, match="no such model"):
        relay.result()

    def full(model):
        raise Busy("all 9 places are taken")

    relay = Relay(Ready("model"), full)
    assert relay.wait(0)
    with pytest.raises(Busy, match="9"):
        relay.result()
