import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from attnviz.errors import AttnvizError, RecordError
from attnviz.inputs import Text
from attnviz.record import AttentionRecord, KeptLayer, ModelFacts, Visibility
from attnviz.record import file as file_module
from attnviz.record.file import DIGEST, ENTRY
from tests.record.conftest import random_layer

HOLES = Visibility.from_mask(np.eye(5, 8, dtype=bool)[None] | (np.arange(8) == 6))
FACTS = ModelFacts("toy 猫", "abc", "f" * 64, "bert", 3, 4, "float32", "a note")


@pytest.fixture
def rich() -> AttentionRecord:
    """Everything that a layer can hold, and a mask that two layers share."""
    sinks, bias = np.arange(4, dtype=np.float32), np.ones((1, 5, 8), np.float32)
    third = random_layer(sinks=sinks, visible=Visibility.causal(5, 8))
    layers = (
        random_layer(visible=HOLES, softcap=0.1 + 0.2),
        random_layer(visible=HOLES, bias=bias, scaling=1 / 3),
        third,
        KeptLayer(third.queries, third.keys, third.weights().astype(np.float16), third.visible),
    )
    return AttentionRecord(FACTS, Text("a 猫\n\x00"), {"self": layers})


@pytest.fixture
def saved(rich: AttentionRecord, tmp_path: Path) -> Path:
    rich.save(tmp_path / "rich")
    return tmp_path / "rich"


def test_a_record_opens_bit_for_bit(rich: AttentionRecord, saved: Path):
    opened = AttentionRecord.open(saved)
    assert (opened.model, opened.given, opened.nbytes) == (rich.model, rich.given, rich.nbytes)
    for first, second in zip(rich.layers["self"], opened.layers["self"], strict=True):
        assert (first.queries, first.keys) == (second.queries, second.keys)
        for rule in ("scaling", "softcap"):
            assert getattr(first, rule, None) == getattr(second, rule, None)
        assert first.arrays.keys() == second.arrays.keys()
        assert first.visible.arrays.keys() == second.visible.arrays.keys()
        for name, array in (first.arrays | first.visible.arrays).items():
            np.testing.assert_array_equal(array, (second.arrays | second.visible.arrays)[name])
        np.testing.assert_array_equal(first.weights(), second.weights())


def test_an_opened_record_cannot_be_written_to(saved: Path):
    layer = AttentionRecord.open(saved).layer("self", 0)
    for array in (*layer.arrays.values(), *layer.visible.arrays.values()):
        assert not array.flags.writeable


def test_saving_over_a_record_replaces_it_and_leaves_nothing_else(record: AttentionRecord, saved: Path):
    record.save(saved)
    assert AttentionRecord.open(saved).model.name == "toy"
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_save_that_fails_leaves_the_old_record(record, saved: Path, monkeypatch: pytest.MonkeyPatch):
    before = saved.read_bytes()
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        record.save(saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_record_larger_than_allowed_is_refused_with_both_numbers(saved: Path):
    with pytest.raises(RecordError, match=r"1,000 are allowed"):
        AttentionRecord.open(saved, max_bytes=1000)


def test_no_record_at_all_is_said_so(tmp_path: Path):
    with pytest.raises(RecordError, match="no record at"):
        AttentionRecord.open(tmp_path / "none")
    with pytest.raises(RecordError, match="no record at"):
        AttentionRecord.open(tmp_path)


def test_a_file_cut_off_anywhere_is_refused(saved: Path):
    whole = saved.read_bytes()
    for length in [0, 7, 8, 9, 100, len(whole) // 2, len(whole) - 1]:
        saved.write_bytes(whole[:length])
        with pytest.raises(RecordError, match="damaged"):
            AttentionRecord.open(saved)


def signed(path: Path, header: str, tensors: dict[str, np.ndarray]) -> Path:
    """Write a file as whoever knows the format could: whatever it says, its digest fits."""
    save_file(tensors, path, metadata={ENTRY: header, DIGEST: file_module._digest(header, tensors)})
    return path


def header_of(path: Path) -> str:
    with safe_open(path, framework="numpy") as opened:
        return opened.metadata()[ENTRY]


def rewritten(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Change the header's JSON and leave the tensors as they are."""
    facts = json.loads(header_of(path))
    change(facts)
    return signed(path, json.dumps(facts), load_file(path))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_forged_file_opens_or_is_refused_but_never_crashes(saved: Path, data: st.DataObject):
    header, tensors = list(header_of(saved)), load_file(saved)
    for _ in range(data.draw(st.integers(0, 3))):
        header[data.draw(st.integers(0, len(header) - 1))] = data.draw(st.characters(codec="utf-8"))
    for _ in range(data.draw(st.integers(0, 3))):
        own = tensors[data.draw(st.sampled_from(sorted(tensors)))].view(np.uint8).reshape(-1)
        own[data.draw(st.integers(0, len(own) - 1))] = data.draw(st.integers(0, 255))
    try:
        opened = AttentionRecord.open(signed(saved.with_name("forged"), "".join(header), tensors))
        for stack, layers in opened.stacks.items():
            for layer in range(layers):
                opened.map(stack, layer, 0)
                opened.tile(stack, layer, 1)
    except AttnvizError:
        pass


def layer(facts: dict[str, Any]) -> dict[str, Any]:
    return facts["stacks"]["self"][0]


LIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another schema": lambda facts: facts.update(schema=4),
    "no schema": lambda facts: facts.pop("schema"),
    "no stacks": lambda facts: facts.update(stacks={}),
    "stacks that are a list": lambda facts: facts.update(stacks=[]),
    "an empty stack": lambda facts: facts["stacks"].update(self=[]),
    "a layer that is a number": lambda facts: facts["stacks"].update(self=[1]),
    "an axis that is not there": lambda facts: layer(facts).update(queries=9),
    "a negative axis": lambda facts: layer(facts).update(queries=-1),
    "axes swapped": lambda facts: layer(facts).update(queries=layer(facts)["keys"], keys=layer(facts)["queries"]),
    "a tensor that is not there": lambda facts: layer(facts)["arrays"].update(q="nobody"),
    "no keys": lambda facts: layer(facts)["arrays"].pop("k"),
    "q and k swapped": lambda facts: layer(facts).update(arrays={"q": "self.0.k", "k": "self.0.q"}),
    "bits as q": lambda facts: layer(facts)["arrays"].update(q="self.0.mask.bits"),
    "an array of another name": lambda facts: layer(facts)["arrays"].update(v="self.0.q"),
    "both kinds of mask": lambda facts: layer(facts)["mask"]["arrays"].update(low="self.2.mask.low"),
    "half a mask": lambda facts: layer(facts)["mask"].update(arrays={"low": "self.2.mask.low"}),
    "a mask of more keys": lambda facts: layer(facts)["mask"].update(keys=10**9),
    "a scaling of text": lambda facts: layer(facts).update(scaling="1"),
    "no scaling": lambda facts: layer(facts).update(scaling=None),
    "a scaling of NaN": lambda facts: layer(facts).update(scaling=float("nan")),
    "a huge scaling": lambda facts: layer(facts).update(scaling=10**400),
    "a soft-cap of zero": lambda facts: layer(facts).update(softcap=0),
    "a picture": lambda facts: facts["given"].update(kind="picture"),
    "half a surrogate": lambda facts: facts["given"].update(text="\ud800"),
    "a name that is a list": lambda facts: facts["model"].update(name=["x"]),
    "minus one head": lambda facts: facts["model"].update(heads=-1),
    "axes of frames": lambda facts: facts["axes"][0].update(kind="frames"),
    "a label too few": lambda facts: facts["axes"][0]["labels"].pop(),
    "a label of number": lambda facts: facts["axes"][0]["labels"].__setitem__(0, 1),
    "a span outside the text": lambda facts: facts["axes"][0]["spans"].__setitem__(0, [0, 99]),
    "a span backwards": lambda facts: facts["axes"][0]["spans"].__setitem__(0, [1, 0]),
    "a span of three": lambda facts: facts["axes"][0]["spans"].__setitem__(0, [0, 1, 2]),
    "special as text": lambda facts: facts["axes"][0]["special"].__setitem__(0, "yes"),
    "weights of three sides": lambda facts: layer(facts).update(arrays={"kept": "self.0.q"}),
    "weights and queries": lambda facts: layer(facts)["arrays"].update(kept="self.3.kept"),
    "rows that do not sum to 1": lambda facts: facts["stacks"]["self"][3]["arrays"].update(kept="self.1.bias"),
    "a word of -1": lambda facts: facts["axes"][0]["words"].__setitem__(0, -1),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_header_that_lies_is_refused(saved: Path, lie: str):
    with pytest.raises(RecordError):
        AttentionRecord.open(rewritten(saved, LIES[lie]))


def test_a_header_nested_too_deeply_is_refused(saved: Path):
    save_file({"x": np.zeros(1)}, saved, metadata={"attnviz": "[" * 100_000})
    with pytest.raises(RecordError):
        AttentionRecord.open(saved)


def test_another_safetensors_file_is_no_record(saved: Path):
    save_file({"x": np.zeros(1)}, saved)
    with pytest.raises(RecordError, match=r"no attnviz record|belongs"):
        AttentionRecord.open(saved)


def test_keys_that_are_no_numbers_are_refused(saved: Path):
    tensors = load_file(saved)
    tensors["self.0.k"][0, 0, 0] = np.nan
    with pytest.raises(RecordError, match="nan"):
        AttentionRecord.open(signed(saved, header_of(saved), tensors))
