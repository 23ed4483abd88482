"""The text screen of a long text, as the server sees it. Any text is long where two tokens are."""

import numpy as np
import pytest

from attnviz.components.packet import unpack
from attnviz.service import tiles
from attnviz.service.pyramid import root_bytes
from attnviz.share import View
from tests.ui.conftest import Open, Opened

PATH = "self/3.1/shown/shared/0/0/0"


@pytest.fixture(autouse=True)
def everything_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attnviz.components.packet.MOST_TOKENS_MAP", 2)
    monkeypatch.setattr("attnviz.ui.reader._packed.cache", {})  # of the same texts, whole


def test_a_long_text_sends_the_address_of_its_tiles_and_no_weights(open_app: Open) -> None:
    app = open_app()
    header, payload = app.heads
    assert (header["held"], header["thumbnail"]) == (0, {"rows": 17, "cols": 17})
    assert len(payload) == 72 * 17 * 17 + 17 * 2 * 4  # thumbnails, and where each token lies
    assert header["tiles"]["source"] == View.text
    spans = np.frombuffer(payload[-17 * 2 * 4 :], "<i4").reshape(17, 2)
    assert spans[0].tolist() == [-1, -1]
    assert View.text[slice(*spans[2])] == "cat"
    assert app.map == ({"kind": "map", "id": "", "shown": ""}, b"")


def test_the_address_leads_to_the_weights_of_this_very_text(open_app: Open) -> None:
    header, _ = open_app().heads
    whole = open_app(t=View.text, l="3", h="1").heads[0]["tiles"]["address"]
    assert header["tiles"]["address"] == whole  # the same text, whoever asks
    with tiles.tiles().ask(whole.rsplit("/", 1)[-1], PATH) as ticket:
        seen = np.frombuffer(ticket.result(), np.uint8).reshape(17, 17)
    with tiles.tiles().ask(whole.rsplit("/", 1)[-1], "self/3.1/numbers/0-17/0-17") as ticket:
        exact = np.frombuffer(ticket.result(), "<f4").reshape(17, 17)
    np.testing.assert_allclose(exact.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(seen, root_bytes(exact))
    assert exact[8, 2] > 0.5  # "it" reads "cat"


def test_another_text_has_another_address(open_app: Open) -> None:
    app = open_app()
    before = app.heads[0]["tiles"]["address"]
    app.app.text_area(key="view_text").set_value("Dogs bark.").run()
    assert app.heads[0]["tiles"]["address"] != before


def test_another_head_sends_nothing_anew(open_app: Open) -> None:
    app = open_app()
    before = app.part("shelf")[0].bytes
    assert app.choose(layer=0, head=2).part("shelf")[0].bytes == before


def asking(app: Opened, **asked: object) -> Opened:
    """What the browser reports when the route did not know some tiles."""
    app.app.session_state["tile_post"] = {"missing": asked}
    return app.run()


def test_what_the_route_did_not_know_is_answered_through_the_session_once(open_app: Open) -> None:
    app = open_app()
    identity = app.heads[0]["id"]
    header, payload = unpack(
        asking(app, turn="1", id=identity, paths=[PATH, "self/99.0/kept"]).part("tile_post")[0].bytes
    )
    assert header == {"kind": "answers", "answers": [[PATH, 17 * 17], ["self/99.0/kept", 0]]}
    assert len(payload) == 17 * 17
    assert app.run().part("tile_post")[0].bytes == b""
    assert asking(app, turn="2", id=identity, paths=[PATH]).part("tile_post")[0].bytes


@pytest.mark.parametrize(
    "asked",
    [
        {"turn": "1", "id": "another text", "paths": [PATH]},
        {"turn": "1", "paths": [PATH]},
        {"turn": "1", "id": None, "paths": None},
        {},
    ],
)
def test_a_question_that_no_page_of_ours_would_ask_is_not_answered(open_app: Open, asked: dict[str, object]) -> None:
    assert asking(open_app(), **asked).part("tile_post")[0].bytes == b""


def test_strange_paths_of_a_right_question_are_answered_with_nothing(open_app: Open) -> None:
    app = open_app()
    paths = [None, 7, {"a": 1}, "../../etc/passwd", *["x"] * 100]
    header, payload = unpack(asking(app, turn="1", id=app.heads[0]["id"], paths=paths).part("tile_post")[0].bytes)
    assert payload == b""
    assert all(length == 0 for _, length in header["answers"])
    assert len(header["answers"]) <= 16
