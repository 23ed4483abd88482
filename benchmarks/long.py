"""Long inputs: capture against the plain pass and eager attention, and looking around in what was captured."""

import json
import os
import subprocess
import sys

from benchmarks.tables import markdown, ratio

LENGTHS = (512, 1024, 2048)  # where eager still runs
FAR = (4096,)  # where eager attention would take more memory than this machine has
BEYOND = (8192,)  # capture alone
NAMES = {"plain": "plain forward", "capture": "attnviz capture", "eager": "eager, output_attentions"}
EXPLORED = 8192

# What was asked for -> in words, and the aim: so many times the bare product, or so many seconds.
ASKED = {
    "product": ("bare q·k product of one head", None),
    "overview": ("overview of the head, the first time, largest weights", "≤ 3 x"),
    "overview, mean": ("overview of the head, the first time, mean weights", "≤ 3 x"),
    "again": ("overview of the head, again", "≤ 3 x"),
    "near tile": ("tile of 256 x 256 weights, one a cell", "≤ 30 ms"),
    "wide tile": ("tile of 2,048 x 2,048 weights in 256 x 256 cells", "≤ 30 ms"),
    "row": ("one query of all heads of the layer", "≤ 50 ms"),
    "top": ("the ten keys that one query reads most", None),
}

ABOUT = """## Long inputs

A Llama of 135 million random numbers (30 layers, 9 heads that share 3 key heads), float32, two threads, tokenising and
naming the tokens included. Time is the fastest of some runs by turns in one process; memory is the peak of one run
above the loaded model, with what it keeps, in a process of its own. The ratios are to the plain forward pass. Eager
attention stops for want of memory: at 8,192 tokens its weights alone are 72 GB."""

ABOUT_EXPLORING = """One layer of the same shape, causal, at {tokens:,} tokens, from its queries and keys, on one
thread: its processor time, the middle of five runs by turns."""


def report() -> str:
    """Measure passes at every length, then the looking around, and lay out times, memory and ratios."""
    times = {tokens: _cell("long_pass", "seconds", tokens) for tokens in LENGTHS}
    times |= {tokens: _cell("long_pass", "seconds", tokens, "plain", "capture") for tokens in FAR}
    times |= {tokens: _cell("long_pass", "seconds", tokens, "capture") for tokens in BEYOND}
    peaks = {tokens: {name: _peak(tokens, name) for name in NAMES} for tokens in LENGTHS}
    peaks |= {tokens: {name: _peak(tokens, name) for name in ("plain", "capture")} for tokens in FAR}
    peaks |= {tokens: {"capture": _peak(tokens, "capture")} for tokens in BEYOND}
    parts = [ABOUT, _passes(times, 1, "s"), _passes(peaks, 1e-6, "MB"), ABOUT_EXPLORING.format(tokens=EXPLORED)]
    return "\n\n".join([*parts, _explored(_cell("exploring", EXPLORED))]) + "\n"


def _peak(tokens: int, name: str) -> float:
    return _cell("long_pass", "bytes", tokens, name)[name]


def _cell(module: str, *asked: object) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *map(str, asked)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _passes(cells: dict[int, dict[str, float]], scale: float, unit: str) -> str:
    rows = [[f"{tokens:,}", *(_said(cells[tokens], name, scale, unit) for name in NAMES)] for tokens in cells]
    return markdown(["tokens", *NAMES.values()], rows)


def _said(cells: dict[str, float], name: str, scale: float, unit: str) -> str:
    if name not in cells:
        return ""
    against = f" ({ratio(cells[name], cells['plain'])})" if "plain" in cells else ""
    return f"{cells[name] * scale:,.2f} {unit}{against}"


def _explored(found: dict[str, float]) -> str:
    rows = [
        [words, f"{found[name] * 1e3:.1f} ms", ratio(found[name], found["product"]), aim or ""]
        for name, (words, aim) in ASKED.items()
    ]
    return markdown(["asked for", "time", "beside the product", "aim"], rows)
