"""8,192 tokens in the whole app: explored like a map, exactly, with nothing but what is in sight on the wire."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from transformers import AutoTokenizer

from tests.browser.conftest import OpenTab, Tab, running
from tests.browser.test_hub_models import DIRECT
from tests.models.hub_server import Repo, Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOKENS = 8_192
MODEL = "karpathy/stories260k"
TALE = "gutenberg-tales/alice-in-wonderland.txt"
SETTLED = "(store) => !store.far.tiles.flying.size && !store.far.numbers.flying.size"


@pytest.fixture(scope="module")
def text(shared: Path) -> str:
    """The beginning of a book, exactly as long as the server reads."""
    tale = (shared / "data" / TALE).read_text(encoding="utf-8")[:40_000]
    tokenizer = AutoTokenizer.from_pretrained(shared / "weights" / "stories260k")
    ends = [end for _, end in tokenizer(tale, return_offsets_mapping=True)["offset_mapping"]]
    return tale[: ends[TOKENS - 1]]


@pytest.fixture(scope="module")
def address(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that reads 8,192 tokens, and a model that can: positions are rotary, so the small one reads as many."""
    files = {path.name: path.read_bytes() for path in (shared / "weights" / "stories260k").iterdir()}
    files["config.json"] = json.dumps(json.loads(files["config.json"]) | {"max_position_embeddings": TOKENS}).encode()
    with Server() as hub:
        hub.hub.repos[MODEL] = Repo(files)
        folder = str(tmp_path_factory.mktemp("models"))
        limits = {"ATTNVIZ_MAX_TOKENS": str(TOKENS), "ATTNVIZ_FOLDER": folder}
        with running(HF_ENDPOINT=hub.hub.url, HF_TOKEN="hf_of_the_operator", **limits, **DIRECT) as served:
            yield served
        hub.shutdown()


class Explorer:
    """A tab on a long text, and what it has asked the route for."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.asked: list[str] = []
        tab.page.on("request", self._note)

    def _note(self, request: Any) -> None:
        if found := re.search(r"/tiles/[0-9a-f]{64}/(.*)", request.url):
            self.asked.append(found[1])

    def open(self, text: str) -> "Explorer":
        """Open the model, then the text, and wait for its map."""
        self.tab.open(f"/?v=1&m={MODEL}&t=Once+upon+a+time&l=2&h=1").drawn()
        self.tab.write(text)
        for _ in range(300):
            if self.tab.store("packet.queries") == TOKENS and self.tab.store("far.tiles.kept.size"):
                return self.settled()
            self.tab.page.wait_for_timeout(200)
        raise AssertionError("No tile has come within a minute.")

    def settled(self) -> "Explorer":
        self.tab.page.wait_for_timeout(400)
        for _ in range(100):
            if self.tab.store("far.tiles.flying.size") + self.tab.store("far.numbers.flying.size") == 0:
                break
            self.tab.page.wait_for_timeout(50)
        self.tab.settled()
        return self

    @property
    def tiles(self) -> list[str]:
        return [path for path in self.asked if "/numbers/" not in path and not path.endswith("/kept")]

    @property
    def map(self) -> Any:
        return self.tab.page.locator(".token-map canvas").first

    def press(self, *keys: str) -> None:
        self.map.focus()
        for key in keys:
            self.tab.page.keyboard.press(key)
            self.tab.page.wait_for_timeout(220)
        self.settled()

    def said(self) -> str:
        return self.tab.page.locator(".token-map [aria-live]").inner_text()

    def in_sight(self) -> tuple[int, int, int, int]:
        """First and last query, first and last key, as they are said aloud."""
        found = re.search(r"queries (\d+)–(\d+), keys (\d+)–(\d+)", self.said())
        assert found
        return tuple(map(int, found.groups()))  # type: ignore[return-value]


@pytest.fixture
def explore(open_tab: OpenTab, text: str) -> Callable[..., Explorer]:
    def opened(**options: Any) -> Explorer:
        return Explorer(open_tab(**options)).open(text)

    return opened


def test_a_map_of_67_million_weights_is_explored_with_a_few_tiles(explore: Callable[..., Explorer]) -> None:
    look = explore()
    assert look.tab.store("map.rows") == TOKENS
    assert look.tab.store("exact.weights.length") == 0  # no map crosses the wire
    assert 1 <= len(look.tiles) <= 17
    assert len(look.tiles) == len(set(look.tiles))
    expect(look.tab.page.get_by_text("Each cell is the largest of")).to_be_visible()

    look.asked.clear()
    look.press("Control+Home", *["+"] * 12)
    assert look.said().endswith("Each cell is one weight.")
    first, last, *_ = look.in_sight()
    assert (first, last < 128) == (0, True)
    exact = [path for path in look.tiles if path.split("/")[4] == "5"]
    assert 1 <= len(exact) <= 4  # of 1,024: those around the cursor, which is in the corner
    assert {place for path in exact for place in path.split("/")[5:]} <= {"0", "1"}

    look.press("Shift+ArrowDown", "Shift+ArrowDown", "ArrowDown")
    assert look.said().startswith("“")
    numbers = [path for path in look.asked if "/numbers/" in path]
    assert all(re.fullmatch(rf"self/2\.1/numbers/(\d+)-\d+/0-{TOKENS}", path) for path in numbers)
    row = look.tab.store("hover.query")
    total = look.tab.store(f"line({row}, 'reads').reduce((sum, weight) => sum + weight, 0)")
    assert total == pytest.approx(1, abs=1e-5)
    assert look.tab.store(f"line({row}, 'reads').length") == TOKENS

    look.asked.clear()
    look.tab.page.locator(".minimap").focus()
    look.tab.page.keyboard.press("0")
    look.settled()
    assert look.in_sight() == (0, TOKENS - 1, 0, TOKENS - 1)
    assert look.tiles == []  # it is all still here
    look.tab.page.keyboard.press("+")
    look.settled()
    box = look.tab.page.locator(".minimap").bounding_box()
    look.tab.page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2)
    look.tab.page.keyboard.press("ArrowUp")
    look.settled()
    assert look.in_sight()[3] == TOKENS - 1
    assert look.tab.complaints == []


def test_another_head_and_a_pin_stand_in_the_link_and_the_rail_reads_the_row(explore: Callable[..., Explorer]) -> None:
    look = explore()
    look.asked.clear()
    look.tab.store("choose({ layer: 0, head: 2, query: 5000 })")
    look.settled()
    expect(look.tab.page).to_have_url(re.compile("l=0&h=2"))
    assert {path.split("/")[1] for path in look.asked} == {"0.2"}
    expect(look.tab.page.get_by_text("tokens 4096–5119 of 8192")).to_be_visible()
    expect(look.tab.page.get_by_text(re.compile(r"bits of 12\.3"))).to_be_visible()  # log2 of 5,001
    sent = look.tab.store("far.numbers.kept.size")
    assert sent >= 1


def test_what_the_route_does_not_know_comes_through_the_session(explore: Callable[..., Explorer]) -> None:
    """As behind a balancer that hands tiles to another process."""
    look = explore()
    look.tab.page.route("**/tiles/**", lambda route: route.fulfill(status=404))
    look.tab.store("choose({ layer: 1, head: 3 })")
    for _ in range(100):
        if look.tab.store("far.tiles.kept.has('self/1.3/shown/shared/0/0/0')"):
            break
        look.tab.page.wait_for_timeout(100)
    look.settled()
    assert look.tab.store("far.tiles.kept.has('self/1.3/shown/shared/0/0/0')")
    assert "waiting" not in look.tab.page.locator(".token-map").get_attribute("class")
    look.tab.forgive("404 (Not Found)")


def test_a_phone_in_the_dark_pinches_and_drags(explore: Callable[..., Explorer]) -> None:
    look = explore(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        color_scheme="dark",
        device_scale_factor=3,
    )
    page = look.tab.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert len(look.tiles) <= 26
    look.map.scroll_into_view_if_needed()
    box = look.map.bounding_box()
    x, y = box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5
    send = page.context.new_cdp_session(page).send
    for kind, apart in (("touchStart", 15), ("touchMove", 45), ("touchMove", 80), ("touchEnd", None)):
        points = [] if apart is None else [{"x": x - apart, "y": y}, {"x": x + apart, "y": y}]
        send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    look.settled()
    expect(page.get_by_text(re.compile("Each cell is the largest of [24] × [24] weights"))).to_be_visible()
    page.touchscreen.tap(x, y)
    assert look.tab.store("choice.query") is not None


def test_a_tile_of_one_visitor_is_not_found_under_a_guessed_name(explore: Callable[..., Explorer]) -> None:
    look = explore()
    own = look.tab.store("packet.tiles.address")
    status = """async (address) => (await fetch(`${address}/self/0.0/shown/shared/0/0/0`)).status"""
    assert look.tab.page.evaluate(status, own) == 200
    assert look.tab.page.evaluate(status, own[:-1] + ("0" if own[-1] != "0" else "1")) == 404
    look.tab.forgive("404 (Not Found)")
