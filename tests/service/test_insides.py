"""The steps of a layer: refused before the work where they do not fit, run in the queue, shared by who asks alike."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

import attnviz.service.insides as asking
from attnviz.capture.inside import Inside
from attnviz.components.inside_view import inside_packet
from attnviz.components.packet import unpack
from attnviz.errors import Cancelled, TooLarge, TooLong
from attnviz.record import AttentionRecord
from attnviz.service.engine import Engine
from attnviz.service.insides import MOST_BYTES, MOST_TOKENS, bytes_of, check_length, check_size, insides
from attnviz.service.limits import Limits
from attnviz.share import View

VIEW = View(page="inside", model="repeats-2", text="k q x b k q x b k", layer=1, head=1, query=8)
SOON = 30.0  # seconds; never waited for in full


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(Limits(folder=tmp_path))
    yield made
    made.close()


@pytest.fixture
def record(engine: Engine) -> AttentionRecord:
    return engine.record_for(VIEW)


def asked(engine: Engine, view: View, record: AttentionRecord) -> Inside:
    with insides(engine, view, record) as ticket:
        return ticket.result()


def test_the_steps_are_of_the_layer_of_the_view(engine: Engine, record: AttentionRecord) -> None:
    found = asked(engine, VIEW, record)
    assert (found.stack, found.layer, found.heads, len(found.tokens)) == ("self", 1, 4, 10)
    np.testing.assert_allclose(found.of_head("W", 1), record.map("self", 1, 1).weights, atol=1e-6)


def test_a_text_too_long_to_be_followed_takes_no_place_in_line(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    long = replace(VIEW, model="minilm", text="cat " * 129)
    record = engine.record_for(long)
    monkeypatch.setattr(engine, "ask", None)
    with pytest.raises(TooLong, match=r"131 tokens and this page follows 128 .* Shorten it by 3\."):
        insides(engine, long, record)


def test_the_longest_text_is_followed() -> None:
    check_length(MOST_TOKENS)
    with pytest.raises(TooLong):
        check_length(MOST_TOKENS + 1)


def test_vectors_too_long_for_a_page_are_refused_with_the_length_that_fits() -> None:
    check_size("small", 128, 12, 768)
    with pytest.raises(TooLarge, match=r"128 tokens of 5,120 numbers .* Shorten the text to 41 tokens"):
        check_size("large", 128, 40, 5120)
    assert bytes_of(41, 40, 5120) <= MOST_BYTES < bytes_of(42, 40, 5120)


def test_what_travels_is_less_than_was_counted(engine: Engine, record: AttentionRecord) -> None:
    found = asked(engine, VIEW, record)
    assert found.nbytes <= bytes_of(10, 4, 64)
    header, payload = unpack(inside_packet(found, "it"))
    assert len(payload) == found.nbytes
    assert (header["id"], header["layer"], header["without"]) == ("it", 1, list(found.without))
    sizes = [int(np.prod(table["shape"])) for step in header["steps"] for table in step["tables"]]
    first = np.frombuffer(payload, "<f4")[: sizes[0]].reshape(10, 64)
    np.testing.assert_array_equal(first, found.steps["embedded"].tables["E"])


def test_a_colour_scale_leaves_out_the_few_largest_numbers_and_what_is_masked(
    engine: Engine, record: AttentionRecord
) -> None:
    found = asked(engine, VIEW, record)
    header, _ = unpack(inside_packet(found, "it"))
    masked = next(step for step in header["steps"] if step["name"] == "masked")["tables"][0]
    seen = np.abs(found.table("S")[1][found.visible[0]])
    assert masked["most"][1] == pytest.approx(np.percentile(seen, 99.5))


def test_who_stops_waiting_stops_the_run(
    engine: Engine, record: AttentionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, leave, followed = Event(), Event(), []

    def slowly(*given: Any) -> None:
        begun.set()
        assert leave.wait(SOON)

    monkeypatch.setattr(asking, "check_size", slowly)
    monkeypatch.setattr(asking, "inside", lambda *given: followed.append(given))
    ticket = insides(engine, VIEW, record)
    while not begun.is_set():
        ticket.wait(0.01)
    ticket.close()
    leave.set()
    with pytest.raises(Cancelled):
        ticket.result()
    assert followed == []
