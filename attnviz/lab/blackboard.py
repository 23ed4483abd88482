"""A bench worked out as it is written on a blackboard: every cell of every step, and the line that makes it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attnviz.lab.arithmetic import product, quotient, share, spelled
from attnviz.lab.bench import DECIMALS, STEPS, Bench
from attnviz.lab.steps import Attended


@dataclass(frozen=True)
class Worked:
    """One step: its cells in writing, and how each comes about.

    Shape   cells and lines: rows of one query each.
    """

    name: str
    cells: tuple[tuple[str, ...], ...]
    lines: tuple[tuple[str, ...], ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.cells), len(self.cells[0])


def told(step: Worked) -> dict[str, tuple[tuple[str, ...], ...]]:
    """A step as it is sent to a browser."""
    return {"cells": step.cells, "lines": step.lines}


def root_of(bench: Bench) -> str:
    """What the divisor is called."""
    root = f"√{len(bench.queries[0])}" if bench.scaled else "1"
    return root if bench.temperature == 1 else f"({root}·{spelled(bench.temperature)})"


def worked(bench: Bench) -> tuple[Worked, ...]:
    """Write down every step.

    Raises  InputError  when sizes do not fit, or a query may read no key.
    """
    done = bench.attended()
    lines = {
        "scores": each_cell(done.scores, lambda row, col: product(done.queries[row].tolist(), done.keys[col].tolist())),
        "scaled": each_cell(
            done.scaled, lambda row, col: quotient(done.scores[row, col], done.divisor, root_of(bench))
        ),
        "masked": each_cell(done.masked, lambda row, col: _masked(done, row, col)),
        "weights": each_cell(done.weights, lambda row, col: share(done.masked[row].tolist(), col)),
        "output": each_cell(
            done.output, lambda row, col: product(done.weights[row].tolist(), done.values[:, col].tolist())
        ),
    }
    return tuple(Worked(step, each_cell(getattr(done, step), _cell(done, step)), lines[step]) for step in STEPS)


def each_cell(table: np.ndarray, say: Callable[[int, int], str]) -> tuple[tuple[str, ...], ...]:
    """Say something of each cell of a table.

    Shape   table (row, column)
    """
    rows, cols = table.shape
    return tuple(tuple(say(row, col) for col in range(cols)) for row in range(rows))


def _cell(done: Attended, step: str) -> Callable[[int, int], str]:
    """Weights have as many decimals one as another, so that a column can be read down."""
    table = getattr(done, step)
    if step == "weights":
        return lambda row, col: f"{table[row, col]:.{DECIMALS}f}" if done.visible[row, col] else "0"
    return lambda row, col: spelled(float(table[row, col]))


def _masked(done: Attended, row: int, col: int) -> str:
    before = spelled(float(done.scaled[row, col]))
    return before if done.visible[row, col] else f"{before} → −∞"
