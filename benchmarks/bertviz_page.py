"""A bertviz page, made in a process of its own (`python -m benchmarks.bertviz_page head_view 64 FILE`) and opened."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.chromium import fresh_page, stood
from benchmarks.libraries import fetched
from benchmarks.material import text_of

MAPS = {"head_view": 12, "model_view": 72}  # of MiniLM that a view draws at once, one line for each weight

WATCH = """
const drawn = document.getElementsByTagName("line");
const look = () => drawn.length < LINES ? setTimeout(look, 20) : picture();
look();
"""


@dataclass(frozen=True)
class BertvizPage:
    """What a bertviz page costs.

    Unit    bytes of HTML; seconds to make it, seconds from opening it until every line of the view stands.
    """

    bytes: float
    made_seconds: float
    seconds: float


def measure(browser: Browser, view: str, tokens: int, folder: Path) -> BertvizPage:
    """Make a page and open it."""
    file = folder / f"{view}_{tokens}.html"
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.bertviz_page", view, str(tokens), str(file)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = MAPS[view] * tokens**2
    with fresh_page(browser, WATCH.replace("LINES", str(lines)), fetched(folder)) as page:
        page.goto(file.as_uri(), wait_until="commit")
        seconds = stood(page)
    return BertvizPage(file.stat().st_size, json.loads(made.stdout.splitlines()[-1]), seconds)


def write(view: str, tokens: int, file: Path) -> float:
    """Write the page that a notebook would show.

    Unit    seconds that bertviz took for it
    """
    import bertviz
    import torch

    import attnviz
    from attnviz.encode import encode

    model = attnviz.load("minilm")
    model.model.set_attn_implementation("eager")
    encoded = encode(model, attnviz.Text(text_of(tokens)))
    with torch.inference_mode():
        attentions = model.backbone(**encoded.tensors, output_attentions=True).attentions
    labels = model.processor.convert_ids_to_tokens(encoded.tensors["input_ids"][0].tolist())
    start = time.perf_counter()
    html = getattr(bertviz, view)(attentions, labels, html_action="return").data
    seconds = time.perf_counter() - start
    file.write_text(f"<!doctype html><meta charset=utf-8><body>{html}", encoding="utf-8")
    return seconds


if __name__ == "__main__":
    print(json.dumps(write(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))))
