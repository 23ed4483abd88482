"""Several heads on the blackboard: every cell of every matrix, and the line that makes it."""

from dataclasses import dataclass

import numpy as np

from attnviz.lab.arithmetic import product, quotient, share, spelled
from attnviz.lab.bench import DECIMALS
from attnviz.lab.blackboard import Worked, each_cell
from attnviz.lab.heads_bench import Done, Heads
from attnviz.lab.steps import Attended

LOW = "₀₁₂₃"  # which head a matrix is of


@dataclass(frozen=True)
class HeadWorked:
    """One query head: its own part of the queries, the keys and values of its group, and what it makes of them."""

    key_head: int
    parts: tuple[Worked, ...]  # queries, keys, values
    scores: Worked
    weights: Worked
    found: Worked


@dataclass(frozen=True)
class Board:
    """Everything that is worked out of several heads; `vectors` is empty where queries, keys and values were given."""

    vectors: tuple[Worked, ...]
    heads: tuple[HeadWorked, ...]
    joined: Worked
    output: Worked


def worked(bench: Heads) -> Board:
    """Write down every step.

    Raises  InputError  when sizes do not fit, or a query may read no key.
    """
    done = bench.done()
    tables = {name: np.array(rows) for name, rows in bench.tables.items()}
    return Board(
        vectors=_vectors(done, tables) if done.tokens is not None else (),
        heads=tuple(_head(done, at) for at in range(bench.heads)),
        joined=_joined(done),
        output=multiplied("output", done.found.joined, tables["o"], done.found.output),
    )


def multiplied(name: str, left: np.ndarray, right: np.ndarray, result: np.ndarray) -> Worked:
    """Write down a product of two matrices.

    Shape   left (row, number), right (number, column), result (row, column).
    """
    return Worked(
        name,
        each_cell(result, lambda row, col: spelled(float(result[row, col]))),
        each_cell(result, lambda row, col: product(left[row].tolist(), right[:, col].tolist())),
    )


def shares(name: str, scores: np.ndarray, weights: np.ndarray) -> Worked:
    """Write down a softmax of each row; weights have as many decimals one as another, to be read down a column.

    Shape   scores and weights (query, key), scores -inf where nothing may be read.
    """
    seen = np.isfinite(scores)
    return Worked(
        name,
        each_cell(weights, lambda row, col: f"{weights[row, col]:.{DECIMALS}f}" if seen[row, col] else "0"),
        each_cell(weights, lambda row, col: share(scores[row].tolist(), col)),
    )


def _vectors(done: Done, tables: dict[str, np.ndarray]) -> tuple[Worked, ...]:
    made = (
        ("q", done.tokens, "a", done.queries),
        ("k", done.others, "b", done.keys),
        ("v", done.others, "c", done.values),
    )
    return tuple(multiplied(name, rows, tables[by], result) for name, rows, by, result in made if rows is not None)


def _head(done: Done, at: int) -> HeadWorked:
    head, shared = done.found.heads[at], done.groups[at]
    parts = (("q", head.queries, at), ("k", head.keys, shared), ("v", head.values, shared))
    return HeadWorked(
        shared,
        tuple(_part(name, rows, place) for name, rows, place in parts),
        Worked("scores", each_cell(head.masked, lambda row, col: spelled(float(head.masked[row, col]))), _scores(head)),
        shares("weights", head.masked, head.weights),
        multiplied("found", head.weights, head.values, head.output),
    )


def _part(name: str, rows: np.ndarray, place: int) -> Worked:
    """What a head is given of every vector: the numbers from place · width on."""
    start = place * rows.shape[1]
    return Worked(
        name,
        each_cell(rows, lambda row, col: spelled(float(rows[row, col]))),
        each_cell(rows, lambda row, col: f"{name.upper()}[{row}, {start + col}] = {spelled(float(rows[row, col]))}"),
    )


def _scores(head: Attended) -> tuple[tuple[str, ...], ...]:
    root = f"√{head.queries.shape[1]}"

    def line(row: int, col: int) -> str:
        made = product(head.queries[row].tolist(), head.keys[col].tolist())
        divided = quotient(float(head.scores[row, col]), head.divisor, root)
        return f"{made};  {divided}" + ("" if head.visible[row, col] else " → −∞")

    return each_cell(head.masked, line)


def _joined(done: Done) -> Worked:
    """Each head's numbers stand where those of the heads before it end."""
    rows, width = done.found.joined, done.found.heads[0].output.shape[1]
    return Worked(
        "joined",
        each_cell(rows, lambda row, col: spelled(float(rows[row, col]))),
        each_cell(
            rows, lambda row, col: f"O{LOW[col // width]}[{row}, {col % width}] = {spelled(float(rows[row, col]))}"
        ),
    )
