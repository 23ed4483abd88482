"""Tiles of a long map: each is its part of the whole map, pooled, whatever is mixed, hidden or divided."""

import tracemalloc
from itertools import product

import numpy as np
import pytest

from attnviz.axes import Tokens
from attnviz.errors import AttnvizError, LinkError, MeasureError, RecordError
from attnviz.inputs import Text
from attnviz.record import AttentionRecord, Layer, ModelFacts, Visibility, with_sink
from attnviz.service.pyramid import Pyramid, Sheet, picks_of, root_bytes, sheet_of, survey, tile

LENGTH = 1100  # four levels: three that a survey holds, and the exact one
SPECIAL = (0, 500, 1099)  # at the ends and in the middle


def axis(length: int, special: tuple[int, ...] = ()) -> Tokens:
    labels = tuple(map(str, range(length)))
    return Tokens("", labels, labels, (None,) * length, tuple(i in special for i in range(length)), (None,) * length)


def record_of(length: int = LENGTH, special: tuple[int, ...] = SPECIAL, sink: bool = False) -> AttentionRecord:
    """Two causal layers of two heads, one key head; with a sink there is one key more than queries."""
    rng, names = np.random.default_rng(length), axis(length, special)

    def layer() -> Layer:
        q, k = (rng.normal(size=(heads, length, 4)).astype(np.float32) for heads in (2, 1))
        sinks = rng.normal(size=2).astype(np.float32) if sink else None
        keys = with_sink(names) if sink else names
        return Layer(names, keys, q, k, 2.0, Visibility.causal(length, length), sinks=sinks)

    return AttentionRecord(ModelFacts("toy"), Text(""), {"self": (layer(), layer())})


@pytest.fixture(scope="module")
def record() -> AttentionRecord:
    return record_of()


@pytest.fixture(scope="module")
def sunk() -> AttentionRecord:
    return record_of(sink=True)


def dense(record: AttentionRecord, shown: str) -> np.ndarray:
    """A map by its name, worked out whole."""
    picks = {
        "0.0": [(0, 0, 1)],
        "1.0": [(1, 0, 1)],
        "0.mean": [(0, 0, 1), (0, 1, 1)],
        "mean": [(0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 1)],
        "0.1*1,1.0*3": [(0, 1, 1), (1, 0, 3)],
    }[shown]
    maps = [weight * record.map("self", layer, head).weights for layer, head, weight in picks]
    return np.sum(maps, axis=0) / sum(weight for _, _, weight in picks)


def pooled(weights: np.ndarray, side: int) -> np.ndarray:
    """The largest of every side × side block, those at the edges being smaller."""
    rows, cols = (-(-length // side) for length in weights.shape)
    padded = np.zeros((rows * side, cols * side), np.float32)
    padded[: weights.shape[0], : weights.shape[1]] = weights
    return padded.reshape(rows, side, cols, side).max(axis=(1, 3))


def put_together(sheet: Sheet, level: int, divide: str = "nothing") -> np.ndarray:
    """A whole level, from all of its tiles."""
    seen, pyramid = survey(sheet, divide), sheet.pyramid
    pitch = 256 * pyramid.side(level)
    rows, cols = range(-(-pyramid.rows // pitch)), range(-(-pyramid.cols // pitch))
    return np.block([[tile(sheet, seen, level, row, col) for col in cols] for row in rows])


@pytest.mark.parametrize(
    ("side", "levels"), [(1, 1), (256, 1), (257, 2), (512, 2), (513, 3), (3000, 5), (8192, 6), (8193, 7)]
)
def test_each_level_is_twice_as_fine_until_a_cell_is_one_pair(side, levels):
    pyramid = Pyramid(side, side)
    assert pyramid.levels == levels
    assert [pyramid.side(level) for level in range(levels)] == [2**power for power in reversed(range(levels))]
    assert -(-side // pyramid.side(0)) <= 256


@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize("shown", ["1.0", "0.mean", "mean", "0.1*1,1.0*3"])
def test_every_tile_is_its_part_of_the_map_pooled(record, shown, level):
    whole = root_bytes(pooled(dense(record, shown), 2 ** (3 - level)))
    seen = put_together(sheet_of(record, "self", shown), level)
    assert seen.shape == whole.shape
    assert np.abs(seen.astype(int) - whole).max() <= (
        0 if "." in shown and "mean" not in shown and "," not in shown else 1
    )


@pytest.mark.parametrize("level", range(4))
def test_a_tile_is_what_the_record_gives_for_the_same_rectangle(record, level):
    sheet = sheet_of(record, "self", "0.1")
    (top, bottom), (left, right) = sheet.pyramid.spans(level, 0, 0)
    side = sheet.pyramid.side(level)
    shape = ((bottom - top) // side, (right - left) // side)
    exact = record.tile("self", 0, 1, slice(top, bottom), slice(left, right), shape)
    if (bottom - top) % side == 0:
        np.testing.assert_array_equal(tile(sheet, survey(sheet), level, 0, 0), root_bytes(exact))


@pytest.mark.parametrize(("level", "scale"), [*product((0, 2, 3), ("nothing", "sum", "most"))])
def test_hidden_tokens_leave_rows_and_columns_out_before_anything_is_pooled(record, level, scale):
    shown = np.setdiff1d(np.arange(LENGTH), SPECIAL)
    weights = dense(record, "1.0")[np.ix_(shown, shown)]
    divisor = {"nothing": 1, "sum": weights.sum(axis=1), "most": weights.max(axis=1)}[scale]
    weights = weights / np.broadcast_to(divisor, len(weights))[:, None]
    seen = put_together(sheet_of(record, "self", "1.0", hiding=True), level, scale)
    assert np.abs(seen.astype(int) - root_bytes(pooled(weights, 2 ** (3 - level)))).max() <= 1  # sums differ by an ulp


def test_a_row_of_which_nothing_is_left_is_drawn_as_nothing():
    record = record_of(special=tuple(range(600)))  # causal: the first queries see special tokens alone
    sheet = sheet_of(record, "self", "0.0", hiding=True)
    assert sheet.pyramid.rows == 500
    record = record_of(length=3, special=(0,))
    object.__setattr__(record.layer("self", 0), "k", record.layer("self", 0).k * np.float32(60))
    seen = put_together(sheet_of(record, "self", "0.0", hiding=True), 0, "sum")
    assert seen.shape == (2, 2)
    assert seen.max() == 255


def test_a_sink_is_a_key_and_no_query(sunk):
    sheet = sheet_of(sunk, "self", "1.0")
    assert (sheet.pyramid.rows, sheet.pyramid.cols) == (LENGTH, LENGTH + 1)
    np.testing.assert_array_equal(put_together(sheet, 3), root_bytes(dense(sunk, "1.0")))
    hidden = sheet_of(sunk, "self", "1.0", hiding=True).pyramid
    assert (hidden.rows, hidden.cols) == (LENGTH - 3, LENGTH - 3)


def test_a_lone_weight_is_seen_from_afar():
    names = axis(3000)
    q, k = (np.zeros((1, 3000, 1), np.float32) for _ in range(2))
    q[0, 2222], k[0, 777] = 1, 40
    layer = Layer(names, names, q, k, 1.0, Visibility.full(3000, 3000))
    sheet = sheet_of(AttentionRecord(ModelFacts("toy"), Text(""), {"self": (layer,)}), "self", "0.0")
    for level in range(5):
        assert np.argwhere(put_together(sheet, level) == 255).tolist() == [[2222 >> 4 - level, 777 >> 4 - level]]


def test_a_survey_never_holds_the_whole_map():
    sheet = sheet_of(record_of(4096, ()), "self", "0.0")
    tracemalloc.start()
    survey(sheet)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4096 * 4096 * 4 / 3


def test_a_survey_that_is_no_longer_wanted_stops(record):
    def leave() -> None:
        raise LinkError("Enough.")

    with pytest.raises(LinkError, match="Enough"):
        survey(sheet_of(record, "self", "0.0"), check=leave)


@pytest.mark.parametrize("place", [(4, 0, 0), (-1, 0, 0), (0, 1, 0), (0, 0, 1), (3, 5, 0), (3, 0, 5), (3, -1, 0)])
def test_a_tile_that_there_is_not_is_refused(record, place):
    sheet = sheet_of(record, "self", "0.0")
    with pytest.raises(LinkError):
        tile(sheet, survey(sheet), *place)


def test_the_names_of_maps(record):
    assert picks_of(record, "self", "1.0") == ((1, 0, 1.0),)
    assert picks_of(record, "self", "0.mean") == ((0, 0, 1.0), (0, 1, 1.0))
    assert len(picks_of(record, "self", "mean")) == 4
    assert picks_of(record, "self", "0.1*1,1.0*2.5") == ((0, 1, 1.0), (1, 0, 2.5))


@pytest.mark.parametrize(
    "shown",
    [
        "",
        ".",
        "0",
        "0.",
        ".0",
        "0.9",
        "9.0",
        "9.mean",
        "x.mean",
        "٣.0",
        "0.0*0",
        "0.0*-1",
        "0.0*nan",
        "0.0*1,,",
        "0.0.0",
    ],
)
def test_what_names_no_map_is_refused(record, shown):
    with pytest.raises(AttnvizError):
        sheet_of(record, "self", shown)


def test_another_stack_is_refused_in_the_record_s_own_words(record):
    with pytest.raises(RecordError, match="no stack"):
        sheet_of(record, "cross", "0.0")


def test_layers_of_different_lengths_are_not_mixed(record):
    short = record_of(40, ()).layer("self", 0)
    both = AttentionRecord(ModelFacts("toy"), Text(""), {"self": (record.layer("self", 0), short)})
    with pytest.raises(MeasureError, match="different lengths"):
        sheet_of(both, "self", "mean")


def test_a_text_of_special_tokens_alone_has_nothing_to_show():
    with pytest.raises(LinkError, match="special"):
        sheet_of(record_of(3, (0, 1, 2)), "self", "0.0", hiding=True)
