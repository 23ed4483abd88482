import csv
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from attnviz.axes import Axis, Joined, Named
from attnviz.errors import RecordError
from attnviz.inputs import Text
from attnviz.record import AttentionRecord, ModelFacts
from tests.record.test_golden import FRAMES, KINDS, PATCHES, WORDS

HOSTILE = ["=1+1", 'a "b", c']


def test_a_frame_has_one_weight_a_row_with_labels_and_positions(record: AttentionRecord):
    frame = record.to_dataframe("self", 1, 3, slice(1, 3), slice(2, 8))
    assert list(frame) == ["query", "key", "query_position", "key_position", "weight"]
    assert len(frame) == 2 * 6
    found = frame[(frame.query_position == 2) & (frame["key_position"] == 5)].iloc[0]
    assert (found["query"], found["key"]) == ("c", "p")
    assert found["weight"] == pytest.approx(float(record.row("self", 1, 3, 2)[5]))


def test_a_whole_head_is_a_frame_whose_queries_share_one(record: AttentionRecord):
    sums = record.to_dataframe("self", 0, 0).groupby("query_position")["weight"].sum()
    np.testing.assert_allclose(sums, np.ones(5), rtol=0, atol=1e-6)


def test_csv_is_a_line_a_query_with_every_digit(record: AttentionRecord, tmp_path: Path):
    record.to_csv(tmp_path / "cat.csv", "self", 0, 2, queries=slice(1, 4))
    head, *body = list(csv.reader((tmp_path / "cat.csv").open(encoding="utf-8", newline="")))
    assert head == ["query \\ key", *"klmnopqr"]
    assert [line[0] for line in body] == ["b", "c", "d"]
    np.testing.assert_array_equal(
        np.array([line[1:] for line in body], np.float32), record.map("self", 0, 2).weights[1:4]
    )


def test_csv_goes_into_an_open_file_and_leaves_it_open():
    record = AttentionRecord.from_attentions([np.eye(2, dtype=np.float32)[None]], HOSTILE)
    out = StringIO(newline="")
    record.to_csv(out, "self", 0, 0)
    out.seek(0)
    assert next(csv.reader(out)) == ["query \\ key", "'=1+1", 'a "b", c']


def test_an_archive_holds_every_layer_with_its_labels(record: AttentionRecord, tmp_path: Path):
    record.to_npz(tmp_path / "cat.npz")
    with np.load(tmp_path / "cat.npz", allow_pickle=False) as archive:
        ends = ("", ".queries", ".keys")
        assert sorted(archive) == sorted(f"self.{layer}{end}" for layer in (0, 1) for end in ends)
        np.testing.assert_array_equal(archive["self.1"], record.layer("self", 1).weights())
        assert archive["self.1.keys"].tolist() == list("klmnopqr")


def test_an_archive_of_one_layer_holds_that_alone(record: AttentionRecord, tmp_path: Path):
    record.to_npz(tmp_path / "cat.npz", "self", 1)
    with np.load(tmp_path / "cat.npz") as archive:
        assert sorted(archive) == ["self.1", "self.1.keys", "self.1.queries"]


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda record, path: record.to_dataframe("self", 0, 0, max_rows=39), "40 weights, and 39 are allowed"),
        (lambda record, path: record.to_csv(path, "self", 0, 0, max_cells=39), "40 weights, and 39 are allowed"),
        (lambda record, path: record.to_npz(path, max_weights=319), "320 weights, and 319 are allowed"),
        (lambda record, path: record.to_npz(path, layer=0), "of which stack"),
        (lambda record, path: record.to_npz(path, "cross"), "no stack 'cross'"),
        (lambda record, path: record.to_npz(path, "self", 2), "layers 0 to 1"),
        (lambda record, path: record.to_csv(path, "self", 0, 4), "heads 0 to 3"),
        (lambda record, path: record.to_dataframe("self", 0, 0, slice(0, 9)), "outside 0 to 5"),
    ],
)
def test_too_much_or_what_is_not_there_is_refused_before_a_file_is_made(record, tmp_path: Path, ask, says: str):
    with pytest.raises(RecordError, match=says):
        ask(record, tmp_path / "never")
    assert not list(tmp_path.iterdir())


def test_a_write_that_fails_leaves_the_old_file(record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "cat.csv"
    path.write_text("old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        record.to_csv(path, "self", 0, 0)
    assert [each.read_text() for each in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize("axis", [PATCHES, FRAMES, Named(("probe",)), Joined((WORDS, PATCHES))])
def test_positions_of_any_kind_are_told_by_their_labels(axis: Axis, tmp_path: Path):
    weights = np.full((1, len(axis), len(axis)), 1 / len(axis), np.float32)
    record = AttentionRecord.from_attentions([weights], axis)
    assert record.layer("self", 0).keys is axis
    assert record.to_dataframe("self", 0, 0)["key"][: len(axis)].tolist() == list(axis)
    record.to_csv(tmp_path / "any.csv", "self", 0, 0)
    assert next(csv.reader((tmp_path / "any.csv").open(encoding="utf-8", newline=""))) == ["query \\ key", *axis]
    record.to_npz(tmp_path / "any.npz")
    with np.load(tmp_path / "any.npz") as archive:
        assert archive["self.0.queries"].tolist() == list(axis)


def test_a_sink_beside_patches_takes_what_their_rows_lack():
    record = AttentionRecord.from_attentions([np.full((1, 7, 7), 0.125)], PATCHES, sink=True)
    assert list(record.layer("self", 0).keys)[-1] == "(sink)"
    assert record.row("self", 0, 0, 3)[-1] == pytest.approx(0.125)


def test_windows_are_written_out_whole(tmp_path: Path):
    image = AttentionRecord.open(KINDS["picture"]).layer("image", 0)
    record = AttentionRecord(ModelFacts("toy"), Text(""), {"image": (image,)})
    frame = record.to_dataframe("image", 0, 1)
    np.testing.assert_array_equal(frame["weight"].to_numpy().reshape(7, 8), image.weights()[1])
    record.to_npz(tmp_path / "windows.npz")
    with np.load(tmp_path / "windows.npz") as archive:
        np.testing.assert_array_equal(archive["image.0"], image.weights())
