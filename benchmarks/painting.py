"""Bytes and time to the first painted picture, attnviz against bertviz, in one headless Chromium."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, Page, WebSocket, sync_playwright

from benchmarks.app_server import app
from benchmarks.libraries import answer_from_disk, fetched
from benchmarks.material import text_of
from benchmarks.tables import markdown, ratio

LENGTHS = (16, 64, 128)
LAYERS, HEADS = 6, 12
LINES = {"head_view": HEADS, "model_view": LAYERS * HEADS}  # bertviz draws one line for each weight
TAKES = 3  # fresh texts a length; the middle one counts
PATIENCE_MS = 300_000
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREEN = {"width": 1440, "height": 900}

# Both pages are timed alike: the second frame after the last thing was drawn, on the page's own clock.
WATCH_ATTNVIZ = """
window.painted = [];
new MutationObserver(() => requestAnimationFrame(() => requestAnimationFrame(() => painted.push(performance.now()))))
  .observe(document, {subtree: true, attributes: true, attributeFilter: ["data-attnviz-painted"]});
document.addEventListener("click", () => { window.clicked = performance.now(); }, {capture: true});
"""
WATCH_BERTVIZ = """
const watch = lines => new Promise(done => {
  const drawn = document.getElementsByTagName("line");
  const look = () => drawn.length >= lines
    ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))
    : setTimeout(look, 20);
  look();
});
window.watch = watch;
"""


@dataclass(frozen=True)
class Painted:
    """What one picture cost: bytes that carried it, and seconds until it stood."""

    bytes: float
    seconds: float


def report() -> str:
    """Measure every view at every length and lay out bytes, seconds and ratios."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        ours, opened, program = attnviz_cells(browser)
        theirs = {
            (view, tokens): bertviz_cell(browser, view, tokens, Path(folder)) for view in LINES for tokens in LENGTHS
        }
        browser.close()
    return "\n\n".join([ABOUT.format(program=program / 1e6), _table(ours, opened, theirs)]) + "\n"


ABOUT = """## Bytes and seconds to the picture, beside bertviz

All 72 heads of MiniLM. attnviz: a warm server, a text it has not seen; from the click on Draw, and from opening a link in an
empty browser, until every head of the atlas stands. Its bytes are what the web socket carried after the click; the app
itself is {program:.1f} MB on the first visit, and cached. bertviz: its page from disk, libraries answered from disk, from
opening until every line of the view stands (head_view: one layer of twelve heads; model_view: all). The ratios are to attnviz."""


def attnviz_cells(browser: Browser) -> tuple[dict[int, Painted], dict[int, float], float]:
    """Measure the Text page: by click and by link at every length, and what the program itself weighs.

    Unit    bytes, seconds
    """
    with app() as address:
        program = _program_bytes(browser, address)
        clicks = {
            tokens: _middle([_click(browser, address, tokens, take) for take in range(TAKES)]) for tokens in LENGTHS
        }
        links = {
            tokens: statistics.median(_link(browser, address, tokens, TAKES + take) for take in range(TAKES))
            for tokens in LENGTHS
        }
    return clicks, links, program


def _middle(painted: list[Painted]) -> Painted:
    return sorted(painted, key=lambda each: each.seconds)[len(painted) // 2]


@contextmanager
def _page(browser: Browser, script: str) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(viewport=SCREEN, locale="en-US")
    context.add_init_script(script)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


def _painted(page: Page, times: int) -> float:
    """Wait until so many pictures stood; give the moment of the last on the page's clock.

    Unit    milliseconds
    """
    while (seen := page.evaluate("painted.length")) < times:  # not wait_for_function, which the page's policy forbids
        page.wait_for_timeout(50)
    return float(page.evaluate(f"painted[{seen - 1}]"))


def _program_bytes(browser: Browser, address: str) -> float:
    sizes: list[int] = []
    with _page(browser, WATCH_ATTNVIZ) as page:
        page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
        page.goto(f"{address}/?v=1")
        _painted(page, 1)
    return sum(sizes)


def _link(browser: Browser, address: str, tokens: int, take: int) -> float:
    with _page(browser, WATCH_ATTNVIZ) as page:
        page.goto(f"{address}/?{urlencode({'v': 1, 't': text_of(tokens, take)})}")
        return _painted(page, 1) / 1000


def _click(browser: Browser, address: str, tokens: int, take: int) -> Painted:
    carried: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: carried.append(len(frame)))

    with _page(browser, WATCH_ATTNVIZ) as page:
        page.on("websocket", listen)
        page.goto(f"{address}/?v=1")
        _painted(page, 1)
        page.wait_for_timeout(1500)  # until the page rests
        page.locator(".st-key-text textarea, textarea").first.fill(text_of(tokens, take))
        before, stood = sum(carried), page.evaluate("painted.length")
        page.locator(".st-key-draw button").click()
        end = _painted(page, stood + 1)
        return Painted(sum(carried) - before, (end - float(page.evaluate("clicked"))) / 1000)


def bertviz_cell(browser: Browser, view: str, tokens: int, folder: Path) -> Painted:
    """Make a bertviz page and open it.

    Unit    bytes, seconds
    """
    file = folder / f"{view}_{tokens}.html"
    subprocess.run(
        [sys.executable, "-m", "benchmarks.bertviz_page", view, str(tokens), str(file)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        check=True,
    )
    with _page(browser, WATCH_BERTVIZ) as page:
        answer_from_disk(page.context, fetched(folder))
        page.goto(file.as_uri(), wait_until="commit")
        stood = float(page.evaluate("lines => watch(lines)", LINES[view] * tokens**2))
    return Painted(file.stat().st_size, stood / 1000)


def _table(ours: dict[int, Painted], opened: dict[int, float], theirs: dict[tuple[str, int], Painted]) -> str:
    head = ["tokens", "attnviz, click", "attnviz, link", "bertviz head_view", "bertviz model_view"]
    rows = []
    for tokens in LENGTHS:
        own = ours[tokens]
        cells = [f"{own.bytes / 1e6:.2f} MB, {own.seconds:.2f} s", f"{opened[tokens]:.2f} s"]
        for view in LINES:
            other = theirs[view, tokens]
            times = f"{ratio(other.bytes, own.bytes)} bytes, {ratio(other.seconds, own.seconds)} time"
            cells.append(f"{other.bytes / 1e6:.2f} MB, {other.seconds:.1f} s ({times})")
        rows.append([tokens, *cells])
    return markdown(head, rows)
