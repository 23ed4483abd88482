"""Attention on this machine's clock: small sizes, one head, when a visitor asks for it and never before."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from statistics import median
from time import monotonic, perf_counter
from typing import TYPE_CHECKING

from attnviz.service.runner import Run, Runner
from attnviz.service.tickets import Ticket

if TYPE_CHECKING:
    import torch

SIZES = (64, 128, 256, 512, 1_024)
WIDTH = 64
ROUNDS = 9
SECONDS_A_SIZE = 0.6  # after which a size is not timed again
DEADLINE_SECONDS = 10
BACKLOG = 8


@dataclass(frozen=True)
class Timed:
    """One size: how long attention took when it made its map, and when a kernel never held it as a whole.

    Unit    seconds, the middle of some rounds.
    """

    tokens: int
    stored: float
    streamed: float


def ticket() -> Ticket[tuple[Timed, ...]]:
    """Ask for the times of every size. Stage: "time", in sizes.

    Raises  Busy  when too many wait for theirs.
    """
    return _runner().submit("attention", _measure)


def close() -> None:
    """Stop what is being measured, as the server ends."""
    if _runner.cache_info().currsize:
        _runner().close()


@cache
def _runner() -> Runner:
    return Runner(1, BACKLOG, DEADLINE_SECONDS, "timing")


def _measure(run: Run[tuple[Timed, ...]]) -> tuple[Timed, ...]:
    import torch

    with torch.inference_mode():
        return tuple(_timed(run, done, tokens) for done, tokens in enumerate(SIZES))


def _timed(run: Run, done: int, tokens: int) -> Timed:
    import torch

    run.report("time", done, len(SIZES))
    numbers = torch.randn(3, tokens, WIDTH, generator=torch.Generator().manual_seed(0))
    return Timed(tokens, *(_middle(run, partial(way, *numbers)) for way in (_stored, _streamed)))


def _stored(queries: "torch.Tensor", keys: "torch.Tensor", values: "torch.Tensor") -> "torch.Tensor":
    return (queries @ keys.mT / queries.shape[1] ** 0.5).softmax(dim=1) @ values


def _streamed(queries: "torch.Tensor", keys: "torch.Tensor", values: "torch.Tensor") -> "torch.Tensor":
    from torch.nn.functional import scaled_dot_product_attention

    return scaled_dot_product_attention(queries[None, None], keys[None, None], values[None, None])


def _middle(run: Run, work: Callable[[], object]) -> float:
    """Time work a few times, once for nothing first."""
    work()
    taken: list[float] = []
    begun = monotonic()
    while len(taken) < ROUNDS and (not taken or monotonic() - begun < SECONDS_A_SIZE):
        run.check()
        start = perf_counter()
        work()
        taken.append(perf_counter() - start)
    return median(taken)
