"""The lab: what an edit of a number costs until every number that follows from it stands, beside an empty rerun."""

import statistics
import time
from dataclasses import replace

from playwright.sync_api import Locator, Page

from attnviz.lab.bench import Bench, read, written
from attnviz.lab.blackboard import worked
from attnviz.share import View
from benchmarks.app_server import app
from benchmarks.chromium import PATIENCE_SECONDS, chromium, fresh_page, stood
from benchmarks.tables import markdown

EDITS = 20
WARMING = 3  # edits that are not counted
REST_MS = 400  # until nothing of an edit is under way

# The bench says on <html> which numbers it has drawn. `begun` is the moment of the visitor's hand, `stood` the second
# frame after new numbers were drawn, `told` the last message of the server: that its script has ended.
WATCH = """
window.told = 0;
const begin = () => { stood.length = 0; window.begun = performance.now(); };
for (const kind of ["input", "keydown"]) document.addEventListener(kind, begin, {capture: true});
new MutationObserver((changes) => {
  for (const {target, oldValue} of changes) if (target.dataset.attnvizLab !== oldValue) picture();
}).observe(document, {
  subtree: true, attributes: true, attributeOldValue: true, attributeFilter: ["data-attnviz-lab"],
});
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", () => { told = performance.now(); });
  }
};
"""

ABOUT = """## Lessons

One number of the lab's worked example is changed, and every number that follows from it is worked out by the server:
the middle of {edits} edits in a headless Chromium on one machine with the server, counted from the key to the second
frame after the new numbers were drawn, and held against the numbers themselves. An empty rerun is the same page run
again with nothing changed, to the server's last message: what Streamlit itself takes. The aim is 100 ms."""


def report() -> str:
    """Measure edits and empty reruns by turns, and lay out the middle of each."""
    edits, scripts, empty = _measure()
    rows = [
        ["the new numbers stand", f"{edits * 1e3:.0f} ms", "≤ 100 ms"],
        ["the server has said its last", f"{scripts * 1e3:.0f} ms", ""],
        ["an empty rerun: the server has said its last", f"{empty * 1e3:.0f} ms", ""],
    ]
    return f"{ABOUT.format(edits=EDITS)}\n\n{markdown(['after an edit', 'time', 'aim'], rows)}\n"


def _measure() -> tuple[float, float, float]:
    """Give the middle time of an edit, of its script, and of an empty rerun.

    Unit    seconds
    """
    with app() as address, chromium() as browser, fresh_page(browser, WATCH) as page:
        page.goto(f"{address}/learn?v=1")
        stood(page)
        page.wait_for_timeout(5 * REST_MS)
        found = [(*_edit(page, take), _rerun(page)) for take in range(WARMING + EDITS)]
    edits, scripts, empty = zip(*found[WARMING:], strict=True)
    return statistics.median(edits), statistics.median(scripts), statistics.median(empty)


def _edit(page: Page, take: int) -> tuple[float, float]:
    """Write another number into the first cell of Q, and hold what is drawn against what it comes to."""
    bench: Bench = read(View.bench)
    edited = replace(bench, queries=((1.5 + take,), *bench.queries[1:]))
    page.wait_for_timeout(REST_MS)
    _cell(page, "q").fill(f"{1.5 + take:g}")
    _until(page, f"stood.length && document.documentElement.dataset.attnvizLab === '{written(edited)}'")
    page.wait_for_timeout(REST_MS)
    shown, output = _cell(page, "output").text_content(), worked(edited)[-1].cells[0][0]
    assert shown == output, f"The page shows {shown} and the output is {output}."
    taken = page.evaluate("[stood[0] - begun, told - begun]")
    return taken[0] / 1000, taken[1] / 1000


def _rerun(page: Page) -> float:
    """Let Streamlit run the page again as it is, by its own key."""
    page.wait_for_timeout(REST_MS)
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("r")
    _until(page, "told > begun")
    page.wait_for_timeout(REST_MS)
    return float(page.evaluate("told - begun")) / 1000


def _cell(page: Page, name: str) -> Locator:
    return page.locator(f'.lab-bench [data-name="{name}"] [data-row="0"][data-col="0"]')


def _until(page: Page, what: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not page.evaluate(what):
        if time.monotonic() > until:
            raise SystemExit(f"The lab was not drawn within {PATIENCE_SECONDS} s.")
        page.wait_for_timeout(20)
