"""What a visitor takes away of a picture: the Python that makes it runs and gives the row that is shown."""

from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from attnviz.components.packet import unpack
from attnviz.record import AttentionRecord
from attnviz.service.engine import engine
from attnviz.service.pictures import pictures, sample
from attnviz.share import View
from attnviz.ui.taking import _file_of
from tests.ui.conftest import Open, Opened

SIDE = 12  # patches of the embedded model, after a class token


def opened(open_app: Open, **query: str) -> Opened:
    return open_app("en-US").follow("image", **query)


def exact(app: Opened) -> np.ndarray:
    """The map that the page was sent."""
    packets = [unpack(each.bytes) for each in app.part("shelf")]
    (payload,) = [payload for header, payload in packets if header["kind"] == "map"]
    return np.frombuffer(payload, "<f4").reshape(1 + SIDE**2, 1 + SIDE**2)


def run(app: Opened, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the code that the page shows, as a notebook would."""
    drawn: list[go.Figure] = []

    def show(figure: go.Figure) -> None:
        drawn.append(figure)

    monkeypatch.setattr(go.Figure, "show", show)
    (code,) = [each.value for each in app.app.code]
    names: dict[str, Any] = {}
    exec(code, names)
    assert [figure.data[0].z.shape for figure in drawn] == [(SIDE, SIDE)]
    return names


@pytest.mark.parametrize(
    "query",
    [
        {"q": "0"},
        {"q": "17", "c": "31", "sc": "row"},
        {"q": "40", "d": "read"},
        {"l": "2", "h": "1"},
        {"a": "heads", "q": "5", "ms": "60", "w": "smooth"},
        {"a": "all", "q": "5"},
        {"a": "mix", "x": "1.0*1,2.3*0.5", "q": "5"},
        {"n": "rollout", "q": "0", "f": "max", "dr": "50"},
        {"n": "rollout", "q": "0", "ru": "published", "dr": "50"},
        {"n": "gradient", "q": "0", "k": "3"},
        {"n": "relevance", "q": "0"},
    ],
)
def test_the_python_that_is_shown_gives_the_row_that_is_drawn(
    open_app: Open, query: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(open_app, **query)
    names, drawn = run(app, monkeypatch), exact(app)
    if query.get("d") == "read":
        expected = drawn[:, 40]
    elif "q" not in query:
        expected = drawn.mean(axis=0)
    elif "c" in query:  # 17 is r1 c4 and 31 is r2 c6
        expected = drawn[[1 + row * SIDE + col for row in (1, 2) for col in (4, 5, 6)]].mean(axis=0)
    else:
        expected = drawn[int(query["q"])]
    np.testing.assert_allclose(names["row"], expected, atol=1e-5)


def test_heads_that_are_joined_place_by_place_are_so_in_python(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(open_app, a="heads", l="4", f="max", q="5")
    record = engine().record_for(View(page="image", model="scenes", image="scene-cake"))
    expected = np.max([record.row("self", 4, head, query=5) for head in range(4)], axis=0)
    np.testing.assert_allclose(run(app, monkeypatch)["row"], expected, atol=1e-5)


def test_the_record_is_a_file_that_opens_with_the_same_numbers(tmp_path: Path) -> None:
    record = engine().record_for(View(page="image", model="scenes", image="scene-cake"))
    path = tmp_path / "record.safetensors"
    path.write_bytes(_file_of(record))
    again = AttentionRecord.open(path)
    np.testing.assert_array_equal(again.map("self", 5, 2).weights, record.map("self", 5, 2).weights)
    assert again.given == sample("scene-cake")


def test_the_python_of_a_picture_that_was_brought_reads_a_file(open_app: Open) -> None:
    app = opened(open_app, i=pictures().bring(sample("cat")))
    (code,) = [each.value for each in app.app.code]
    assert 'attnviz.read_picture(Path("picture.jpg").read_bytes())' in code
    compile(code, "shown", "exec")
