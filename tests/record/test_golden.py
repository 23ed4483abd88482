"""A file of every schema that ever was opens for ever, on a machine that has neither torch nor transformers."""

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from attnviz.axes import Frames, ImageGeometry, Joined, Named, Patches, Tokens
from attnviz.inputs import Candidate, Chat, Generated, Picture, PictureAndText, Sound, SoundAndText, Turn
from attnviz.record import PADDING, SINK, AttentionRecord, KeptLayer, Layer, WindowedLayer, with_sink
from attnviz.record.file import SCHEMAS

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("golden")
FILES = {schema: GOLDEN / f"schema-{schema}.attn.safetensors" for schema in SCHEMAS}
KINDS = {kind: GOLDEN / f"schema-3-{kind}.attn.safetensors" for kind in ("chat", "picture", "sound")}

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
    assert sorted(GOLDEN.iterdir()) == sorted([*FILES.values(), *KINDS.values()])
    assert all(path.stat().st_size < 8000 for path in GOLDEN.iterdir())


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_golden_file_opens_on_the_numbers_it_was_saved_with(schema: int):
    record = AttentionRecord.open(FILES[schema])
    assert (record.model.name, record.model.sha256, record.given.text) == ("toy", "ab" * 32, "The 猫 sat")
    assert record.stacks == {"self": {1: 3, 2: 4, 3: 4}[schema]}
    told = (None, ()) if schema == 1 else (True, ((4, "mamba"),))
    assert (record.model.rotary, record.model.left_out) == told
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


WORDS = Tokens("a cat", ("a", "cat"), ("a", "Ġcat"), ((0, 1), (2, 5)), (False, False), (0, 1))
PATCHES = Patches(
    geometry=ImageGeometry((4, 6), (8, 12), (1, -1), (6, 9)),
    grid=(2, 3),
    patch=(3.0, 2.5),
    labels=("[CLS]", "r0 c0", "r0 c1", "r0 c2", "r1 c0", "r1 c1", "r1 c2"),
    cells=(None, 0, 1, 2, 3, 4, 5),
)
FRAMES = Frames(0.03, ("[CLS]", "0.00 s", "0.02 s"), (None, (0.0, 0.02), (0.02, 0.04)), (None, (0, 16), (10, 26)))


def rows_of(record: AttentionRecord, query: int = 0) -> dict[str, np.ndarray]:
    return {stack: record.row(stack, 0, 1, query) for stack in record.stacks}


def check_rows(record: AttentionRecord, expected: dict[str, list[float]], query: int = 0) -> None:
    assert record.stacks.keys() == expected.keys()
    for stack, row in rows_of(record, query).items():
        np.testing.assert_allclose(row, expected[stack], rtol=0, atol=1e-6)


def test_the_golden_picture_has_windows_and_a_grid_between_words():
    record = AttentionRecord.open(KINDS["picture"])
    assert record.given == PictureAndText(Picture((4, 6), bytes(range(72))), "a cat")
    image, cross, text = (record.layer(stack, 0) for stack in ("image", "cross", "text"))
    assert (type(image), type(cross), type(text)) == (WindowedLayer, KeptLayer, Layer)
    assert (image.queries, image.keys) == (PATCHES, with_sink(PATCHES, PADDING))
    assert (cross.queries, cross.keys) == (Named(("object 0",)), PATCHES)
    assert text.queries == text.keys == Joined((WORDS, PATCHES, Named(("end",))))
    check_rows(
        record,
        {
            "image": [0.277657, 0.135083, 0, 0, 0.446840, 0, 0, 0.140420],
            "cross": [0.048462, 0.245972, 0.384522, 0.013977, 0.073486, 0.167969, 0.065796],
            "text": [0.129672, 0.313253, 0, 0, 0, 0, 0, 0, 0, 0.557076],
        },
    )


def test_the_golden_sound_has_frames_of_time_and_pitch():
    record = AttentionRecord.open(KINDS["sound"])
    assert record.given == SoundAndText(Sound(200, np.linspace(-1, 1, 6, dtype=np.float32).tobytes()), "a cat")
    assert record.layer("encoder", 0).keys == FRAMES
    assert (record.layer("cross", 0).queries, record.layer("cross", 0).keys) == (WORDS, with_sink(FRAMES, SINK))
    check_rows(record, {"encoder": [0.862789, 0.041696, 0.095515], "cross": [0.028006, 0.311554, 0.159904, 0.500535]})


def test_the_golden_chat_has_what_was_written_and_what_might_have_been():
    record = AttentionRecord.open(KINDS["chat"])
    candidates = ((Candidate("a", 0.5), Candidate("the", 0.25)), (Candidate("cat", 1.0),))
    assert record.given == Generated(Chat((Turn("user", "猫?"), Turn("assistant", ""))), (5, 7), candidates)
    check_rows(record, {"self": [0.792105, 0.207895]}, query=1)
