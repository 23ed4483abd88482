"""Ways to score on the blackboard: every cell of every matrix, and the line that makes it."""

import numpy as np

from attnviz.lab.arithmetic import product, quotient, spelled, squashed, voiced
from attnviz.lab.blackboard import Worked, each_cell
from attnviz.lab.encoders import neighbours
from attnviz.lab.heads_board import multiplied, shares
from attnviz.lab.scoring_bench import Scored, Scoring


def keys_of(bench: Scoring) -> Worked:
    """Write down the keys that an encoder makes, or those that were given.

    Raises  InputError  when sizes do not fit.
    """
    keys = bench.keys()
    cells = each_cell(keys, lambda row, col: spelled(float(keys[row, col])))
    match bench.source:
        case "recurrent":
            before = np.vstack([np.zeros(keys.shape[1]), keys[:-1]])
            rows, columns = np.hstack([bench.table("x"), before]), np.hstack([bench.table("r"), bench.table("z")])
        case "convolution":
            rows, columns = neighbours(bench.table("x")), bench.table("c")
        case "given":
            return Worked("keys", cells, cells)
    return Worked("keys", cells, each_cell(keys, lambda row, col: squashed(columns[col].tolist(), rows[row].tolist())))


def way_of(bench: Scoring, way: str) -> tuple[Scored, tuple[Worked, ...]]:
    """Write down scores, weights and output of one way.

    Raises  InputError  when sizes do not fit that way.
    """
    done = bench.scored(way)
    scores = Worked(
        "scores",
        each_cell(done.scores, lambda row, col: spelled(float(done.scores[row, col]))),
        each_cell(done.scores, lambda row, col: _score(bench, way, row, col)),
    )
    return done, (
        scores,
        shares("weights", done.scores, done.weights),
        multiplied("output", done.weights, bench.values(), done.output),
    )


def hidden_of(bench: Scoring) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Write down the hidden layer tanh(W q + U k) of additive attention, for each query and key.

    Raises  InputError  when sizes do not fit.
    """
    bench.scored("additive")
    of_queries, of_keys = bench.table("q") @ bench.table("a").T, bench.keys() @ bench.table("b").T
    hidden = np.tanh(of_queries[:, None] + of_keys[None])
    return tuple(tuple(tuple(map(spelled, pair)) for pair in row) for row in hidden.tolist())


def pooled_of(bench: Scoring) -> tuple[Worked, ...]:
    """Write down attention pooling: an importance for each value, its share, and the weighted sum.

    Raises  InputError  when sizes do not fit.
    """
    scores, done = bench.pooled()
    values = bench.values()
    of_values = values @ bench.table("p").T
    importances = Worked(
        "importances",
        tuple((spelled(float(score)),) for score in scores),
        tuple((voiced(bench.table("g").tolist(), row.tolist(), bench.table("f").tolist()),) for row in of_values),
    )
    across = shares("shares", scores[None], done.weights[None])
    return (
        importances,
        Worked("shares", tuple(zip(*across.cells, strict=True)), tuple(zip(*across.lines, strict=True))),
        multiplied("pooled", done.weights[None], values, done.whole[None]),
    )


def _score(bench: Scoring, way: str, row: int, col: int) -> str:
    query, key = bench.table("q")[row], bench.keys()[col]
    match way:
        case "scaled":
            return f"{product(query.tolist(), key.tolist())};  " + quotient(
                float(query @ key), len(query) ** 0.5, f"√{len(query)}"
            )
        case "general":
            turned = query @ bench.table("m")
            return f"q M = [{', '.join(map(spelled, turned.tolist()))}];  {product(turned.tolist(), key.tolist())}"
        case "cosine":
            return _cosine(query, key)
        case "additive":
            hidden = bench.table("a") @ query, bench.table("b") @ key
            return voiced(bench.table("e").tolist(), *(each.tolist() for each in hidden))
    return product(query.tolist(), key.tolist())


def _cosine(query: np.ndarray, key: np.ndarray) -> str:
    lengths = float(np.linalg.norm(query)), float(np.linalg.norm(key))
    over = lengths[0] * lengths[1]
    if not over:
        return "0"
    name = f"({spelled(lengths[0])}·{spelled(lengths[1])})"
    return f"{product(query.tolist(), key.tolist())};  {quotient(float(query @ key), over, name)}"
