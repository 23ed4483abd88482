"""The whole app in Chromium: a real server, the real embedded model."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

ROOT = Path(__file__).parents[2]
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
PATIENCE_SECONDS = 90
LOADED = "performance.getEntriesByType('resource').map((each) => each.name)"
STORE = f"{LOADED}.find((name) => name.endsWith('/common/store.js'))"  # the very module that the views share
MOST_STEPS = 80
FOCUSED_ROLE = """() => {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused?.getAttribute("role");
}"""

expect.set_options(timeout=30_000)


@contextmanager
def running(**environment: str) -> Iterator[str]:
    """A server of its own, answering but not waited for until it is warm."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"]
    command += ["--server.address=127.0.0.1", "--server.fileWatcherType=none"]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(address)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _until_it_answers(address: str) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE_SECONDS:
        try:
            if urllib.request.urlopen(f"{address}/healthz", timeout=1).status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The server did not answer within {PATIENCE_SECONDS} s.")


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with running() as served:
        yield served


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"), "args": QUIET}


class Tab:
    """One tab: where it is, what it shows, what it complained of, whom it asked."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self.sent = 0  # messages to the server
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)
        page.on("websocket", lambda socket: socket.on("framesent", self._count))

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.foreign.append(request.url)

    def _count(self, _: Any) -> None:
        self.sent += 1

    def open(self, path: str = "/") -> "Tab":
        self.page.goto(self.address + path)
        expect(self.page.locator(".st-key-share button")).to_be_visible(timeout=PATIENCE_SECONDS * 1000)  # drawn last
        return self.settled()

    def settled(self) -> "Tab":
        """Wait until the script has ended."""
        app = self.page.get_by_test_id("stApp")
        expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE_SECONDS * 1000)
        return self

    def drawn(self) -> "Tab":
        """Wait until every head is on the screen."""
        expect(self.page.locator("html[data-attnviz-painted]")).to_be_attached(timeout=PATIENCE_SECONDS * 1000)
        return self.settled()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def walk_to(self, role: str) -> None:
        """Press Tab until something of this role has the focus, as a reader without a mouse does."""
        for _ in range(MOST_STEPS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(FOCUSED_ROLE) == role:
                return
        raise AssertionError(f"{MOST_STEPS} presses of Tab reach nothing of role {role}.")

    def forgive(self, complaint: str) -> None:
        """Take off the complaints that the test has caused on purpose; there must be one."""
        caused = [each for each in self.complaints if complaint in each]
        assert caused
        self.complaints[:] = [each for each in self.complaints if each not in caused]

    def leave(self) -> None:
        """Close the tab, before its server goes."""
        self.page.close()

    def store(self, expression: str) -> Any:
        """Read what the views share: store("choice.head")."""
        return self.page.evaluate(
            f"async () => {{ const {{ store }} = await import({STORE}); return store.{expression}; }}"
        )

    def text_box(self) -> Any:
        return self.page.locator(".st-key-view_text textarea")

    def write(self, text: str) -> "Tab":
        """Type a text and draw it."""
        self.text_box().fill(text)
        self.text_box().press("Control+Enter")
        return self


OpenTab = Callable[..., Tab]


@pytest.fixture
def open_tab(browser: Browser, address: str) -> Iterator[OpenTab]:
    """Opens tabs, each in a context of its own; what they complain of fails the test."""
    contexts: list[tuple[BrowserContext, Tab]] = []

    def opened(served: str = address, **options: Any) -> Tab:
        context = browser.new_context(**({"locale": "en-US", "viewport": {"width": 1440, "height": 900}} | options))
        tab = Tab(context.new_page(), served)
        contexts.append((context, tab))
        return tab

    yield opened
    for context, tab in contexts:
        context.close()
        assert tab.foreign == []
        assert tab.complaints == []
