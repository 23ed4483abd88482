"""The Image page: what a click on a patch costs, up to the painted overlay and up to the thumbnails of every head."""

import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from playwright.sync_api import Browser, Page, Position, WebSocket
from transformers import BitImageProcessorPil, Dinov2Config, Dinov2Model

from benchmarks.app_server import app
from benchmarks.chromium import fresh_page, stood

SIDE, PATCH = 518, 14
GRID = SIDE // PATCH
LAYERS, HEADS, HEAD_DIM = 12, 12, 32
COMMIT = "c" * 40
CLICKS = 12
REST_MS = 2_500  # until what a click asks of the server has come, and been drawn

# The view says on <html> which packet it has drawn, at every drawing; the atlas puts every thumbnail on its canvas.
WATCH = """
new MutationObserver(picture).observe(
  document, {subtree: true, attributes: true, attributeFilter: ["data-attnviz-painted"]});
document.addEventListener("pointerdown", () => { stood.length = 0; window.begun = performance.now(); window.laid = [] },
  {capture: true});
window.laid = [];
let count = 0, looks = "";
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (...given) {
  put.apply(this, given);
  if (!this.canvas.closest(".patch-atlas")) return;
  looks += given[0].data.filter((_, place) => place %% 97 === 0).join();
  if (++count %% %d) return;
  laid.push({ at: performance.now(), looks });
  looks = "";
};
"""
LASTING = "laid.find(({ looks }) => looks === laid.at(-1).looks).at - begun"


@dataclass(frozen=True)
class PicturePage:
    """What a click on a patch costs.

    Unit    seconds, the middle of some clicks: until the overlay stands, two frames after it was drawn; until the
            thumbnails of every head are on their canvas as they stay. told: messages of the server before the overlay.
    """

    overlay: float
    thumbnails: float
    told: int


def measure(browser: Browser) -> PicturePage:
    """Click on one patch after the other of a picture that is drawn."""
    with tempfile.TemporaryDirectory() as folder:
        _save(Path(folder) / "made--dinov2" / COMMIT)
        with app(ATTNVIZ_FOLDER=folder) as address, fresh_page(browser, WATCH % (LAYERS * HEADS)) as page:
            come: list[int] = []
            page.on("websocket", lambda socket: _listen(socket, come))
            page.goto(f"{address}/image?v=1&m=made/dinov2&r={COMMIT}&i=cat&l=6&h=3")
            stood(page)
            page.wait_for_timeout(4 * REST_MS)
            found = [_click(page, place, come) for place in range(CLICKS)]
    overlay, thumbnails, told = zip(*found, strict=True)
    return PicturePage(statistics.median(overlay), statistics.median(thumbnails), max(told))


def _save(home: Path) -> None:
    torch.manual_seed(0)
    own = Dinov2Config(
        hidden_size=HEADS * HEAD_DIM,
        num_attention_heads=HEADS,
        num_hidden_layers=LAYERS,
        image_size=SIDE,
        patch_size=PATCH,
    )
    Dinov2Model(own).save_pretrained(home)
    crop = {"height": SIDE, "width": SIDE}
    BitImageProcessorPil(size={"shortest_edge": SIDE}, crop_size=crop).save_pretrained(home)


def _listen(socket: WebSocket, come: list[int]) -> None:
    socket.on("framereceived", lambda frame: come.append(len(frame)))


def _click(page: Page, take: int, come: list[int]) -> tuple[float, float, int]:
    canvas = page.get_by_role("application").first
    box = canvas.bounding_box()
    assert box is not None, "The picture is not on the screen."
    row, col = 3 + 7 * take % (GRID - 6), 3 + 11 * take % (GRID - 6)
    place: Position = {"x": (col + 0.5) * box["width"] / GRID, "y": (row + 0.5) * box["height"] / GRID}
    canvas.hover(position=place)  # as a hand does: the row under the pointer is shown before it is chosen
    page.wait_for_timeout(REST_MS)
    before = len(come)
    canvas.click(position=place)
    stood(page)
    told = len(come) - before
    overlay = float(page.evaluate("stood[0] - begun")) / 1000
    page.wait_for_timeout(REST_MS)
    return overlay, float(page.evaluate(LASTING)) / 1000, told
