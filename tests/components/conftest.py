"""The views in Chromium, outside Streamlit: see harness/."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page

from tests.components.harness.material import PACKETS
from tests.components.harness.server import serving

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": QUIET}


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with serving(PACKETS) as served:
        yield served


class Harness:
    """Drives harness.js: feeds packets, sets what the helm sets, mounts views, reads the store."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(address)
        page.wait_for_function("window.harness")

    def _listen(self, message: ConsoleMessage) -> None:
        read_back = "willReadFrequently" in message.text  # tests look at pixels; the views do not
        if message.type in {"error", "warning"} and not read_back:
            self.complaints.append(message.text)

    def settle(self, **settings: Any) -> None:
        """What Python sets: choice=…, language=…, specials=…, scale=…, spelling=…, epoch=…."""
        self.page.evaluate("settings => harness.settle(settings)", settings)

    def shelve(self, packet: str) -> None:
        """Feed a packet of material.PACKETS, by name."""
        self.page.evaluate("name => harness.shelve(name)", packet)

    def mount(self, view: str, **options: Any) -> Locator:
        """Mount a view (width=…, height=…, data=…, or packet=… by name); gives its host."""
        self.page.evaluate("([name, options]) => harness.mount(name, options)", [view, options])
        return self.page.locator(f'[data-view="{view}"]')

    def unmount(self, view: str) -> None:
        self.page.evaluate("name => harness.unmount(name)", view)

    def theme(self, name: str) -> None:
        self.page.evaluate("name => harness.theme(name)", name)

    def choose(self, **part: Any) -> None:
        """As another view's hand would."""
        self.page.evaluate("async part => { harness.store.choose(part); await harness.frame() }", part)

    def point(self, hover: dict[str, Any] | None) -> None:
        self.page.evaluate("async hover => { harness.store.point(hover); await harness.frame() }", hover)

    def store(self, expression: str) -> Any:
        """Read the store: store("choice.head"), store("map.rows")."""
        return self.page.evaluate(f"async () => {{ await harness.frame(); return harness.store.{expression} }}")

    @property
    def choice(self) -> dict[str, Any]:
        return self.page.evaluate("async () => { await harness.frame(); return harness.store.choice }")


@pytest.fixture
def harness(page: Page, address: str) -> Iterator[Harness]:
    """A page with nothing on it yet; a complaint on its console fails the test."""
    opened = Harness(page, address)
    yield opened
    assert opened.complaints == []


@pytest.fixture
def cat(harness: Harness) -> Harness:
    """The example sentence on the shelf, L2 H7 chosen."""
    harness.settle(choice={"layer": 2, "head": 7})
    harness.shelve("cat")
    return harness
