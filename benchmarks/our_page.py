"""The Text page: what a click on Draw and the opening of a link cost, on a warm server, with texts it has not seen."""

import statistics
from dataclasses import dataclass
from urllib.parse import urlencode

from playwright.sync_api import Browser, Request, WebSocket

from benchmarks.app_server import app
from benchmarks.chromium import fresh_page, stood
from benchmarks.material import text_of

TAKES = 3  # fresh texts a length; the middle one counts
REST_MS = 1_500  # from the first picture until a page is at rest

# The atlas says on <html> which packet it has drawn, once every head stands.
WATCH = """
new MutationObserver(picture).observe(
  document, {subtree: true, attributes: true, attributeFilter: ["data-attnviz-painted"]});
document.addEventListener("click", () => { window.clicked = performance.now(); }, {capture: true});
"""


@dataclass(frozen=True)
class OurPage:
    """What the Text page costs at one length.

    Unit    bytes carried after the click; seconds until every head stands.
    """

    bytes: float
    click_seconds: float
    link_seconds: float


def measure(browser: Browser, lengths: tuple[int, ...]) -> tuple[dict[int, OurPage], float]:
    """Measure every length on one server; give the bytes of the app itself, as a first visit fetches them, beside it.

    Unit    bytes
    """
    with app() as address:
        program = _program_bytes(browser, address)
        return {tokens: _at(browser, address, tokens) for tokens in lengths}, program


def _at(browser: Browser, address: str, tokens: int) -> OurPage:
    clicks = [_click(browser, address, text_of(tokens, take)) for take in range(TAKES)]
    links = [_link(browser, address, text_of(tokens, TAKES + take)) for take in range(TAKES)]
    carried, seconds = zip(*clicks, strict=True)
    return OurPage(statistics.median(carried), statistics.median(seconds), statistics.median(links))


def _link(browser: Browser, address: str, text: str) -> float:
    with fresh_page(browser, WATCH) as page:
        page.goto(f"{address}/?{urlencode({'v': 1, 't': text})}")
        return stood(page)


def _click(browser: Browser, address: str, text: str) -> tuple[float, float]:
    """Type a text over the example's and draw it; give the bytes the web socket carried, and the seconds."""
    carried: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: carried.append(len(frame)))

    with fresh_page(browser, WATCH) as page:
        page.on("websocket", listen)
        page.goto(f"{address}/?v=1")
        stood(page)
        page.wait_for_timeout(REST_MS)
        page.locator("textarea").first.fill(text)
        before, pictures = sum(carried), page.evaluate("stood.length")
        page.locator(".st-key-draw button").first.click()
        end = stood(page, pictures + 1)
        return sum(carried) - before, end - float(page.evaluate("clicked")) / 1000


def _program_bytes(browser: Browser, address: str) -> float:
    finished: list[Request] = []

    def note(request: Request) -> None:  # Playwright takes no built-in method as a listener
        finished.append(request)

    with fresh_page(browser, WATCH) as page:
        page.on("requestfinished", note)
        page.goto(f"{address}/?v=1")
        stood(page)
        page.wait_for_timeout(REST_MS)
        return sum(request.sizes()["responseBodySize"] for request in finished)
