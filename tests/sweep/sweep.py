"""Every type in child processes, a few at once, each with its bounds of time and memory; what is done is kept."""

import argparse
import json
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import torch
import transformers

from tests.sweep import table
from tests.sweep.trial import UNMADE, WRONG, Result, every_type, one_line, tried

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".sweep"
SECONDS, CPU_SECONDS = 900.0, 150  # the first is far off, so that a busy machine comes to the same end
BYTES = 8 * 2**30


def main() -> None:
    """Try what is asked for, every type by default, and write the table of these."""
    asked = argparse.ArgumentParser(prog="python -m tests.sweep", description=__doc__)
    asked.add_argument("types", nargs="*", help="try these alone, print what comes of them, write nothing")
    asked.add_argument("--at-once", type=int, default=2)
    asked.add_argument("--afresh", action="store_true", help="forget what an interrupted sweep found")
    told = asked.parse_args()
    if told.types:
        for result in swept(told.types, told.at_once):
            print(json.dumps(result, ensure_ascii=False), flush=True)
        return
    if told.afresh:
        _kept().unlink(missing_ok=True)
    results = resumed(told.at_once)
    table.PATH.write_text(table.written(results, transformers.__version__, torch.__version__.split("+")[0]), "utf-8")
    _kept().unlink()  # the next sweep begins anew
    print(dict(Counter(each["outcome"] for each in results)))


def resumed(at_once: int) -> list[dict[str, Any]]:
    """Try what has not been tried yet; keep each result as it comes."""
    path = _kept()
    path.parent.mkdir(exist_ok=True)
    done = {}
    if path.exists():
        done = {each["name"]: each for each in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    left = [name for name in every_type() if name not in done]
    began = time.monotonic()
    with path.open("a", encoding="utf-8") as file:
        for result in swept(left, at_once):
            file.write(json.dumps(result, ensure_ascii=False) + "\n")
            file.flush()
            done[result["name"]] = result
            told = f"{result['outcome']} {result['reason'][:110]}".strip()
            print(
                f"{len(done)}/{len(every_type())} {time.monotonic() - began:.0f} s {result['name']}: {told}", flush=True
            )
    return [done[name] for name in every_type()]


def _kept() -> Path:
    return KEPT / f"{transformers.__version__}.jsonl"


@dataclass
class _Child:
    name: str
    process: Any
    answers: Connection
    until: float


def swept(names: Iterable[str], at_once: int) -> Iterator[dict[str, Any]]:
    """Try types in children of this process, which has transformers open already."""
    torch.set_num_threads(1)
    waiting, running = list(reversed(list(names))), []
    context = multiprocessing.get_context("fork")
    while waiting or running:
        while waiting and len(running) < at_once:
            running.append(_begin(context, waiting.pop()))
        wait([child.answers for child in running], timeout=1.0)
        for child in list(running):
            if (result := _ended(child)) is not None:
                running.remove(child)
                yield result


def _begin(context: Any, name: str) -> _Child:
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(name, theirs), daemon=True)
    process.start()
    theirs.close()
    return _Child(name, process, ours, time.monotonic() + SECONDS)


def _ended(child: _Child) -> dict[str, Any] | None:
    if child.answers.poll():
        try:
            result = child.answers.recv()
        except EOFError:
            child.process.join()
            slow = child.process.exitcode in (-signal.SIGXCPU, -signal.SIGKILL)
            why = f"took longer than {CPU_SECONDS} s" if slow else f"its process ended with {child.process.exitcode}"
            result = Result(child.name, UNMADE, why).as_dict()
    elif time.monotonic() > child.until:
        result = Result(child.name, UNMADE, f"took longer than {SECONDS:.0f} s").as_dict()
        child.process.kill()
    else:
        return None
    child.process.join()
    child.answers.close()
    return result


def _run(name: str, answers: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        sys.stderr = sys.stdout = nowhere  # transformers warns of much
        answers.send(_bounded(name))
    answers.close()


def _bounded(name: str) -> dict[str, Any]:
    began = time.monotonic()
    try:
        result = tried(name).as_dict()
    except MemoryError:
        result = Result(name, UNMADE, "needs too much memory").as_dict()
    except BaseException as why:  # the sweep's own mistake: told as wrong, so that it is looked at
        result = Result(name, WRONG, one_line(why)).as_dict()
    return result | {"seconds": round(time.monotonic() - began, 1)}
