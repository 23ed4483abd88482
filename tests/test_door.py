"""The public door: what `import attnviz` gives, and what it costs."""

import subprocess
import sys

import pytest

import attnviz

HEAVY = ("torch", "transformers", "streamlit", "plotly", "numpy")


def outside(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_attnviz_imports_nothing_heavy():
    assert outside(f"import sys, attnviz; print([name for name in {HEAVY} if name in sys.modules])") == "[]"


def test_a_record_opens_without_torch():
    names = "attnviz.AttentionRecord, attnviz.AttentionMap, attnviz.Text"
    assert outside(f"import sys, attnviz; {names}; print('torch' in sys.modules)") == "False"


@pytest.mark.parametrize("before", ["", "import attnviz.capture; ", "from attnviz.capture import proof; "])
def test_capture_is_called_whatever_was_imported_before(before: str):
    ask = "print(attnviz.capture(attnviz.load('minilm'), attnviz.Text('a')).stacks)"
    assert outside(f"{before}import attnviz; {ask}") == "{'self': 6}"


def test_every_name_of_the_door_is_there():
    assert set(dir(attnviz)) == set(attnviz.__all__)
    for name in attnviz.__all__:
        assert callable(getattr(attnviz, name)) or name in ("figures", "measures")


def test_the_notebook_example_runs():
    record = attnviz.capture(attnviz.load("minilm"), attnviz.Text("The cat sat on the mat."))
    assert attnviz.measures.rollout(record, "self").weights.shape == (9, 9)
    assert attnviz.figures.heatmap(record.map("self", 2, 7)).data[0].z.shape == (9, 9)
    assert record.tile("self", 2, 7, queries=slice(0, 8), keys=slice(0, 8), shape=(4, 4), pool="max").shape == (4, 4)


def test_a_name_that_is_not_there_is_said_with_those_that_are():
    with pytest.raises(AttributeError, match=r"no 'loads'; it has .*load"):
        attnviz.loads  # noqa: B018
