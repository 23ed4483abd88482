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
CODE = MappingProxyType({"numpy": NUMPY, "torch": TORCH})
WHOLE = """# The same in one call; PyTorch's own kernel, for tables of any size.
torch.nn.functional.scaled_dot_product_attention(Q, K, V, attn_mask=visible, scale=1 / divisor)"""


def given(bench: Bench, library: str) -> str:
    """The tables of a bench as code: what the code of the steps starts from."""
    array = {"numpy": "np.array({})", "torch": "torch.tensor({}, dtype=torch.double)"}[library]
    mask = {"numpy": "np.array({})", "torch": "torch.tensor({})"}[library]
    root = {"numpy": "np.sqrt(Q.shape[1])", "torch": "Q.shape[1] ** 0.5"}[library] if bench.scaled else "1"
    lines = ["import numpy as np" if library == "numpy" else "import torch", ""]
    for name, table in (("Q", bench.queries), ("K", bench.keys), ("V", bench.values)):
        lines.append(f"{name} = {array.format(_rows(table))}")
    lines.append(f"visible = {mask.format(bench.visible().tolist())}")
    lines.append(f"divisor = {root}" + (f" * {bench.temperature:g}" if bench.temperature != 1 else ""))
    return "\n".join(lines)


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
    cells = [_markdown("title", titles["title"]), _code("given", given(bench, library))]
    for step in STEPS:
        cells += [_markdown(f"on-{step}", titles[step]), _code(step, f"{CODE[library][step]}\n{step}")]
    if library == "torch":
        cells.append(_code("whole", WHOLE))
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
