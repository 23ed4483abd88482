"""The lesson on a picture as values, as the server sees it."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from attnviz.capture import capture
from attnviz.components.packet import unpack
from attnviz.lab.regions import means, recomposed, tiles
from attnviz.models import load
from attnviz.service.pictures import sample
from tests.ui.conftest import Open, Opened

HALVES = "pscene-dog_g1.2_w3,1"


@pytest.fixture
def open_regions(open_app: Open) -> Any:
    """Open the lesson by a link."""

    def opened(spelled: str = "", **query: str) -> Opened:
        return open_app(**query).follow("learn", le="regions", **({"lr": spelled} if spelled else {}))

    return opened


def facts(app: Opened) -> dict[str, Any]:
    return unpack(app.part("lab_regions")[0].bytes)[0]["facts"]


def test_the_lesson_opens_on_a_picture_weighed_by_hand(open_regions):
    told = facts(open_regions())
    assert told["setting"]["picture"] == "scene-cake"
    assert told["weights"] == ["0.0625", "0.0000", "0.0000", "0.2500", "0.2500", "0.1250", "0.0000", "0.2500", "0.0625"]
    assert (told["total"], told["rest"]) == ("1.0000", None)
    assert told["shades"][3:6] == [1, 1, 0.5]


def test_the_pooled_colour_is_the_weighted_sum_of_the_mean_colours(open_regions):
    told = facts(open_regions(HALVES))
    colours = means(sample("scene-dog").pixels, 1, 2).round(1)
    whole = 0.75 * colours[0] + 0.25 * colours[1]
    assert told["whole"]["numbers"] == [f"{number:.1f}" for number in whole]
    assert told["lines"] == ["3 / 4 = 0.75", "1 / 4 = 0.25"]


def test_pictures_travel_as_files_and_the_pooled_region_is_their_weighted_sum(open_regions):
    app = open_regions(HALVES)
    header, payload = unpack(app.part("lab_regions_pictures")[0].bytes)
    (kind, length), *small = header["files"]
    assert (kind, len(small)) == ("image/jpeg", len(header["facts"]["choices"]))
    assert Image.open(io.BytesIO(payload[:length])).size == (96, 96)
    (png,) = (payload for _, payload in [unpack(app.part("lab_regions")[0].bytes)])
    left, right = tiles(sample("scene-dog").pixels, 1, 2).astype(float)
    np.testing.assert_allclose(np.asarray(Image.open(io.BytesIO(png))), 0.75 * left + 0.25 * right, atol=0.51)


def test_brightness_is_what_the_room_recomposes_with(open_regions):
    told = facts(open_regions(HALVES))
    parts = np.stack([np.full((1, 1, 1), 255.0), np.full((1, 1, 1), 255.0)])
    shown = [recomposed(parts[at : at + 1], np.ones(1))[0, 0, 0] * shade for at, shade in enumerate(told["shades"])]
    assert shown == pytest.approx([255, 85], abs=0.1)


def test_a_query_region_says_its_scores_and_its_softmax(open_regions):
    told = facts(open_regions(HALVES + "_oquery_q1"))
    assert told["divisor"] == "√3"
    assert len(told["scores"]) == len(told["keys"]) == 2
    assert float(told["weights"][1]) > float(told["weights"][0])
    assert told["lines"][0].startswith(f"e^{told['scores'][0]} / (")


def test_a_row_of_the_model_is_what_the_model_itself_reads(open_regions):
    told = facts(open_regions("pscene-dog_g3.4_w1,1,1,1,1,1,1,1,1,1,1,1_omodel_l4.1_k7"))
    row = capture(load("scenes"), sample("scene-dog")).row("self", 4, 1, query=7)
    cells = row[1:].reshape(3, 4, 4, 3).sum(axis=(1, 3)).ravel()
    np.testing.assert_allclose(np.array(told["weights"], float), cells, rtol=0, atol=6e-5)
    assert float(told["rest"]) == pytest.approx(row[0], abs=6e-5)
    assert told["total"] == "1.0000"
    assert told["model"] == {"layers": 6, "heads": 4, "grid": [12, 12]}


def test_parts_that_are_all_nothing_are_refused_and_stay(open_regions):
    told = facts(open_regions("pcat_g1.2_w0,0"))
    assert "Every region has the part 0" in told["refused"]
    assert told["setting"]["parts"] == [0, 0]
    assert told["weights"] == []


@pytest.mark.parametrize(
    ("spelled", "said"),
    [
        ("pcat_g1.2_w1", "2 regions need as many parts"),
        ("pscene-dog_g1.1_w1_omodel_l9.0", "no layer 9; choose 0 to 5"),
        ("pscene-dog_g1.1_w1_omodel_k145", "no token 145; choose 0 to 144"),
        ("p0123456789abcdef_g1.1_w1", "not on this server"),
    ],
)
def test_a_link_to_what_is_not_there_says_so_and_shows_the_first_picture(open_regions, spelled, said):
    app = open_regions(spelled)
    assert any(said in message for message in app.messages)
    assert facts(app)["setting"]["picture"] == "scene-cake"


def test_what_the_browser_reports_is_worked_out_and_put_in_the_link(open_regions):
    app = open_regions()
    app.app.session_state["lab_regions"] = {"choice": {"epoch": facts(app)["epoch"], "regions": HALVES}}
    app.run()
    assert facts(app)["worked"] == HALVES
    assert f"lr={HALVES.replace(',', '%2C')}" in app.query or f"lr={HALVES}" in app.query


def test_the_lesson_speaks_chinese(open_app: Open):
    app = open_app("zh-CN").follow("learn", le="regions", lr="pcat_g1.2_w0,0")
    assert "所有区域的份额都是 0" in facts(app)["refused"]
