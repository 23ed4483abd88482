"""Attention on the clock of this machine, and the sizes of the models that are on it."""

import torch

from attnviz.lab.costs import Shape
from attnviz.service import timing
from attnviz.service.limits import Limits
from attnviz.service.sizes import known
from attnviz.share import View


def test_every_size_is_timed_and_the_threads_of_others_are_left_alone(monkeypatch):
    threads, seen = torch.get_num_threads(), set()
    monkeypatch.setattr(timing, "SIZES", (8, 16))
    monkeypatch.setattr(timing, "_stored", lambda q, k, v: seen.add((len(q), torch.get_num_threads())))
    with timing.ticket() as ticket:
        found = ticket.result()
    assert [each.tokens for each in found] == [8, 16]
    assert all(each.stored > 0 and each.streamed > 0 for each in found)
    assert seen == {(8, threads), (16, threads)}
    assert torch.get_num_threads() == threads


def test_both_ways_give_the_same_output():
    queries, keys, values = torch.randn(3, 5, timing.WIDTH, dtype=torch.double)
    streamed = timing._streamed(queries, keys, values)[0, 0]
    torch.testing.assert_close(timing._stored(queries, keys, values), streamed, rtol=0, atol=1e-12)


def test_sizes_are_read_from_the_configuration_of_a_model_that_is_here():
    limits = Limits()
    found = known(View(model="repeats-2"), limits)
    assert found is not None
    assert found.shape == Shape(tokens=49, width=64, layers=2, heads=4, key_heads=4)
    assert known(View(model="dates"), limits) is None  # it reads and writes: three kinds of attention
    assert known(View(model="gpt2"), limits) is None  # it would have to be downloaded
