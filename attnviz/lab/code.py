"""Each step as code that runs: in NumPy, in PyTorch, and all of them as a notebook."""

import inspect
import json
from collections.abc import Mapping
from types import MappingProxyType

from attnviz.lab.bench import STEPS, Bench
from attnviz.lab.mistakes import Mistake

NUMPY: Mapping[str, str] = MappingProxyType(
    {
        "scores": "scores = Q @ K.T",
        "scaled": "scaled = scores / divisor",
        "masked": "masked = np.where(visible, scaled, -np.inf)",
        "weights": "raised = np.exp(masked - masked.max(axis=1, keepdims=True))\n"
        "weights = raised / raised.sum(axis=1, keepdims=True)",
        "output": "output = weights @ V",
    }
)
TORCH: Mapping[str, str] = MappingProxyType(
    {
        "scores": "scores = Q @ K.mT",
        "scaled": "scaled = scores / divisor",
        "masked": "masked = scaled.masked_fill(~visible, -torch.inf)",
        "weights": "weights = masked.softmax(dim=1)",
        "output": "output = weights @ V",
    }
)
LIBRARIES = ("numpy", "torch")
IMPORTS: Mapping[str, str] = MappingProxyType({"numpy": "import numpy as np", "torch": "import torch"})
CODE = MappingProxyType({"numpy": NUMPY, "torch": TORCH})
WHOLE = """# The same in one call; PyTorch's own kernel, for tables of any size.
torch.nn.functional.scaled_dot_product_attention(Q, K, V, attn_mask=visible, scale=1 / divisor)"""


def given(bench: Bench, library: str) -> str:
    """The tables of a bench as code: what the code of the steps starts from."""
    root = {"numpy": "np.sqrt(Q.shape[1])", "torch": "Q.shape[1] ** 0.5"}[library] if bench.scaled else "1"
    tables = {"Q": bench.queries, "K": bench.keys, "V": bench.values}
    lines = [IMPORTS[library], ""]
    lines += [f"{name} = {array_of(table, library)}" for name, table in tables.items()]
    lines.append(f"visible = {mask_of(bench.visible().tolist(), library)}")
    lines.append(f"divisor = {root}" + (f" * {bench.temperature:g}" if bench.temperature != 1 else ""))
    return "\n".join(lines)


def array_of(table: tuple[tuple[float, ...], ...], library: str) -> str:
    """A table as code."""
    return {"numpy": "np.array({})", "torch": "torch.tensor({}, dtype=torch.double)"}[library].format(_rows(table))


def mask_of(visible: list[list[bool]], library: str) -> str:
    """Which key each query may read, as code."""
    return {"numpy": "np.array({})", "torch": "torch.tensor({})"}[library].format(visible)


def _rows(table: tuple[tuple[float, ...], ...]) -> str:
    return (
        "["
        + ", ".join(
            "[" + ", ".join(f"{number:g}." if number % 1 == 0 else repr(number) for number in row) + "]"
            for row in table
        )
        + "]"
    )


def notebook(bench: Bench, titles: Mapping[str, str], library: str = "numpy") -> str:
    """All steps of a bench as a notebook file, a title before each.

    Source  nbformat 4.5, the format of Jupyter notebooks.
    """
    code = {step: f"{CODE[library][step]}\n{step}" for step in STEPS}
    return steps_as_notebook(given(bench, library), code | ({"whole": WHOLE} if library == "torch" else {}), titles)


def steps_as_notebook(start: str, code: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """Steps as a notebook file: what they start from, then each of them, after its title where it has one.

    Source  nbformat 4.5, the format of Jupyter notebooks.
    """
    cells = [_markdown("title", titles["title"]), _code("given", start)]
    for step, lines in code.items():
        cells += [_markdown(f"on-{step}", titles[step])] if step in titles else []
        cells.append(_code(step, lines))
    return _file(cells)


def notebook_of(mistake: Mistake, title: str) -> str:
    """Both ways of a mistake as a notebook file, with what they are given and what gives the wrong one away.

    Source  nbformat 4.5, the format of Jupyter notebooks.
    """
    tables = [f"{name} = np.array({table.tolist()})" for name, table in mistake.given.items()]
    cells = [_markdown("title", f"# {title}"), _code("given", "\n".join(["import numpy as np", "", *tables]))]
    sign = inspect.getsource(mistake.sign).replace(": Table", "").replace(" -> float", "")
    cells.append(_code("sign", sign.strip()))
    for name, way, source in zip(("wrong", "right"), (mistake.wrong, mistake.right), mistake.sources(), strict=True):
        call = f"{way.__name__}({', '.join(mistake.given)})"
        cells.append(_code(name, f"{source}\n\nprint({call})\n{mistake.sign.__name__}({call})"))
    return _file(cells)


def _file(cells: list[dict[str, object]]) -> str:
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False)


def _markdown(name: str, text: str) -> dict[str, object]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def _code(name: str, text: str) -> dict[str, object]:
    return {"cell_type": "code", "id": name, "metadata": {}, "execution_count": None, "outputs": [], "source": text}
