"""Axes and inputs of every kind, and layers of windows, through a file; and files that lie about them."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file

from attnviz.axes import Axis, Joined, Named, Patches
from attnviz.errors import AttnvizError, RecordError
from attnviz.inputs import (
    Candidate,
    Chat,
    Generated,
    Input,
    Picture,
    PictureAndText,
    Sound,
    SoundAndText,
    Text,
    TextPair,
    Turn,
)
from attnviz.record import AttentionRecord, Grouped, KeptLayer, ModelFacts, Visibility, WindowedLayer
from tests.record.conftest import random_layer
from tests.record.test_file import header_of, rewritten, signed
from tests.record.test_golden import FRAMES, KINDS, PATCHES, WORDS

PICTURE = Picture((2, 3), bytes(range(18)))
SOUND = Sound(16000, np.array([0.5, -1, 1], np.float32).tobytes())
TALK = Chat((Turn("system", ""), Turn("user", "猫")))
INPUTS: tuple[Input, ...] = (
    Text(""),
    TextPair("a", "b"),
    TALK,
    Chat(()),
    PICTURE,
    SOUND,
    PictureAndText(PICTURE, "what?"),
    SoundAndText(SOUND, "hm"),
    Generated(PictureAndText(PICTURE, ""), (1, 2)),
    Generated(SOUND, (0, 99), ((Candidate("<", 1.0),), ())),
    Generated(TextPair("a", "b"), ()),
)
AXES: tuple[Axis, ...] = (
    WORDS,
    PATCHES,
    FRAMES,
    Named(("query 0", "query 1")),
    Joined((WORDS, PATCHES, Joined((Named(("end",)), FRAMES)))),
)


def through(record: AttentionRecord, folder: Path) -> AttentionRecord:
    record.save(folder / "record")
    return AttentionRecord.open(folder / "record")


def even(queries: Axis, keys: Axis) -> KeptLayer:
    weights = np.full((1, len(queries), len(keys)), 1 / len(keys), np.float32)
    return KeptLayer(queries, keys, weights, Visibility.full(*weights.shape[1:]))


@pytest.mark.parametrize("said", INPUTS, ids=lambda said: type(said).__name__)
def test_what_was_given_comes_back_as_it_went_in(record: AttentionRecord, tmp_path: Path, said: Input):
    assert through(replace(record, given=said), tmp_path).given == said


@pytest.mark.parametrize("queries", AXES, ids=lambda axis: type(axis).__name__)
@pytest.mark.parametrize("keys", AXES, ids=lambda axis: type(axis).__name__)
def test_axes_come_back_as_they_went_in(record: AttentionRecord, tmp_path: Path, queries: Axis, keys: Axis):
    layer = through(replace(record, layers={"self": (even(queries, keys),)}), tmp_path).layer("self", 0)
    assert (layer.queries, layer.keys) == (queries, keys)


def test_a_layer_of_windows_comes_back_bit_for_bit(tmp_path: Path):
    first = AttentionRecord.open(KINDS["picture"])
    second = through(first, tmp_path)
    own, other = (record.layer("image", 0) for record in (first, second))
    assert isinstance(other, WindowedLayer)
    np.testing.assert_array_equal(own.weights(), other.weights())
    np.testing.assert_array_equal(own.visible.groups, other.visible.groups)
    assert first.nbytes == second.nbytes


def test_groups_come_back_as_they_went_in(record: AttentionRecord, tmp_path: Path):
    groups = Grouped(5, np.array([0, 1, 0, 1, 1], np.int32))
    layer = random_layer(5, 5, visible=groups)
    opened = through(replace(record, layers={"self": (layer,)}), tmp_path).layer("self", 0)
    assert isinstance(opened.visible, Grouped)
    np.testing.assert_array_equal(opened.weights(), layer.weights())


def test_a_large_grid_that_forty_layers_share_is_written_once(tmp_path: Path):
    cells = range(37 * 37)
    labels = tuple(f"row {cell // 37}, column {cell % 37}" for cell in cells)
    grid = replace(PATCHES, grid=(37, 37), labels=labels, cells=tuple(cells))
    probe, queries = Named(("probe",)), np.ones((1, 1, 2), np.float32)
    keys = np.ones((1, len(grid), 2), np.float32)
    layer = replace(random_layer(1, 2), queries=probe, keys=probe, q=queries, k=queries, visible=Visibility.full(1, 1))
    wide = replace(layer, keys=grid, k=keys, visible=Visibility.full(1, len(grid)))
    again = replace(wide, keys=replace(grid))  # equal, and not the same
    AttentionRecord(ModelFacts("toy"), PICTURE, {"image": (wide,)}).save(tmp_path / "one")
    AttentionRecord(ModelFacts("toy"), PICTURE, {"image": (wide, again) * 20}).save(tmp_path / "forty")
    assert len(header_of(tmp_path / "forty")) < len(header_of(tmp_path / "one")) + 39 * 250
    assert AttentionRecord.open(tmp_path / "forty").layer("image", 39).keys == grid


def facts_of(path: Path) -> dict[str, Any]:
    return json.loads(header_of(path))


def patches(facts: dict[str, Any]) -> dict[str, Any]:
    return next(axis for axis in facts["axes"] if axis["kind"] == "patches")


def frames(facts: dict[str, Any]) -> dict[str, Any]:
    return next(axis for axis in facts["axes"] if axis["kind"] == "frames")


def joined(facts: dict[str, Any]) -> dict[str, Any]:
    return next(axis for axis in facts["axes"] if axis["kind"] == "joined")


def arrays(facts: dict[str, Any], stack: str) -> dict[str, str]:
    return facts["stacks"][stack][0]["arrays"]


def mask(facts: dict[str, Any]) -> dict[str, Any]:
    return facts["stacks"]["text"][0]["mask"]


def deep(facts: dict[str, Any]) -> None:
    for _ in range(9):
        joined(facts)["parts"] = [{"kind": "joined", "parts": joined(facts)["parts"]}]


Lie = Callable[[dict[str, Any]], Any]
LIES: dict[str, dict[str, Lie]] = {
    "picture": {
        "no pixels": lambda facts: facts["given"]["picture"].pop("rgb"),
        "pixels that are weights": lambda facts: facts["given"]["picture"].update(rgb="image.0.kept"),
        "pixels that are not there": lambda facts: facts["given"]["picture"].update(rgb="x"),
        "a picture in a picture": lambda facts: facts["given"].update(picture=dict(facts["given"])),
        "a text of number": lambda facts: facts["given"].update(text=1),
        "a picture without a kind": lambda facts: facts["given"].pop("kind"),
        "a grid of 10**18 cells": lambda facts: patches(facts).update(grid=[10**9, 10**9]),
        "a grid of a million squared": lambda facts: patches(facts).update(grid=[2**20, 2**20]),
        "a grid of nothing": lambda facts: patches(facts).update(grid=[0, 3]),
        "a grid of fractions": lambda facts: patches(facts).update(grid=[2.0, 3.0]),
        "a grid too small": lambda facts: patches(facts).update(grid=[1, 3]),
        "a grid of one number": lambda facts: patches(facts).update(grid=[6]),
        "a cell of -1": lambda facts: patches(facts)["cells"].__setitem__(1, -1),
        "a cell of True": lambda facts: patches(facts)["cells"].__setitem__(1, True),
        "a cell too few": lambda facts: patches(facts)["cells"].pop(),
        "patches of nothing": lambda facts: patches(facts).update(patch=[0, 2]),
        "patches of infinity": lambda facts: patches(facts).update(patch=[1e999, 2]),
        "a picture seen of no pixel": lambda facts: patches(facts)["geometry"].update(seen=[0, 4]),
        "a picture as wide as a town": lambda facts: patches(facts)["geometry"].update(resized=[1, 2**21]),
        "a picture moved out of sight": lambda facts: patches(facts)["geometry"].update(offset=[2**40, 0]),
        "a picture moved by a half": lambda facts: patches(facts)["geometry"].update(offset=[0.5, 0]),
        "no geometry": lambda facts: patches(facts).pop("geometry"),
        "an axis of no kind": lambda facts: patches(facts).update(kind="pixels"),
        "an axis that is a list": lambda facts: facts["axes"].__setitem__(0, []),
        "axes joined too deeply": deep,
        "axes joined to a number": lambda facts: joined(facts).update(parts=[1]),
        "a part too few": lambda facts: joined(facts)["parts"].pop(),
        "windows without weights": lambda facts: arrays(facts, "image").pop("kept"),
        "windows that are weights": lambda facts: arrays(facts, "image").update(where="image.0.kept"),
        "windows with queries": lambda facts: arrays(facts, "image").update(q="text.0.q"),
        "weights without windows": lambda facts: arrays(facts, "image").pop("where"),
        "groups that are windows": lambda facts: mask(facts)["arrays"].update(groups="image.0.where"),
        "groups of more positions": lambda facts: mask(facts).update(keys=11),
        "groups and stretches": lambda facts: mask(facts)["arrays"].update(low="cross.0.mask.low"),
    },
    "sound": {
        "no rate": lambda facts: facts["given"]["sound"].pop("rate"),
        "a rate of 0": lambda facts: facts["given"]["sound"].update(rate=0),
        "a rate of 10**12": lambda facts: facts["given"]["sound"].update(rate=10**12),
        "samples that are weights": lambda facts: facts["given"]["sound"].update(wave="cross.0.kept"),
        "a sound that never ends": lambda facts: frames(facts).update(seconds=1e9),
        "a sound of -1 seconds": lambda facts: frames(facts).update(seconds=-1),
        "a frame that runs backwards": lambda facts: frames(facts)["spans"].__setitem__(1, [0.5, 0.25]),
        "a frame before the start": lambda facts: frames(facts)["spans"].__setitem__(1, [-0.5, 0.25]),
        "a frame of three ends": lambda facts: frames(facts)["spans"].__setitem__(1, [0, 1, 2]),
        "a frame of no end": lambda facts: frames(facts)["spans"].__setitem__(1, []),
        "a frame too few": lambda facts: frames(facts)["spans"].pop(),
        "a band that runs backwards": lambda facts: frames(facts)["bands"].__setitem__(1, [16, 0]),
        "a band of halves": lambda facts: frames(facts)["bands"].__setitem__(1, [0, 0.5]),
        "a band of a billion": lambda facts: frames(facts)["bands"].__setitem__(1, [0, 10**9]),
    },
    "chat": {
        "a turn of one word": lambda facts: facts["given"]["given"]["turns"].append(["user"]),
        "a turn of numbers": lambda facts: facts["given"]["given"]["turns"].append([1, 2]),
        "written to what was written": lambda facts: facts["given"].update(given=dict(facts["given"])),
        "a token of -1": lambda facts: facts["given"].update(ids=[-1, 0]),
        "a token of 2**31": lambda facts: facts["given"].update(ids=[2**31, 0]),
        "candidates for one token of two": lambda facts: facts["given"]["candidates"].pop(),
        "a probability of 2": lambda facts: facts["given"]["candidates"][0].append(["x", 2]),
        "a probability of text": lambda facts: facts["given"]["candidates"][0].append(["x", "1"]),
        "a candidate without a label": lambda facts: facts["given"]["candidates"][0].append([0.5]),
        "half a pair": lambda facts: facts.update(given={"kind": "pair", "first": "a"}),
    },
}


@pytest.mark.parametrize(("kind", "lie"), [(kind, lie) for kind, lies in LIES.items() for lie in lies])
def test_a_header_that_lies_is_refused(tmp_path: Path, kind: str, lie: str):
    path = tmp_path / kind
    path.write_bytes(KINDS[kind].read_bytes())
    with pytest.raises(RecordError):
        AttentionRecord.open(rewritten(path, LIES[kind][lie]))


@pytest.mark.parametrize("broken", [np.zeros(6), np.zeros((2, 3), np.float32), np.array([np.nan], np.float32)])
def test_samples_that_are_none_are_refused(tmp_path: Path, broken: np.ndarray):
    tensors = load_file(KINDS["sound"]) | {"given.wave": broken}
    with pytest.raises(RecordError, match="row of float32"):
        AttentionRecord.open(signed(tmp_path / "sound", header_of(KINDS["sound"]), tensors))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_forged_file_opens_or_is_refused_but_never_crashes(tmp_path: Path, kind: str, data: st.DataObject):
    header, tensors = list(header_of(KINDS[kind])), load_file(KINDS[kind])
    for _ in range(data.draw(st.integers(0, 3))):
        header[data.draw(st.integers(0, len(header) - 1))] = data.draw(st.characters(codec="utf-8"))
    for _ in range(data.draw(st.integers(0, 3))):
        own = tensors[data.draw(st.sampled_from(sorted(tensors)))].view(np.uint8).reshape(-1)
        own[data.draw(st.integers(0, len(own) - 1))] = data.draw(st.integers(0, 255))
    try:
        opened = AttentionRecord.open(signed(tmp_path / "forged", "".join(header), tensors))
        for stack in opened.stacks:
            opened.map(stack, 0, 0)
            opened.tile(stack, 0, 1)
        assert opened.report.stacks
    except AttnvizError:
        pass


@pytest.mark.parametrize(
    ("said", "axis"),
    [
        (Generated(Text(""), (2**31,)), WORDS),
        (Generated(Text(""), (1, 2), ((),)), WORDS),
        (Generated(Text(""), (1,), ((Candidate("a", 1.5),),)), WORDS),
        (Sound(0, SOUND.wave), WORDS),
        (Sound(16000, b""), WORDS),
        (Sound(16000, np.array([np.inf], np.float32).tobytes()), WORDS),
        (Picture((0, 3), b""), WORDS),
        (Text(""), replace(PATCHES, patch=(0.0, 1.0))),
        (Text(""), replace(FRAMES, seconds=-1.0)),
        (Text(""), Joined((Joined((Joined((Joined((Joined((WORDS,)),)),)),)),))),
        (Text(""), ("a", "b")),
    ],
)
def test_what_would_not_be_read_again_is_not_written(record: AttentionRecord, tmp_path: Path, said: Input, axis: Axis):
    layers = {"self": (even(axis, axis),)}
    with pytest.raises(RecordError):
        AttentionRecord(record.model, said, layers).save(tmp_path / "never")
    assert not list(tmp_path.iterdir())


def test_a_grid_larger_than_its_positions_may_be_drawn(record: AttentionRecord, tmp_path: Path):
    sparse: Patches = replace(PATCHES, grid=(1000, 1000))
    assert through(replace(record, layers={"self": (even(sparse, sparse),)}), tmp_path).layer("self", 0).keys == sparse
