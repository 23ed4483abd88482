"""Ways to score as code that runs: in NumPy, in PyTorch, and each way as a notebook."""

from collections.abc import Mapping
from types import MappingProxyType

from attnviz.lab.code import IMPORTS, array_of, steps_as_notebook
from attnviz.lab.scoring_bench import BOUNDS, TITLES, Scoring

ENCODERS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "numpy": {
            "recurrent": "h, states = np.zeros(len(W_h)), []\nfor x in X:\n    h = np.tanh(W_x @ x + W_h @ h)\n"
            "    states.append(h)\nK = V = np.array(states)",
            "convolution": "edge = np.zeros((1, X.shape[1]))\npadded = np.vstack([edge, X, edge])\n"
            "K = V = np.tanh(np.hstack([padded[:-2], padded[1:-1], padded[2:]]) @ C.T)",
        },
        "torch": {
            "recurrent": "h, states = torch.zeros(len(W_h), dtype=torch.double), []\nfor x in X:\n"
            "    h = torch.tanh(W_x @ x + W_h @ h)\n    states.append(h)\nK = V = torch.stack(states)",
            "convolution": "edge = torch.zeros(1, X.shape[1], dtype=torch.double)\n"
            "padded = torch.vstack([edge, X, edge])\n"
            "K = V = torch.tanh(torch.hstack([padded[:-2], padded[1:-1], padded[2:]]) @ C.T)",
        },
    }
)
SCORES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "numpy": {
            "dot": "scores = Q @ K.T",
            "scaled": "scores = Q @ K.T / np.sqrt(Q.shape[1])",
            "general": "scores = Q @ M @ K.T",
            "cosine": "def unit(rows):\n    length = np.linalg.norm(rows, axis=1, keepdims=True)\n"
            "    return rows / np.where(length > 0, length, 1)\n\nscores = unit(Q) @ unit(K).T",
            "additive": "hidden = np.tanh((Q @ W.T)[:, None] + (K @ U.T)[None])\nscores = hidden @ v",
        },
        "torch": {
            "dot": "scores = Q @ K.T",
            "scaled": "scores = Q @ K.T / Q.shape[1] ** 0.5",
            "general": "scores = Q @ M @ K.T",
            "cosine": "scores = torch.cosine_similarity(Q[:, None], K[None], dim=2)",
            "additive": "hidden = torch.tanh((Q @ W.T)[:, None] + (K @ U.T)[None])\nscores = hidden @ v",
        },
    }
)
SHARED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "numpy": {
            "weights": "raised = np.exp(scores - scores.max(axis=1, keepdims=True))\n"
            "weights = raised / raised.sum(axis=1, keepdims=True)",
            "output": "output = weights @ V",
            "pooled": "importance = np.tanh(V @ W_p.T + b_p) @ u_p\nraised = np.exp(importance - importance.max())\n"
            "share = raised / raised.sum()\npooled = share @ V",
        },
        "torch": {
            "weights": "weights = scores.softmax(dim=1)",
            "output": "output = weights @ V",
            "pooled": "importance = torch.tanh(V @ W_p.T + b_p) @ u_p\nshare = importance.softmax(dim=0)\n"
            "pooled = share @ V",
        },
    }
)


def given(bench: Scoring, library: str) -> str:
    """What the code of the steps starts from."""
    lines = [IMPORTS[library], ""]
    for name, table in bench.tables.items():
        row = "[0]" if BOUNDS[name].rows == 1 else ""
        lines.append(f"{TITLES[name]} = {array_of(table, library)}{row}")
    return "\n".join(lines)


def code_of(bench: Scoring, way: str, library: str) -> dict[str, str]:
    """The code of each step in one way to score."""
    keys = {} if bench.source == "given" else {"keys": ENCODERS[library][bench.source]}
    return keys | {"scores": SCORES[library][way]} | dict(SHARED[library])


def notebook(bench: Scoring, titles: Mapping[str, str], library: str) -> str:
    """All steps of the way in view as a notebook file, a title before each."""
    named = {"keys": "K"}
    code = code_of(bench, bench.way, library)
    return steps_as_notebook(
        given(bench, library), {step: f"{lines}\n{named.get(step, step)}" for step, lines in code.items()}, titles
    )
