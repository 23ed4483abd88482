"""Models of the hub, through the whole app: a hub on loopback, a real download, a real picture."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab, running
from tests.models.hub_server import Hub, Repo, Server

pytestmark = pytest.mark.browser

TOKEN = "hf_of_the_operator"
DIRECT = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), "")


@pytest.fixture
def hub(shared: Path) -> Iterator[Hub]:
    files = {path.name: path.read_bytes() for path in (shared / "weights" / "stories260k").iterdir()}
    with Server() as served:
        served.hub.repos["karpathy/stories260k"] = Repo(files)
        pickled = {name: data for name, data in files.items() if not name.endswith(".safetensors")}
        served.hub.repos["old/pickled"] = Repo(pickled | {"pytorch_model.bin": b"pickle"})
        served.hub.repos["meta/gated"] = Repo(files, gated=True)
        yield served.hub
        served.shutdown()


@pytest.fixture
def address(hub: Hub, tmp_path: Path) -> Iterator[str]:
    with running(HF_ENDPOINT=hub.url, HF_TOKEN=TOKEN, ATTNVIZ_FOLDER=str(tmp_path), **DIRECT) as served:
        yield served


def test_an_id_that_a_visitor_types_is_downloaded_drawn_and_pinned_in_the_link(
    open_tab: OpenTab, address: str, hub: Hub
) -> None:
    tab = open_tab(address).open("/?v=1&t=Once+upon+a+time").drawn()
    box = tab.page.locator(".st-key-view_model input")
    box.click()
    box.fill("karpathy/stories260k")
    box.press("Enter")
    expect(tab.page.get_by_text("From the hub, by its id.")).to_be_visible()
    commit = hub.repos["karpathy/stories260k"].head
    expect(tab.page).to_have_url(re.compile(f"m=karpathy/stories260k&r={commit}&t=Once"))
    tab.settled()
    assert tab.store("packet.heads") == [8] * 5
    assert tab.store("map.weights[1]") == 0  # causal: the first token reads no later one
    assert not any("authorization" in request.headers for request in hub.asked)
    tab.leave()


@pytest.mark.parametrize(
    ("model", "said"), [("old/pickled", "safetensors"), ("meta/gated", "licence"), ("nobody/nothing", "nobody/nothing")]
)
def test_what_cannot_be_opened_says_why_and_keeps_the_text(
    open_tab: OpenTab, address: str, model: str, said: str
) -> None:
    tab = open_tab(address).open(f"/?v=1&m={model}&t=Keep+me")
    expect(tab.page.get_by_role("alert").filter(has_text=said)).to_be_visible()
    expect(tab.text_box()).to_have_value("Keep me")
    tab.leave()
