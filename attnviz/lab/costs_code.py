"""What attention costs as code that runs: counted from sizes, and measured on a clock."""

from collections.abc import Mapping
from types import MappingProxyType

from attnviz.lab.code import IMPORTS, steps_as_notebook
from attnviz.lab.costs import BYTES
from attnviz.lab.costs_bench import CostBench

STEPS = ("memory", "operations", "measured")
_NAMES = {"memory": "maps, kept", "operations": "pairs, projections", "measured": "seconds"}
MEASURED_TOKENS, MEASURED_WIDTH = 512, 64  # of the code that is timed
_COUNTED = {
    "memory": "maps = batch * layers * heads * n**2 * size\nkept = batch * layers * n * (d + shared) * size",
    "operations": "pairs = batch * layers * 4 * n**2 * d\nprojections = batch * layers * 4 * n * d * (d + shared)",
}
CODE: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "numpy": _COUNTED
        | {
            "measured": "begun = perf_counter()\n"
            "scores = q @ k.T / q.shape[1] ** 0.5\n"
            "raised = np.exp(scores - scores.max(axis=1, keepdims=True))\n"
            "output = raised / raised.sum(axis=1, keepdims=True) @ v\n"
            "seconds = perf_counter() - begun"
        },
        "torch": _COUNTED
        | {
            "measured": "begun = perf_counter()\n"
            "output = (q @ k.mT / q.shape[1] ** 0.5).softmax(dim=1) @ v\n"
            "seconds = perf_counter() - begun"
        },
    }
)


def given(bench: CostBench, library: str) -> str:
    """What the code of the steps starts from."""
    shape = bench.shape
    random = {
        "numpy": "np.random.default_rng(0).normal(size=(3, {}, {}))",
        "torch": "torch.randn(3, {}, {})",
    }[library].format(MEASURED_TOKENS, MEASURED_WIDTH)
    return "\n".join(
        [
            "from time import perf_counter",
            "",
            IMPORTS[library],
            "",
            f"n, d, layers, heads, batch = {shape.tokens}, {shape.width}, {shape.layers}, {shape.heads}, {shape.batch}",
            f"shared = {shape.key_heads * shape.head_width}  # numbers of the keys of a token",
            f"size = {BYTES[bench.dtype]}  # bytes of a {bench.dtype}",
            f"q, k, v = {random}",
        ]
    )


def notebook(bench: CostBench, titles: Mapping[str, str], library: str) -> str:
    """What is counted and what is timed as a notebook file, a title before each."""
    steps = {step: f"{lines}\n{_NAMES[step]}" for step, lines in CODE[library].items()}
    return steps_as_notebook(given(bench, library), steps, titles)
