"""The first seconds: light to import, once however many ask, and an error that everyone who asks hears."""

import subprocess
import sys
from threading import Event

import pytest

from attnviz.service.warmth import STAGES, Warming

SOON = 60.0

COLD = """
import sys
from attnviz import service
from attnviz.service import cost, limits, runner, tickets, warmth
assert not {"torch", "transformers", "streamlit"} & set(sys.modules), "the room is not light"
assert not warmth.ready()
warming, seen = warmth.begin(), []
assert warmth.begin() is warming
while not warming.wait(0.001):
    if warming.stage not in seen:
        seen.append(warming.stage)
warming.result()
assert warmth.ready()
import gc
assert gc.get_freeze_count() > 100_000
from attnviz.service.engine import engine
found = engine().describe()
print(seen == list(warmth.STAGES), len(found.models), found.records)
"""


@pytest.mark.slow
def test_a_cold_process_shows_every_stage_and_ends_with_the_example_captured_and_the_heap_frozen():
    done = subprocess.run([sys.executable, "-c", COLD], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == ["True", "1", "1"]


def test_the_stage_under_way_is_seen_while_it_lasts():
    go = Event()

    def work(report):
        report("model")
        assert go.wait(SOON)

    warming = Warming(work)
    assert not warming.wait(0)
    assert not warming.ready
    assert warming.stage in STAGES
    go.set()
    assert warming.wait(SOON)
    warming.result()
    assert warming.stage == "model"
    assert warming.ready


def test_what_went_wrong_is_raised_to_everyone_who_asks():
    def work(report):
        raise ValueError("no weights")

    warming = Warming(work)
    assert warming.wait(SOON)
    assert not warming.ready
    for _ in range(2):
        with pytest.raises(ValueError, match="no weights"):
            warming.result()
