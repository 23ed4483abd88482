"""One way to run MiniLM once, in a process of its own: `python -m benchmarks.one_pass capture 128` prints its cost."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

import attnviz
from attnviz.encode import encode
from attnviz.models.loading import LoadedModel
from benchmarks.material import text_of

REPEATS = 7
Pass = Callable[[LoadedModel, attnviz.Text], object]


def plain(model: LoadedModel, given: attnviz.Text) -> object:
    """Run the model as anyone would who wants its output."""
    with torch.inference_mode():
        return model.forward(**encode(model, given).tensors)


def capture(model: LoadedModel, given: attnviz.Text) -> object:
    """Run the model and keep queries and keys."""
    return attnviz.capture(model, given)


def every_weight(model: LoadedModel, given: attnviz.Text) -> object:
    """Run the model, keep queries and keys, and compute every weight of every head from them."""
    record = attnviz.capture(model, given)
    return [layer.weights() for layer in record.layers["self"]]


def eager(model: LoadedModel, given: attnviz.Text) -> object:
    """Run the model with eager attention and take every weight it hands out."""
    with torch.inference_mode():
        attentions = model.backbone(**encode(model, given).tensors, output_attentions=True).attentions
    if len(attentions) != model.facts.layers:
        raise SystemExit(f"Eager attention gave {len(attentions)} of {model.facts.layers} layers.")
    return attentions


PASSES: dict[str, Pass] = {"plain": plain, "capture": capture, "every_weight": every_weight, "eager": eager}
IMPLEMENTATIONS = {"plain": "sdpa", "eager": "eager"}


def measure(name: str, tokens: int) -> dict[str, float]:
    """Load the model and give a warm pass's median processor time, and its peak memory above the model.

    Unit    seconds, bytes
    """
    torch.set_num_threads(1)  # the other core is for whatever else this machine does
    model = attnviz.load("minilm")
    if name in IMPLEMENTATIONS:
        model.model.set_attn_implementation(IMPLEMENTATIONS[name])
    run = PASSES[name]
    run(model, attnviz.Text(text_of(8)))
    peak = peak_of(lambda: run(model, attnviz.Text(text_of(tokens))))
    return {"seconds": statistics.median(_timed(run, model, tokens, take) for take in range(REPEATS)), "bytes": peak}


def peak_of(run: Callable[[], object]) -> int:
    """Run something, and give the most memory it held at once, with what it gives.

    Unit    bytes
    """
    before = _status_bytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew from here
    kept = run()
    peak = _status_bytes("VmHWM") - before
    del kept
    return peak


def _timed(run: Pass, model: LoadedModel, tokens: int, take: int) -> float:
    start = time.process_time()  # of one thread: what others do on a shared machine is left out
    run(model, attnviz.Text(text_of(tokens, take)))
    return time.process_time() - start


def _status_bytes(name: str) -> int:
    """Ask the kernel for this process's memory: VmRSS is what it holds, VmHWM the most it held."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
