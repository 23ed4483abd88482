"""From a view to its record, on MiniLM itself: run once, refused before the work, stopped between layers."""

from contextlib import ExitStack
from dataclasses import replace
from threading import Barrier, Event, Thread

import numpy as np
import pytest

import attnviz.capture
import attnviz.service.engine as rooms
from attnviz import service
from attnviz.errors import Busy, Cancelled, ModelNotFound, ModelRefused, RecordError, TooLarge, TooLong
from attnviz.models import embedded, load_folder
from attnviz.models.hub import Fetched
from attnviz.models.shelf import ModelRef
from attnviz.service.engine import Engine
from attnviz.service.limits import Limits
from attnviz.service.source import Source
from attnviz.service.tickets import Progress
from attnviz.share import EXAMPLE, View

SOON = 30.0  # seconds; far more than any of this takes, and never waited for in full
COMMIT = "0123456789abcdef0123456789abcdef01234567"
GPT2 = View(model="gpt2", text="A cat.")


@pytest.fixture(scope="module")
def minilm():
    return load_folder(embedded.folder("minilm"), "minilm")


@pytest.fixture
def loads(minilm, monkeypatch):
    """Which models were loaded; each is MiniLM, loaded once for all tests here."""
    asked: list[ModelRef] = []

    def load(self: Source):
        asked.append(self.ref)
        facts = replace(minilm.facts, name=self.ref.name, revision=self.ref.revision)
        return replace(minilm, name=self.ref.name, revision=self.ref.revision, facts=facts)

    monkeypatch.setattr(Source, "load", load)
    return asked


@pytest.fixture
def start(loads, tmp_path):
    """Starts engines, and stops them when the test ends."""
    with ExitStack() as stack:

        def make(**limits) -> Engine:
            engine = Engine(Limits(folder=tmp_path, **limits))
            stack.callback(engine.close)
            return engine

        yield make


class Watched:
    """The capture, watched: which texts and layers it ran, and a gate before one of the layers."""

    def __init__(self, gate: int | None = None) -> None:
        self.texts: list[str] = []
        self.layers: list[int] = []
        self.gate = gate
        self.reached = Event()
        self.go = Event()

    def __call__(self, model, given, *, on_layer):
        self.texts.append(given.text)

        def watched(layer: int) -> None:
            self.layers.append(layer)
            if layer == self.gate:
                self.reached.set()
                assert self.go.wait(SOON)
            on_layer(layer)

        return attnviz.capture.capture(model, given, on_layer=watched)


@pytest.fixture
def watch(monkeypatch):
    def make(gate: int | None = None) -> Watched:
        watched = Watched(gate)
        monkeypatch.setattr("attnviz.service.engine.capture", watched)
        return watched

    return make


def test_a_view_becomes_the_record_of_its_text(start):
    record = start().record_for(View())
    assert record.stacks == {"self": 6}
    assert record.given.text == EXAMPLE
    np.testing.assert_allclose(record.map("self", 2, 7).weights.sum(axis=1), 1, atol=1e-6)


def test_a_record_is_captured_once_for_every_layer_and_head(start, watch):
    engine, watched = start(), watch()
    first = engine.record_for(View())
    assert engine.record_for(View(layer=5, head=0, average="all", language="zh")) is first
    assert watched.layers == [0, 1, 2, 3, 4, 5]


def test_a_record_that_is_ready_needs_no_model(start, loads):
    engine = start()
    record = engine.record_for(View())
    engine._shelf.clear()
    assert engine.record_for(View()) is record
    assert len(loads) == 1


def test_fifty_threads_that_ask_for_one_view_make_one_load_and_one_capture(start, watch, loads):
    engine, watched, together, records = start(), watch(), Barrier(50), []

    def ask() -> None:
        together.wait(SOON)
        records.append(engine.record_for(View()))

    threads = [Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert len(records) == 50
    assert len({id(record) for record in records}) == 1
    assert watched.texts == [EXAMPLE]
    assert loads == [ModelRef("minilm")]


def test_of_twelve_sessions_nine_are_served_and_three_hear_that_it_is_full(start, watch):
    engine, watched = start(workers=1, backlog=8), watch(gate=0)
    engine.open(View()).result()
    with ExitStack() as stack:
        tickets = []
        for number in range(12):
            ticket = stack.enter_context(engine.ticket_for(View(text=f"Text {number}.")))
            full = ticket.wait(0)
            assert full == (number >= 9)
            if number == 0:
                assert watched.reached.wait(SOON)
            tickets.append(ticket)
        assert tickets[8].progress == Progress("queued", 8)
        for ticket in tickets[9:]:
            with pytest.raises(Busy, match="all 9 places are taken"):
                ticket.result()
        watched.go.set()
        served = [ticket.result().given.text for ticket in tickets[:9]]
    assert served == [f"Text {number}." for number in range(9)]
    assert watched.texts == served


def test_an_impatient_visitor_of_five_texts_runs_the_one_under_way_and_the_last(start, watch):
    engine, watched = start(workers=1, backlog=8), watch(gate=2)
    engine.open(View()).result()
    before = None
    for number in range(5):
        ticket = engine.ticket_for(View(text=f"Text {number}."))
        ticket.wait(0)
        if before is None:
            assert watched.reached.wait(SOON)
        else:
            before.close()
        before = ticket
    watched.go.set()
    assert before.result().given.text == "Text 4."
    assert watched.texts == ["Text 0.", "Text 4."]
    assert watched.layers == [0, 1, 2, 0, 1, 2, 3, 4, 5]


def test_leaving_stops_the_pass_before_the_next_layer(start, watch):
    engine, watched = start(), watch(gate=2)
    engine.open(View()).result()
    with engine.ticket_for(View()) as ticket:
        ticket.wait(0)
        assert watched.reached.wait(SOON)
        assert ticket.progress == Progress("running", 0, "layer", 1, 6)
    watched.go.set()
    with pytest.raises(Cancelled):
        ticket.result()
    assert watched.layers == [0, 1, 2]
    assert engine.describe().records == 0


def test_a_text_too_long_is_refused_before_the_model_is_opened(start, loads):
    with pytest.raises(TooLong, match="11 characters and this server reads 10"):
        start(max_characters=10).ticket_for(View(text="x" * 11))
    assert loads == []


@pytest.mark.parametrize(
    ("text", "limits", "error", "message"),
    [
        ("word " * 600, {}, TooLong, r"602 tokens and minilm reads 512\. Shorten it by 90"),
        ("word " * 100, {"max_tokens": 50}, TooLong, r"102 tokens and this server reads 50\. Shorten it by 52"),
        (
            "word " * 500,
            {"max_record_bytes": "5MB"},
            TooLarge,
            r"502 tokens in minilm need about 9\.3 MB .* 271 tokens",
        ),
    ],
)
def test_a_text_that_does_not_fit_is_refused_before_the_capture(start, watch, text, limits, error, message):
    engine, watched = start(**limits), watch()
    with pytest.raises(error, match=message):
        engine.record_for(View(text=text))
    assert watched.texts == []


def test_records_leave_by_bytes_the_oldest_first(start, watch):
    one = start().record_for(View(text="one")).nbytes
    engine, watched = start(max_records_bytes=2 * one, max_record_bytes=2 * one), watch()
    for text in ("one", "two", "six", "six", "two", "one"):
        engine.record_for(View(text=text))
    assert watched.texts == ["one", "two", "six", "one"]
    assert engine.describe().records_bytes <= 2 * one


def test_a_load_that_fails_is_not_remembered(start, monkeypatch):
    engine, load, failures = start(), Source.load, [MemoryError("first"), ModelRefused("second")]

    def fail_twice(self):
        if failures:
            raise failures.pop(0)
        return load(self)

    monkeypatch.setattr(Source, "load", fail_twice)
    with pytest.raises(MemoryError, match="first"):
        engine.record_for(View())
    with pytest.raises(ModelRefused, match="second"):
        engine.record_for(View())
    assert engine.record_for(View()).given.text == EXAMPLE


def test_a_capture_that_fails_is_not_remembered(start, monkeypatch):
    def fail(*args, **rest):
        raise RuntimeError("once")

    engine = start()
    with monkeypatch.context() as broken:
        broken.setattr("attnviz.service.engine.capture", fail)
        with pytest.raises(RuntimeError, match="once"):
            engine.record_for(View())
    assert engine.record_for(View()).given.text == EXAMPLE


class Hub:
    """Stands for the hub: hands out MiniLM's files at one commit, once a test lets it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.downloading = Event()
        self.go = Event()

    def fetch(self, repo, *, revision, folder, token, max_bytes, report, stopped, families, offline):
        self.asked.append((repo, revision))
        report(30, 90)
        self.downloading.set()
        while not self.go.wait(0.01):
            if stopped():
                raise Cancelled("left")
        return Fetched(embedded.folder("minilm"), COMMIT, 90)

    def downloaded(self, repo, folder, revision=None):
        return Fetched(embedded.folder("minilm"), COMMIT, 90) if revision == COMMIT and self.go.is_set() else None


@pytest.fixture
def hub(monkeypatch):
    made = Hub()
    monkeypatch.setattr("attnviz.models.hub.fetch", made.fetch)
    monkeypatch.setattr("attnviz.models.hub.downloaded", made.downloaded)
    return made


def test_a_download_shows_its_bytes_and_the_record_names_the_commit(start, hub):
    engine = start()
    with engine.ticket_for(GPT2) as ticket:
        assert hub.downloading.wait(SOON)
        assert ticket.progress == Progress("running", 0, "download", 30, 90)
        hub.go.set()
        record = ticket.result()
    assert (record.model.name, record.model.revision) == ("gpt2", COMMIT)
    assert hub.asked == [("openai-community/gpt2", None)]


def test_a_model_that_is_here_at_the_commit_asked_for_needs_no_hub(start, hub):
    hub.go.set()
    assert start().record_for(replace(GPT2, revision=COMMIT)).model.revision == COMMIT
    assert hub.asked == []


def test_nobody_s_capture_waits_for_another_s_download(start, hub):
    engine = start(workers=1, openers=1, backlog=0)
    engine.open(View()).result()
    with engine.ticket_for(GPT2) as slow:
        assert hub.downloading.wait(SOON)
        assert engine.record_for(View()).given.text == EXAMPLE
        assert not slow.wait(0)


def test_leaving_stops_a_download(start, hub):
    engine = start()
    with engine.ticket_for(GPT2) as ticket:
        assert hub.downloading.wait(SOON)
    with pytest.raises(Cancelled):
        ticket.result()


@pytest.mark.parametrize(
    ("mode", "model", "message"),
    [
        ("curated", "someone/something", "ATTNVIZ_MODELS=open"),
        ("offline", "gpt2", "mode offline"),
    ],
)
def test_what_the_mode_keeps_closed_is_refused_at_the_door(start, mode, model, message):
    with pytest.raises(ModelRefused, match=message):
        start(models=mode).ticket_for(View(model=model))


def test_a_model_larger_than_the_shelf_is_refused_before_it_is_loaded(start, loads):
    with pytest.raises(ModelRefused, match=r"90\.\d MB; this server keeps 50\.0 MB"):
        start(max_models_bytes="50MB", max_model_bytes="50MB").record_for(View())
    assert loads == []


def test_a_proof_compares_with_eager_attention_and_is_kept(start, monkeypatch):
    engine = start()
    with engine.proof_for(View()) as ticket:
        proven = ticket.result()
    assert proven.row_sum_error < 1e-5
    assert proven.difference < 1e-5
    monkeypatch.delattr("attnviz.service.engine.proof")
    assert engine.proof_for(View()).result() == proven


def test_a_proof_of_a_layer_that_is_not_there_says_which_are(start):
    with pytest.raises(RecordError, match=r"layers 0 to 5; 6 was asked for"):
        start().proof_for(View(layer=6)).result()


def test_an_engine_says_what_it_has_at_hand(start):
    engine = start()
    record = engine.record_for(View())
    found = engine.describe()
    assert found.models == (ModelRef("minilm"),)
    assert (found.records, found.records_bytes) == (1, record.nbytes)
    assert found.models_bytes > 90_000_000


def test_the_engine_of_the_process_is_made_once_from_the_environment_and_stops(monkeypatch, loads):
    monkeypatch.setenv("ATTNVIZ_MAX_TOKENS", "77")
    rooms._made.cache_clear()
    service.close()  # none yet: nothing to stop
    assert rooms.engine() is rooms.engine()
    assert rooms.engine().limits.max_tokens == 77
    assert service.record_for(View()) is service.ticket_for(View()).result()
    service.close()
    with pytest.raises(Busy, match="stopping"):
        service.record_for(View(text="late"))
    rooms._made.cache_clear()


def test_an_unknown_embedded_name_is_never_a_path(start, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    engine = start(models="offline")
    with pytest.raises((ModelRefused, ModelNotFound)):
        engine.record_for(View(model="models"))
