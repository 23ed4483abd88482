"""What a page asks beside a record: refused before the work where it can be, stopped where nobody waits."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

import attnviz.capture.occlusion as occluding
from attnviz.axes import Patches
from attnviz.errors import Cancelled, MeasureError, TooLarge
from attnviz.record import AttentionRecord
from attnviz.service import asked
from attnviz.service.engine import Engine
from attnviz.service.limits import Limits
from attnviz.share import View

VIEW = View(page="image", model="scenes", image="scene-cake", layer=0, head=0, query=0)
SOON = 30.0  # seconds; never waited for in full


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(Limits(folder=tmp_path))
    yield made
    made.close()


@pytest.fixture
def record(engine: Engine) -> AttentionRecord:
    return engine.record_for(VIEW)


def axis_of(record: AttentionRecord) -> Patches:
    axis = record.layer("self", 0).keys
    assert isinstance(axis, Patches)
    return axis


@pytest.mark.parametrize("order", [range(1, 144), [1, *range(1, 144)], [0, *range(2, 145)], []])
def test_an_order_that_is_not_of_every_patch_once_takes_no_place_in_line(
    engine: Engine, record: AttentionRecord, order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "ask", None)
    with pytest.raises(MeasureError, match="name each patch once"):
        asked.occlusion(engine, VIEW, axis_of(record), list(order))


def test_who_stops_waiting_for_what_matters_stops_the_work(
    engine: Engine, record: AttentionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, leave, ended = Event(), Event(), []
    whole: Callable[..., Any] = occluding.probabilities

    def slowly(*given: Any) -> Any:
        begun.set()
        assert leave.wait(SOON)
        ended.append(1)
        return whole(*given)

    monkeypatch.setattr(occluding, "probabilities", slowly)
    ticket = asked.occlusion(engine, VIEW, axis_of(record), list(range(1, 145)))
    while not begun.is_set():
        ticket.wait(0.01)
    ticket.close()
    leave.set()
    with pytest.raises(Cancelled):
        ticket.result()
    assert len(ended) == 1  # of fifteen batches


def test_a_class_that_the_model_does_not_have_is_refused_after_one_look(
    engine: Engine, record: AttentionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    whole: Callable[..., Any] = occluding.probabilities

    def counted(model: Any, tensors: Any) -> Any:
        seen.append(len(tensors["pixel_values"]))
        return whole(model, tensors)

    monkeypatch.setattr(occluding, "probabilities", counted)
    ticket = asked.occlusion(engine, replace(VIEW, target=9999), axis_of(record), list(range(1, 145)))
    with pytest.raises(MeasureError, match="9999 was asked for"):
        ticket.result()
    assert seen == [2]  # the whole picture and none of it, of more than a hundred


def test_a_lens_with_gradients_keeps_to_the_memory_that_is_allowed(tmp_path: Path, record: AttentionRecord) -> None:
    small = Engine(Limits(folder=tmp_path, max_work_bytes=10**6))
    with pytest.raises(TooLarge, match="a lens without gradients"):
        asked.lens(small, replace(VIEW, lens="relevance"), record).result()
    small.close()


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"lens": "rollout"}, "self rollout mean"),
        ({"lens": "rollout", "fuse": "max", "discard": 90, "rule": "published"}, "self rollout max 90 % published"),
        ({"lens": "rollout", "target": 3}, "self rollout mean"),
        ({"lens": "gradient", "target": 3, "discard": 5}, "self gradient 3 5 %"),
        ({"lens": "relevance", "fuse": "max", "discard": 90, "rule": "published"}, "self relevance best"),
    ],
)
def test_a_lens_is_named_by_what_it_is_made_of_and_nothing_else(
    record: AttentionRecord, more: dict[str, Any], name: str
) -> None:
    assert asked.lens_name(replace(VIEW, **more), record) == name


def test_every_class_is_told_the_likeliest_first(engine: Engine) -> None:
    found = asked.classes(engine, VIEW).result()
    assert found[0].label == "cake"
    assert [each.probability for each in found] == sorted((each.probability for each in found), reverse=True)
    assert len({each.index for each in found}) == len(found) > 5
