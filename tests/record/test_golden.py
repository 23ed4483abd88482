"""A file of every schema that ever was opens for ever, on a machine that has neither torch nor transformers."""

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from attnviz.record import AttentionRecord
from attnviz.record.file import SCHEMAS

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("golden")
FILES = {schema: GOLDEN / f"schema-{schema}.attn.safetensors" for schema in SCHEMAS}

# What the query "the" gives to each key in the third head.
ROWS = [
    [0.173735, 0.271029, 0, 0.236348, 0.318889],  # a soft-cap, and a mask with holes
    [0.136837, 0.236003, 0, 0.251602, 0.375558],  # bfloat16, and a bias
    [0.363127, 0.568350, 0, 0, 0, 0.068524],  # float16, causal, and a sink
    [0.5, 0.5, 0, 0, 0],  # weights themselves
]

BLOCKED = """
import sys
ABSENT = {"torch", "transformers", "pandas", "streamlit"}
class Blocked:
    @staticmethod
    def find_spec(name, *_):
        if name.split(".")[0] in ABSENT:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocked)
import attnviz
record = attnviz.AttentionRecord.open(sys.argv[1])
print(sorted(ABSENT & set(sys.modules)), record.tile("self", 0, 2).shape)
"""


def test_every_schema_has_a_golden_file_of_a_few_kilobytes():
    assert sorted(GOLDEN.iterdir()) == sorted(FILES.values())
    assert all(path.stat().st_size < 8000 for path in FILES.values())


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_golden_file_opens_on_the_numbers_it_was_saved_with(schema: int):
    record = AttentionRecord.open(FILES[schema])
    assert (record.model.name, record.model.sha256, record.given.text) == ("toy", "ab" * 32, "The 猫 sat")
    assert record.stacks == {"self": {1: 3, 2: 4}[schema]}
    assert (record.model.rotary, record.model.left_out) == {1: (None, ()), 2: (True, ((4, "mamba"),))}[schema]
    for layer in range(record.stacks["self"]):
        np.testing.assert_allclose(record.row("self", layer, 2, query=1), ROWS[layer], rtol=0, atol=1e-6)
    axis = record.layer("self", 0).queries
    assert (list(axis), axis.spans[2], axis.words[3]) == (["[CLS]", "the", "猫", "sat", "[SEP]"], (4, 5), 2)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_golden_file_says_its_schema(schema: int):
    raw = FILES[schema].read_bytes()
    header = raw[8 : 8 + struct.unpack("<Q", raw[:8])[0]]
    assert f'\\"schema\\": {schema},'.encode() in header


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_record_opens_where_neither_torch_nor_transformers_is_installed(schema: int):
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, FILES[schema]], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] (5, 5)"
