"""Maps small enough to read."""

import shutil
from collections.abc import Sequence

import numpy as np
import pytest

from attnviz.axes import Tokens
from attnviz.record import AttentionMap, ScoreMap


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Start the system's own Chromium; Playwright's download is not needed."""
    return {"executable_path": shutil.which("chromium") or shutil.which("google-chrome"), "args": ["--no-sandbox"]}


def named(labels: Sequence[str]) -> Tokens:
    """Name positions by these labels; where they lie in a text does not matter to a figure."""
    count = len(labels)
    return Tokens("", tuple(labels), tuple(labels), (None,) * count, (False,) * count, (None,) * count)


@pytest.fixture
def reads() -> AttentionMap:
    """Two queries over three keys, of which two are spelt alike."""
    weights = np.array([[0.69, 0.31, 0], [0.25, 0.25, 0.5]])
    return AttentionMap(weights, named(["it", "reads"]), named(["the", "model", "the"]))


@pytest.fixture
def scored() -> ScoreMap:
    """Numbers that are no weights: negative, and of two rows that share nothing."""
    return ScoreMap(np.array([[-2.5, 4.0]]), named(["it"]), named(["the", "model"]), unit="nats")


@pytest.fixture
def hostile() -> AttentionMap:
    """Labels that Plotly or a spreadsheet would take for something else."""
    labels = ["<b>bold</b>", "&lt;", "$x$", "a<br>b", "%{x}", "=1+2", "<img src=x onerror=alert(1)>", "\n"]
    return AttentionMap(np.eye(len(labels)), named(labels), named(labels))
