"""The length at which each tool stops: `python -m benchmarks.limits eager 4096` makes one trial."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

import attnviz
from attnviz.encode import encode
from attnviz.models.loading import LoadedModel
from benchmarks.llama import llama
from benchmarks.material import text_of
from benchmarks.one_pass import capture, eager
from benchmarks.tables import markdown

MOST_BYTES = 20 * 10**9  # of this machine's 24 GB, model included
MOST_SECONDS = 240.0
MOST_PAGE_BYTES = 2**29 - 24  # of a page's script: the longest string that Chromium's engine makes
SHORTEST, LONGEST = 128, 16_384
TOO_MUCH_MEMORY, TOO_LARGE_PAGE = 3, 4

NAMES = {
    "capture": "attnviz: capture, and an overview of one head",
    "eager": "eager, output_attentions",
    "head_view": "bertviz, head_view",
    "model_view": "bertviz, model_view",
}
WHY = {
    TOO_MUCH_MEMORY: f"more than {MOST_BYTES / 1e9:.0f} GB",
    TOO_LARGE_PAGE: f"a page of more than {MOST_PAGE_BYTES / 2**20:.0f} MiB, which Chromium does not open",
}

ABOUT = f"""## Where each stops

The same Llama of 135 million numbers, the text twice as long at each trial, up to {LONGEST:,} tokens; each trial in a
process of its own, which is stopped at {MOST_BYTES / 1e9:.0f} GB or after {MOST_SECONDS:.0f} s."""


def report() -> str:
    """Make the text of each tool longer until it stops."""
    rows = [[NAMES[name], *_found(name)] for name in NAMES]
    return f"{ABOUT}\n\n{markdown(['tool', 'longest text', 'it took', 'at twice that length'], rows)}\n"


def _found(name: str) -> tuple[str, str, str]:
    best, took = 0, 0.0
    for tokens in _lengths():
        why, seconds = trial(name, tokens)
        if why:
            return f"{best:,} tokens" if best else "none", f"{took:.1f} s" if best else "", why
        best, took = tokens, seconds
    return f"{best:,} tokens", f"{took:.1f} s", "not tried"


def _lengths() -> Iterator[int]:
    tokens = SHORTEST
    while tokens <= LONGEST:
        yield tokens
        tokens *= 2


def trial(name: str, tokens: int) -> tuple[str, float]:
    """Run a tool once; say why it stopped, if it did, and how long it took.

    Unit    seconds
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.limits", name, str(tokens)],
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"more than {MOST_SECONDS:.0f} s", MOST_SECONDS
    if done.returncode:
        return WHY.get(done.returncode, f"it ended with {done.returncode}"), 0.0
    return "", float(json.loads(done.stdout.splitlines()[-1]))


def captured(model: LoadedModel, given: attnviz.Text) -> object:
    """Keep queries and keys, and look at one head."""
    record = capture(model, given)
    assert isinstance(record, attnviz.AttentionRecord)
    return record.tile("self", 0, 0)


def drawn(view: str) -> Callable[[LoadedModel, attnviz.Text], object]:
    """Make a bertviz page of every layer, as a notebook would."""

    def make(model: LoadedModel, given: attnviz.Text) -> object:
        import bertviz

        attentions = eager(model, given)
        ids = encode(model, given).tensors["input_ids"][0].tolist()
        page = getattr(bertviz, view)(attentions, model.processor.convert_ids_to_tokens(ids), html_action="return").data
        if len(page) > MOST_PAGE_BYTES:
            os._exit(TOO_LARGE_PAGE)
        return page

    return make


TOOLS = {"capture": captured, "eager": eager, "head_view": drawn("head_view"), "model_view": drawn("model_view")}


def _watch() -> None:
    """End the process when it holds too much, before the machine has to."""
    while True:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        if pages * os.sysconf("SC_PAGE_SIZE") > MOST_BYTES:
            os._exit(TOO_MUCH_MEMORY)
        time.sleep(0.05)


def main(name: str, tokens: int) -> None:
    """Run one tool on one length, and print the seconds it took."""
    threading.Thread(target=_watch, daemon=True).start()
    torch.set_num_threads(2)
    model, given = llama(tokens), attnviz.Text(text_of(tokens + 2))
    model.model.set_attn_implementation("attnviz" if name == "capture" else "eager")
    start = time.perf_counter()
    TOOLS[name](model, given)
    print(json.dumps(time.perf_counter() - start))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
