"""One headless Chromium for every page that is measured, and the clock that all of them share."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_SECONDS = 300
HERE = ("http://127.0.0.1:", "file:", "data:", "blob:")

# A picture stands at the second frame after the last of it was drawn. `stood` holds these moments on the page's clock.
CLOCK = """
window.stood = [];
window.picture = () => requestAnimationFrame(() => requestAnimationFrame(() => stood.push(performance.now())));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's own Chromium for as long as a block lasts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@contextmanager
def fresh_page(browser: Browser, watch: str, libraries: dict[str, Path] | None = None) -> Iterator[Page]:
    """Open an empty browser's first page, with a script that calls `picture()` when the picture is drawn.

    What the page asks of another host is answered from `libraries`, by file name, or refused.
    """
    files = libraries or {}

    def answer(route: Route) -> None:
        file = files.get(route.request.url.rsplit("/", 1)[-1])
        if file is None:
            route.abort()
        else:
            route.fulfill(path=file, content_type="text/javascript")

    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    context.add_init_script(CLOCK + watch)
    context.route(lambda url: not url.startswith(HERE), answer)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    yield page
    context.close()


def stood(page: Page, pictures: int = 1) -> float:
    """Wait until so many pictures stood, and give the moment of the last on the page's clock.

    Unit    seconds
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while page.evaluate("stood.length") < pictures:  # not wait_for_function: the app's security policy forbids its eval
        if time.monotonic() > until:
            raise SystemExit(f"{page.url[:80]} was not drawn within {PATIENCE_SECONDS} s.")
        page.wait_for_timeout(50)
    return float(page.evaluate("stood.at(-1)")) / 1000
