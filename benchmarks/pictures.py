"""Pictures: capture against eager attention, and what a click on a patch costs in the browser."""

import json
import os
import subprocess
import sys

from benchmarks import picture_page
from benchmarks.chromium import chromium
from benchmarks.tables import markdown, ratio

MODELS = {"ViT-B/16": "ViT-B/16 at 224: 197 tokens", "DINOv2-S": "DINOv2-S at 518: 1,370 tokens"}
NAMES = {"plain": "plain forward", "capture": "attnviz capture", "eager": "eager, output_attentions"}

ABOUT = """## Pictures

Random weights, a picture of 640 x 480 pixels of noise, another one each time, prepared by the model's own processor.
Time is the processor time of one thread, the middle of seven rounds by turns in one process; memory is what is kept,
and the peak of one warm pass above the loaded model with what it keeps, in a process of its own. The ratios are to
eager attention; the aims are 0.60 x the time, and 0.10 x the memory at 518 pixels. At 224 pixels the products with the
model's own weights are nearly all of the work, and attention, of 197 tokens, is too little to save by: nothing but the
model itself could be left out. At 518 pixels a tenth is what is kept, queries and keys in the model's own float32; the
peak has the pass beside it, which a plain forward needs as well."""

ABOUT_PAGE = """A click on a patch of a DINOv2 of {layers} x {heads} heads at 518 pixels, {patches:,} patches, that
the mouse had rested on: the middle of {clicks} clicks, in a headless Chromium without a graphics card. The overlay
stands two frames after it was drawn. Before it stood the server had answered {told} times."""


def report() -> str:
    """Measure passes and clicks, and lay out times, memory and ratios."""
    times = {kind: _cell("seconds", kind) for kind in MODELS}
    kept = {kind: _memory("kept", kind) for kind in MODELS}
    peaks = {kind: _memory("bytes", kind) for kind in MODELS}
    with chromium() as browser:
        page = picture_page.measure(browser)
    told = ABOUT_PAGE.format(
        layers=picture_page.LAYERS,
        heads=picture_page.HEADS,
        patches=picture_page.GRID**2,
        clicks=picture_page.CLICKS,
        told=page.told,
    )
    tables = [_passes("time", times, 1e3, "ms"), _passes("kept", kept, 1e-6, "MB"), _passes("peak", peaks, 1e-6, "MB")]
    rows = [
        ["the overlay stands", f"{page.overlay * 1e3:.0f} ms", "≤ 60 ms"],
        ["the thumbnails of all heads stand, with rows from the server", f"{page.thumbnails * 1e3:.0f} ms", "≤ 150 ms"],
    ]
    return "\n\n".join([ABOUT, *tables, told, markdown(["after a click", "time", "aim"], rows)]) + "\n"


def _memory(what: str, kind: str) -> dict[str, float]:
    return {name: _cell(what, kind, name)[name] for name in NAMES if (what, name) != ("kept", "plain")}


def _cell(*asked: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.picture_pass", *asked],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _passes(what: str, cells: dict[str, dict[str, float]], scale: float, unit: str) -> str:
    rows = [[MODELS[kind], *(_said(own, name, scale, unit) for name in NAMES)] for kind, own in cells.items()]
    return markdown([what, *NAMES.values()], rows)


def _said(cells: dict[str, float], name: str, scale: float, unit: str) -> str:
    return f"{cells[name] * scale:,.1f} {unit} ({ratio(cells[name], cells['eager'])})" if name in cells else ""
