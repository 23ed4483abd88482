"""Capture against the plain forward pass and against eager attention: time and peak memory, a fresh process a cell."""

import json
import os
import subprocess
import sys

from benchmarks.one_pass import PASSES
from benchmarks.tables import markdown, ratio

LENGTHS = (16, 64, 128, 256, 512)
NAMES = {
    "plain": "plain forward",
    "capture": "attnviz capture",
    "every_weight": "capture, then every weight",
    "eager": "eager, output_attentions",
}


def report() -> str:
    """Measure every pass at every length and lay out times, memory and ratios."""
    cells = {(name, tokens): _cell(name, tokens) for tokens in LENGTHS for name in PASSES}
    return "\n\n".join([ABOUT, _table(cells, "seconds", 1e3, "ms"), _table(cells, "bytes", 1e-6, "MB")]) + "\n"


ABOUT = """## Capture, beside a plain forward pass and eager attention

MiniLM (6 layers x 12 heads), one thread, tokenising included. Time is processor time, the median of seven warm runs;
memory is the peak of one run above the loaded model, with what it keeps. The ratios are to the plain forward pass."""


def _cell(name: str, tokens: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.one_pass", name, str(tokens)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # numpy's share of the one thread
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _table(cells: dict[tuple[str, int], dict[str, float]], what: str, scale: float, unit: str) -> str:
    rows = []
    for tokens in LENGTHS:
        plain = cells["plain", tokens][what]
        row = [
            f"{cells[name, tokens][what] * scale:.1f} {unit} ({ratio(cells[name, tokens][what], plain)})"
            for name in PASSES
        ]
        rows.append([tokens, *row])
    return markdown(["tokens", *(NAMES[name] for name in PASSES)], rows)
