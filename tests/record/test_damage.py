"""Files that break while they are written, and files that were broken on purpose."""

import os
import random
import signal
import struct
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.numpy import save_file

from attnviz.errors import RecordError
from attnviz.record import AttentionRecord
from attnviz.record import file as file_module
from tests.record.conftest import random_layer
from tests.record.test_golden import FILES, KINDS

ROOT = Path(__file__).parents[2]
WHOLE = {path.name: path.read_bytes() for path in (FILES[2], *KINDS.values())}
KILLS = 12
SECONDS = 0.5  # for one file of 4 kB, on a machine at work; it takes about a millisecond
BYTES = 4 * 2**20
REASON = "damaged|changed after|header"

Breaking = Callable[[bytes, random.Random], bytes]

SAVE_FOR_EVER = """
import sys, attnviz
first, second = (attnviz.AttentionRecord.open(path) for path in sys.argv[2:])
while True:
    first.save(sys.argv[1])
    print(flush=True)
    second.save(sys.argv[1])
"""


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_the_old_record_or_the_new(tmp_path: Path):
    path, chance = tmp_path / "record", random.Random(0)
    for kill in range(KILLS):
        both = FILES[1], list(KINDS.values())[kill % len(KINDS)]
        command = [sys.executable, "-c", SAVE_FOR_EVER, path, *both]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as saving:
            assert saving.stdout is not None
            saving.stdout.readline()
            time.sleep(chance.random() / 50)
            saving.send_signal(signal.SIGKILL)
        assert AttentionRecord.open(path).given in [AttentionRecord.open(each).given for each in both]
    for part in (*tmp_path.glob(".record.*.part/*"), *tmp_path.glob(".record.*.part")):
        os.utime(part, (0, 0))
    AttentionRecord.open(path).save(path)
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_kill_left_is_cleared_an_hour_later_by_who_saves_under_that_name(record, tmp_path: Path):
    made = {
        f".record.{'a' * 32}.part": (3700, 3700),
        f".record.{'b' * 32}.part": (3500, 3700),
        f".record.{'c' * 32}.part": (3700, 3500),  # somebody is still writing in it
        f".another.{'a' * 32}.part": (3700, 3700),
        f".record.{'a' * 31}.part": (3700, 3700),
        ".record.part": (3700, 3700),
    }
    for name, (age, age_within) in made.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / ".tmp").touch()
        os.utime(tmp_path / name / ".tmp", (time.time() - age_within,) * 2)
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    record.save(tmp_path / "record")
    assert {path.name for path in tmp_path.iterdir()} == {"record", *list(made)[1:]}


def truncated(whole: bytes, chance: random.Random) -> bytes:
    return whole[: chance.randrange(len(whole))]


def lengthened(whole: bytes, chance: random.Random) -> bytes:
    return whole + chance.randbytes(chance.randint(1, 100))


def header_length(whole: bytes) -> int:
    return struct.unpack("<Q", whole[:8])[0]


def length_changed(whole: bytes, chance: random.Random) -> bytes:
    return struct.pack("<Q", header_length(whole) ^ 1 << chance.randrange(64)) + whole[8:]


def header_cut_out(whole: bytes, chance: random.Random) -> bytes:
    length = header_length(whole)
    start = chance.randrange(8, 8 + length)
    stop = chance.randint(start + 1, 8 + length)
    return struct.pack("<Q", length - (stop - start)) + whole[8:start] + whole[stop:]


def flipped(whole: bytes, chance: random.Random) -> bytes:
    broken = bytearray(whole)
    for place in chance.sample(range(8, len(whole)), chance.randint(1, 4)):
        broken[place] ^= 1 << chance.randrange(8)
    return bytes(broken)


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("broken", [truncated, lengthened, length_changed, header_cut_out, flipped])
def test_two_hundred_broken_files_are_refused_at_once_and_in_little_memory(tmp_path: Path, broken: Breaking, name: str):
    chance, path = random.Random(broken.__name__), tmp_path / "broken"
    for _ in range(200):
        path.write_bytes(broken(WHOLE[name], chance))
        tracemalloc.start()
        start = time.process_time()
        with pytest.raises(RecordError, match=REASON):
            AttentionRecord.open(path)
        assert time.process_time() - start < SECONDS
        assert tracemalloc.get_traced_memory()[1] < BYTES
        tracemalloc.stop()


def test_layers_that_speak_of_one_array_over_and_over_are_refused(record, tmp_path: Path, monkeypatch):
    layer = random_layer(queries=700, keys=900)
    AttentionRecord(record.model, record.given, {"self": (layer,) * 20}).save(tmp_path / "many")
    AttentionRecord.open(tmp_path / "many")
    monkeypatch.setattr(file_module, "MAX_SPOKEN", 3)
    with pytest.raises(RecordError, match="more than 3 times"):
        AttentionRecord.open(tmp_path / "many")


def test_a_header_too_long_to_be_read_is_neither_written_nor_read(record, tmp_path: Path, monkeypatch):
    record.save(tmp_path / "record")
    monkeypatch.setattr(file_module, "MAX_HEADER_BYTES", 500)
    with pytest.raises(RecordError, match="500 are read"):
        AttentionRecord.open(tmp_path / "record")
    with pytest.raises(RecordError, match="500 are read"):
        record.save(tmp_path / "another")
    assert [path.name for path in tmp_path.iterdir()] == ["record"]


def test_a_long_header_that_is_no_record_is_refused(tmp_path: Path):
    save_file({}, tmp_path / "long", metadata={"attnviz": "[" + "[]," * 2_000_000 + "[]]"})
    with pytest.raises(RecordError):
        AttentionRecord.open(tmp_path / "long")
