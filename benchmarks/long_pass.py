"""Passes over long texts, in a process of their own: `python -m benchmarks.long_pass bytes 512 eager`."""

import json
import sys
import time
from collections.abc import Callable

import torch

import attnviz
from attnviz.models.loading import LoadedModel
from benchmarks.llama import llama
from benchmarks.material import text_of
from benchmarks.one_pass import capture, eager, peak_of, plain

THREADS = 2
PASSES: dict[str, Callable[[LoadedModel, attnviz.Text], object]] = {"plain": plain, "capture": capture, "eager": eager}
IMPLEMENTATIONS = {"plain": "sdpa", "capture": "attnviz", "eager": "eager"}
ROUNDS = {512: 7, 1024: 5, 2048: 3}
WARM_TOKENS = 64


def seconds(tokens: int, names: list[str]) -> dict[str, float]:
    """Run the passes by turns, several rounds, and give the fastest of each: what others do on the machine slows some.

    Unit    seconds
    """
    model, found = _warm(tokens, names), {name: float("inf") for name in names}
    for take in range(ROUNDS.get(tokens, 1)):
        for name in names:
            given = _text(tokens, take)
            start = time.perf_counter()
            _run(model, name, given)
            found[name] = min(found[name], time.perf_counter() - start)
    return found


def peak(tokens: int, names: list[str]) -> dict[str, float]:
    """Run one pass once, and give its peak above the loaded model, with what it keeps.

    Unit    bytes
    """
    model = _warm(tokens, names)
    return {name: peak_of(lambda name=name: _run(model, name, _text(tokens, 0))) for name in names}  # type: ignore[misc]


def _warm(tokens: int, names: list[str]) -> LoadedModel:
    torch.set_num_threads(THREADS)
    model = llama(tokens)
    for name in names:
        _run(model, name, _text(WARM_TOKENS, 0))
    return model


def _run(model: LoadedModel, name: str, given: attnviz.Text) -> object:
    model.model.set_attn_implementation(IMPLEMENTATIONS[name])
    return PASSES[name](model, given)


def _text(tokens: int, take: int) -> attnviz.Text:
    return attnviz.Text(text_of(tokens + 2, take))  # this tokenizer adds nothing at either end


if __name__ == "__main__":
    measure = {"seconds": seconds, "bytes": peak}[sys.argv[1]]
    print(json.dumps(measure(int(sys.argv[2]), sys.argv[3:] or list(PASSES))))
