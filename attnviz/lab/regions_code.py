"""The steps of a picture on the bench as code that runs, and as a notebook."""

from collections.abc import Mapping

import numpy as np

from attnviz.lab.code import IMPORTS, steps_as_notebook
from attnviz.lab.regions_bench import ModelRow, RegionBench, Source

STEPS = ("values", "weights", "pooled", "recomposed")  # the first is what is given
_WEIGHTS: Mapping[str, Mapping[Source, str]] = {
    "numpy": {
        "hand": "weights = parts / parts.sum()",
        "query": "K = (X - X.mean(axis=0)) / (X.std() or 1)\n"
        "scores = K @ K[query] / divisor\n"
        "raised = np.exp(scores - scores.max())\n"
        "weights = raised / raised.sum()",
        "model": "fine = np.kron(read, np.ones((rows, cols))) / (rows * cols)\n"
        "bands = fine.reshape(rows, read.shape[0], cols, read.shape[1])\n"
        "weights = bands.sum(axis=(1, 3)).ravel()",
    },
    "torch": {
        "hand": "weights = parts / parts.sum()",
        "query": "K = (X - X.mean(dim=0)) / (X.std(correction=0) or 1)\n"
        "scores = K @ K[query] / divisor\n"
        "weights = scores.softmax(dim=0)",
        "model": "fine = torch.kron(read, torch.ones_like(read[:1, :1]).expand(rows, cols)) / (rows * cols)\n"
        "bands = fine.reshape(rows, read.shape[0], cols, read.shape[1])\n"
        "weights = bands.sum(dim=(1, 3)).ravel()",
    },
}
_NAMES = {"weights": "weights", "pooled": "A", "recomposed": "recomposed"}
_POOLED = "A = weights @ X"
_RECOMPOSED = "recomposed = (X * (weights / weights.max())[:, None]).reshape(rows, cols, 3)"


def code(bench: RegionBench, library: str) -> dict[str, str]:
    """Each step as code; what it starts from is `given`."""
    return {"weights": _WEIGHTS[library][bench.source], "pooled": _POOLED, "recomposed": _RECOMPOSED}


def given(bench: RegionBench, colours: np.ndarray, row: ModelRow | None, library: str) -> str:
    """What the code of the steps starts from, the mean colour of each region in place of the picture.

    Shape   colours (region, 3)
    """
    array = {"numpy": "np.array({})", "torch": "torch.tensor({}, dtype=torch.double)"}[library]
    lines = [IMPORTS[library], "", f"rows, cols = {bench.rows}, {bench.cols}", f"X = {array.format(_rows(colours))}"]
    if bench.source == "hand":
        lines.append(f"parts = {array.format([float(part) for part in bench.parts])}")
    elif bench.source == "query":
        root = "X.shape[1] ** 0.5" if bench.scaled else "1"
        heat = f" * {bench.temperature:g}" if bench.temperature != 1 else ""
        lines += [f"query = {bench.query}", f"divisor = {root}{heat}"]
    elif row is not None:
        lines.append(f"read = {array.format(_rows(row.read))}")
    return "\n".join(lines)


def _rows(table: np.ndarray) -> str:
    lines = ["[" + ", ".join(f"{number:.8g}" for number in row) + "]" for row in table]
    return "[" + ",\n    ".join(lines) + "]" if len(lines) > 1 else f"[{lines[0]}]"


def notebook(
    bench: RegionBench, colours: np.ndarray, row: ModelRow | None, titles: Mapping[str, str], library: str
) -> str:
    """All steps of a picture on the bench as a notebook file, a title before each.

    Shape   colours (region, 3)
    """
    steps = {step: f"{lines}\n{_NAMES[step]}" for step, lines in code(bench, library).items()}
    return steps_as_notebook(given(bench, colours, row, library), steps, titles)
