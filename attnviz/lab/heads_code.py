"""Each step of several heads as code that runs: in NumPy, in PyTorch, and all of them as a notebook."""

from collections.abc import Mapping
from types import MappingProxyType

from attnviz.lab.code import IMPORTS, array_of, mask_of, steps_as_notebook
from attnviz.lab.heads_bench import TITLES, Heads

_SPLIT = """def split(rows, parts):
    return rows.reshape(len(rows), parts, -1).swapaxes(0, 1)

group = heads // key_heads
Q_h = split(Q, heads)
K_h, V_h = ({} for each in (K, V))"""

NUMPY: Mapping[str, str] = MappingProxyType(
    {
        "vectors": "Q = X @ W_Q\nK, V = Y @ W_K, Y @ W_V",
        "split": _SPLIT.format("np.repeat(split(each, key_heads), group, axis=0)"),
        "scores": "scores = Q_h @ K_h.swapaxes(1, 2) / np.sqrt(Q_h.shape[2])\n"
        "scores = np.where(visible, scores, -np.inf)",
        "weights": "raised = np.exp(scores - scores.max(axis=2, keepdims=True))\n"
        "weights = raised / raised.sum(axis=2, keepdims=True)",
        "found": "found = weights @ V_h",
        "joined": "joined = found.swapaxes(0, 1).reshape(len(Q), -1)",
        "output": "output = joined @ W_O",
    }
)
TORCH: Mapping[str, str] = MappingProxyType(
    dict(NUMPY)
    | {
        "split": _SPLIT.format("split(each, key_heads).repeat_interleave(group, dim=0)"),
        "scores": "scores = Q_h @ K_h.mT / Q_h.shape[2] ** 0.5\nscores = scores.masked_fill(~visible, -torch.inf)",
        "weights": "weights = scores.softmax(dim=2)",
    }
)
CODE: Mapping[str, Mapping[str, str]] = MappingProxyType({"numpy": NUMPY, "torch": TORCH})
NAMED: Mapping[str, str] = MappingProxyType(
    {"vectors": "Q", "split": "Q_h"} | {name: name for name in ("scores", "weights", "found", "joined", "output")}
)
WHOLE = """# All heads in one call; PyTorch's own kernel, for tables of any size.
torch.nn.functional.scaled_dot_product_attention(Q_h, K_h, V_h, attn_mask=visible)"""


def given(bench: Heads, library: str) -> str:
    """What the code of the steps starts from."""
    lines = [IMPORTS[library], ""]
    lines += [f"{TITLES[name]} = {array_of(table, library)}" for name, table in bench.tables.items()]
    lines += ["Y = X"] if "x" in bench.tables and "y" not in bench.tables else []
    lines.append(f"heads, key_heads = {bench.heads}, {bench.key_heads}")
    lines.append(f"visible = {mask_of(bench.visible.tolist(), library)}")
    return "\n".join(lines)


def notebook(bench: Heads, titles: Mapping[str, str], library: str) -> str:
    """All steps of several heads as a notebook file, a title before each."""
    code = {step: f"{CODE[library][step]}\n{NAMED[step]}" for step in bench.steps}
    return steps_as_notebook(given(bench, library), code | ({"whole": WHOLE} if library == "torch" else {}), titles)
