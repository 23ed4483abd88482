"""What the launcher answers beside the pages."""

import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from attnviz.components import modules
from attnviz.ui.server import SecurityHeaders, inline_scripts, routes


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=routes(), middleware=[SecurityHeaders.middleware()]))


def test_a_module_is_served_as_a_script_that_may_be_kept_for_a_year(client: TestClient) -> None:
    answer = client.get(modules.address("common/store.js"))
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert "class Store" in answer.text


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
