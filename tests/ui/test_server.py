"""What the launcher answers beside the pages."""

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette
from starlette.testclient import TestClient

from attnviz.components import modules
from attnviz.record import AttentionRecord
from attnviz.service import tiles
from attnviz.service.tiles import Tiles
from attnviz.ui.server import SecurityHeaders, inline_scripts, routes
from tests.service.test_pyramid import record_of
from tests.service.test_tiles import HOSTILE


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=routes(), middleware=[SecurityHeaders.middleware()]))


def test_a_module_is_served_as_a_script_that_may_be_kept_for_a_year(client: TestClient) -> None:
    answer = client.get(modules.address("common/store.js"))
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert "class Store" in answer.text


@pytest.mark.parametrize("probe", ["health", "host-config"])
def test_who_looks_for_streamlit_below_a_page_is_sent_on_without_an_error(client: TestClient, probe: str) -> None:
    """Its script takes anything but success for no; a browser writes errors from 400 on to the console."""
    answer = client.get(f"/image/_stcore/{probe}", follow_redirects=False)
    assert answer.status_code == 300
    assert "location" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


def test_another_versions_address_gets_our_module_and_keeps_nothing(client: TestClient) -> None:
    answer = client.get("/modules/0000000000000000/common/store.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    ["modules.py", "../errors.py", "..%2f..%2fapp.py", "common/view.css", "", "/etc/passwd", "common/nothing.js"],
)
def test_nothing_but_our_modules_is_served(client: TestClient, path: str) -> None:
    assert client.get(f"/modules/{modules.digest()}/{path}").status_code == 404


@pytest.fixture(scope="module")
def record() -> AttentionRecord:
    return record_of()


@pytest.fixture
def name(record: AttentionRecord, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A record that a page looks at, among the tiles of this process."""
    own = Tiles(workers=1, backlog=1)
    monkeypatch.setattr(tiles, "_made", lambda: own)
    yield own.lend("a text", lambda: record)
    own.close()


WHOLE = "self/0.0/shown/shared/0/0/0"


def test_a_tile_is_bytes_that_its_own_visitor_may_keep_and_no_proxy(client: TestClient, name: str) -> None:
    answer = client.get(f"/tiles/{name}/{WHOLE}")
    assert answer.status_code == 200
    assert len(answer.content) == 138 * 138
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-encoding"] == "gzip"
    assert re.fullmatch("private, .*immutable", answer.headers["cache-control"])
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers


def test_who_cannot_unpack_gets_the_bytes_as_they_are(client: TestClient, name: str) -> None:
    answer = client.get(f"/tiles/{name}/self/0.0/numbers/5-6/0-4", headers={"accept-encoding": "identity"})
    assert len(answer.content) == 16
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("wrong", ["0" * 64, "a text", "..", "%00", "x" * 5000])
def test_a_name_that_was_not_handed_out_is_answered_like_a_record_that_has_left(
    client: TestClient, name: str, wrong: str
) -> None:
    tiles.tiles().lend("left", lambda: None)
    left = client.get(f"/tiles/{tiles.tiles().lend('left', lambda: None)}/{WHOLE}")
    answer = client.get(f"/tiles/{wrong}/{WHOLE}")
    assert answer.status_code == left.status_code == 404
    assert answer.headers.get("cache-control") in ("no-store", None)  # None: the router knows no such path at all
    assert left.headers["cache-control"] == "no-store"
    assert left.content == b""


@pytest.mark.parametrize("path", HOSTILE)
def test_a_hostile_path_is_not_found_and_says_nothing(client: TestClient, name: str, path: str) -> None:
    answer = client.get(f"/tiles/{name}/{path}")
    assert answer.status_code == 404
    assert b"Traceback" not in answer.content


def test_nothing_can_be_written_to_a_tile(client: TestClient, name: str) -> None:
    assert client.post(f"/tiles/{name}/{WHOLE}", content=b"x").status_code == 405


def test_more_tiles_than_there_are_places_are_told_to_come_again(client: TestClient, name: str) -> None:
    waiting = threading.Event()
    slow = tiles.tiles().lend("slow", lambda: record_of(3) if waiting.wait(30) else None)
    places = [tiles.tiles().ask(slow, f"self/0.{head}/kept") for head in range(2)]
    answer = client.get(f"/tiles/{name}/{WHOLE}")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["cache-control"] == "no-store"
    waiting.set()
    assert all(place.result() for place in places)


def test_a_visitor_who_has_left_gives_up_the_place_in_line(name: str) -> None:
    """An answer of 499 is for the log of the server: nobody is there to read it."""
    waiting, sent = threading.Event(), []
    slow = tiles.tiles().lend("slow", lambda: record_of(3) if waiting.wait(30) else None)
    scope = {"type": "http", "method": "GET", "path": f"/tiles/{slow}/{WHOLE}", "query_string": b"", "headers": []}

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    with start_blocking_portal() as portal:  # a loop of its own: Playwright's runs in this thread
        portal.call(Starlette(routes=routes()), scope, receive, send)
    assert sent[0]["status"] == 499
    waiting.set()


def test_the_name_of_the_first_page_leads_to_the_root_with_the_link_whole(client: TestClient) -> None:
    answer = client.get("/text?v=1&t=A+b%26c", follow_redirects=False)
    assert answer.headers["location"] == "./?v=1&t=A+b%26c"


def test_health_answers_and_every_answer_carries_the_headers(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert answer.json() == {"status": "ok"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert "unsafe-eval" not in policy
    assert re.search(r"script-src [^;]*'unsafe-inline'", policy) is None
    assert all(digest in policy for digest in inline_scripts())
