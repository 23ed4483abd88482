"""The second views of a picture, as the server sees them."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import DetrImageProcessorPil

from attnviz import measures
from attnviz.components.packet import unpack
from attnviz.errors import Cancelled
from attnviz.service.distances import distances
from attnviz.service.engine import engine
from attnviz.share import View
from tests.components.harness.pictures import plain
from tests.pictures import tower
from tests.ui.conftest import VIT, WEIGHTS, Open, Opened

needs_weights = pytest.mark.skipif(not WEIGHTS.is_dir(), reason="needs the real weights beside the repository")


@pytest.fixture
def open_image(open_app: Open) -> Any:
    """Open the page of pictures by a link."""

    def opened(locale: str = "en-US", **query: str) -> Opened:
        return open_app(locale).follow("image", **query)

    return opened


def test_the_map_is_told_what_can_be_read(open_image: Any) -> None:
    app = open_image(i="cat")
    (part,) = app.part("patch_map")
    header, _ = unpack(part.bytes)
    assert (header["kind"], header["stack"]) == ("reach", "self")
    assert [rule["kind"] for rule in header["rules"]] == ["whole"]
    assert app.part("distance_scatter") == []


def test_a_link_opens_on_the_distances(open_image: Any) -> None:
    app = open_image(i="cat", b="distance", ds="renormalised")
    (part,) = app.part("distance_scatter")
    data = json.loads(part.json)
    assert [len(row) for row in data["raw"]["heads"]] == [4] * 6
    assert app.settings["choice"]["distance"] == "renormalised"
    assert {"b=distance", "ds=renormalised"} <= set(app.query.split("&"))
    assert app.part("patch_map") == []


def test_the_switch_changes_the_view_and_the_link(open_image: Any) -> None:
    app = open_image(i="cat")
    app.app.segmented_control(key="view_second").set_value("distance")
    app.run()
    assert "b=distance" in app.query.split("&")
    assert app.part("distance_scatter")


@needs_weights
def test_the_distances_of_a_real_model_are_those_of_its_record(open_image: Any) -> None:
    """Even attention over 14 × 14 patches of 16 pixels lies 115.9 pixels away, 116.5 without the class token."""
    app = open_image(m=VIT[0], r=VIT[1], i="cat", b="distance")
    data = json.loads(app.part("distance_scatter")[0].json)
    assert {each for row in data["raw"]["even"] for each in row} == {115.901}
    assert {each for row in data["renormalised"]["even"] for each in row} == {116.492}
    view = View(page="image", model=VIT[0], revision=VIT[1], image="cat")
    found = measures.pixel_distance(engine().record_for(view), "self")
    np.testing.assert_allclose(data["raw"]["heads"], np.stack(found.raw.values), atol=1e-3)


def test_distances_are_measured_once_for_all_who_look(open_image: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second visitor, and a second look, measure nothing."""
    open_image(i="coffee", b="distance")
    measured: list[str] = []
    monkeypatch.setattr(measures, "pixel_distance", lambda *_: measured.append("again"))
    app = open_image(i="coffee", b="distance", ds="renormalised")
    assert json.loads(app.part("distance_scatter")[0].json)["raw"]
    assert measured == []


def test_who_leaves_stops_the_measuring_before_the_next_layer() -> None:
    seen: list[int] = []

    def leave(layer: int) -> None:
        seen.append(layer)
        raise Cancelled("Nobody waits for this any more.")

    with pytest.raises(Cancelled):
        measures.pixel_distance(plain(), "self", leave)
    assert seen == [0]


def test_a_ticket_tells_layer_by_layer_and_gives_the_measure(warm: None) -> None:
    view = View(page="image", model="scenes", image="cat")
    record = engine().record_for(view)
    with distances(engine(), view, record) as ticket:
        found = ticket.result()
    np.testing.assert_allclose(found.raw.values, measures.pixel_distance(record, "self").raw.values)


def test_a_stack_without_patches_on_both_sides_says_why(open_image: Any) -> None:
    commit = "d" * 40
    home = Path(os.environ["ATTNVIZ_FOLDER"]) / "made--detr" / commit
    tower("detr").save_pretrained(home)
    DetrImageProcessorPil(size={"shortest_edge": 64, "longest_edge": 128}).save_pretrained(home)
    app = open_image(m="made/detr", r=commit, i="cat", s="cross", b="distance", l="0", h="0", q="0")
    assert any("Pixels lie between patches" in message and "cross" in message for message in app.messages), app.messages
    assert app.part("distance_scatter") == []
    assert app.settings["choice"]["stack"] == "cross"  # the picture itself is drawn all the same
