"""A layer of windows answers as the dense layer would that its windows are part of."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnviz.axes import Named, Windows
from attnviz.errors import RowError, ShapeError
from attnviz.record import PADDING, AttentionMap, KeptLayer, Visibility, WindowedLayer, any_layer, with_sink

SEEDS = st.integers(0, 2**32 - 1)


def names(count: int) -> Named:
    return Named(tuple(map(str, range(count))))


def softmax(scores: np.ndarray) -> np.ndarray:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


@st.composite
def windowed(draw: st.DrawFn) -> tuple[WindowedLayer, np.ndarray, np.ndarray]:
    """Windows of any sizes over positions in any order, some padded, some split by a shift; and the dense layer.

    Shape   dense (head, query, key with any padding), float64; seen (query, key), bool.
    """
    rng = np.random.default_rng(draw(SEEDS))
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=5))
    heads, count, padded = draw(st.integers(1, 3)), sum(sizes), draw(st.booleans())
    order, dense = rng.permutation(count), np.zeros((heads, count, count + 1))
    seen, chunks, where = np.zeros((count, count), bool), [], []
    for start, size in zip(np.cumsum([0, *sizes[:-1]]), sizes, strict=True):
        own = order[start : start + size]
        slots = rng.permutation([*own, *[-1] * (int(rng.integers(0, 4)) if padded else 0)])
        part = rng.integers(0, 2, len(slots)) if draw(st.booleans()) else np.zeros(len(slots), int)
        alike = part[:, None] == part
        weights = softmax(rng.normal(size=(heads, len(slots), len(slots))) + np.where(alike, 0, -100))
        for slot, query in enumerate(slots):
            if query >= 0:
                np.add.at(dense[:, query], (slice(None), np.where(slots < 0, count, slots)), weights[:, slot])
                seen[query, slots[alike[slot] & (slots >= 0)]] = True
        chunks.append(weights.astype(np.float32))
        where.append(tuple(None if each < 0 else int(each) for each in slots))
    layer = WindowedLayer.laid(names(count), names(count), chunks, Windows(tuple(where)))
    return layer, dense[:, :, : len(layer.keys)], seen


@settings(max_examples=200, deadline=None)
@given(st.data(), windowed(), st.sampled_from(["max", "mean"]), st.sampled_from([40, 2**22]))
def test_any_tile_row_or_mass_is_that_of_the_dense_layer(data, drawn, pool, block_bytes):
    layer, dense, seen = drawn
    kept = KeptLayer(layer.queries, layer.keys, dense.astype(np.float32), Visibility.from_mask(seen[None]))
    head = data.draw(st.integers(0, layer.heads - 1))
    (top, bottom), (left, right) = (
        sorted(data.draw(st.lists(st.integers(0, side), min_size=2, max_size=2, unique=True)))
        for side in dense.shape[1:]
    )
    shape = data.draw(st.tuples(st.integers(1, 30), st.integers(1, 30)))
    asked = (head, slice(top, bottom), slice(left, right), shape, pool)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(any_layer, "BLOCK_BYTES", block_bytes)
        np.testing.assert_allclose(layer.tile(*asked), kept.tile(*asked), rtol=0, atol=1e-6)
        np.testing.assert_allclose(layer.weights(), dense, rtol=0, atol=1e-6)
    np.testing.assert_allclose(layer.row(head, top), dense[head, top], rtol=0, atol=1e-6)
    np.testing.assert_allclose(
        layer.mass(head, top, [(left, right)]), kept.mass(head, top, [(left, right)]), rtol=0, atol=1e-6
    )
    assert AttentionMap(layer.weights()[head], layer.queries, layer.keys).weights.shape == dense.shape[1:]


@settings(max_examples=200, deadline=None)
@given(windowed())
def test_what_a_position_sees_is_read_off_and_held_in_one_number_each(drawn):
    layer, dense, seen = drawn
    np.testing.assert_array_equal(layer.visible.mask(0, 0, len(seen)), seen)
    assert layer.visible.groups.shape == (len(seen),)
    np.testing.assert_array_equal(layer.reachable[0], (dense[0] > 1e-30).sum(axis=1))


def test_two_windows_of_a_row_of_four_hold_their_own_positions_alone():
    weights = np.array([[[[0.75, 0.25], [0.5, 0.5]]], [[[1, 0], [0.1, 0.9]]]], np.float32)
    layer = WindowedLayer(names(4), names(4), weights, np.array([[0, 2], [1, 3]], np.int32))
    np.testing.assert_array_equal(layer.row(0, 0), np.array([0.75, 0, 0.25, 0], np.float32))
    np.testing.assert_array_equal(layer.row(0, 3), np.array([0, 0.1, 0, 0.9], np.float32))
    assert (layer.heads, layer.has_sink, layer.visible.counts.tolist()) == (
        1,
        False,
        [[2, 2, 2, 2]],
    )


def test_what_padding_takes_is_one_key_named_last():
    weights = np.array([[[[0.5, 0.2, 0.3], [0.1, 0.4, 0.5], [1, 0, 0]]]], np.float32)
    layer = WindowedLayer.laid(names(1), names(1), list(weights), Windows(((None, 0, None),)))
    assert list(layer.keys) == ["0", PADDING]
    np.testing.assert_allclose(layer.row(0, 0), [0.4, 0.6], rtol=0, atol=1e-7)
    assert (layer.has_sink, layer.reachable.tolist()) == (True, [[2]])


def test_a_smaller_window_pads_nothing():
    chunks = [np.full((2, 2, 2), 0.5, np.float16), np.ones((2, 1, 1), np.float16)]
    layer = WindowedLayer.laid(names(3), names(3), chunks, Windows(((2, 0), (1,))))
    assert (len(layer.keys), layer.where.tolist(), layer.kept.dtype) == (3, [[2, 0], [1, -1]], np.float16)
    np.testing.assert_array_equal(layer.weights()[1], [[0.5, 0, 0.5], [0, 1, 0], [0.5, 0, 0.5]])


def test_bfloat16_weights_are_read_without_rounding():
    halves = np.full((1, 1, 2, 2), 0x3F00, np.uint16)  # 0.5
    layer = WindowedLayer(names(2), names(2), halves, np.array([[1, 0]], np.int32))
    np.testing.assert_array_equal(layer.row(0, 1), [0.5, 0.5])


def test_a_large_grid_costs_its_windows_alone():
    count, size = 64 * 64, 64
    where = np.arange(count, dtype=np.int32).reshape(-1, size)
    kept = np.full((count // size, 1, size, size), 1 / size, np.float16)
    layer = WindowedLayer(names(count), names(count), kept, where)
    assert sum(array.nbytes for array in layer.visible.arrays.values()) == 4 * count
    assert layer.visible.reach(0, 70, 80) == (64, 128)
    np.testing.assert_allclose(layer.tile(0, shape=(64, 64), pool="max"), np.eye(64) / size, rtol=1e-3)


WHERE = np.array([[0, 1], [2, -1]], np.int32)
KEPT = np.array([[[[0.5, 0.5], [0.5, 0.5]]], [[[1, 0], [0, 0]]]], np.float32)


def good() -> WindowedLayer:
    return WindowedLayer(names(3), names(3), KEPT, WHERE)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"kept": KEPT[0]}, ShapeError, r"\(1, 2, 2\)"),
        ({"kept": KEPT[:1]}, ShapeError, r"\(1, 1, 2, 2\)"),
        ({"kept": KEPT.astype(np.float64)}, ShapeError, "float64"),
        ({"where": WHERE.astype(np.int64)}, ShapeError, "int64"),
        ({"where": np.array([[0, 1], [1, -1]], np.int32)}, ShapeError, "one slot of one window"),
        ({"where": np.array([[0, 1], [3, -1]], np.int32)}, ShapeError, "one slot of one window"),
        ({"where": np.array([[0, 1], [-1, -1]], np.int32)}, ShapeError, "hold 2 positions"),
        ({"where": np.array([[0, 1], [2, -2]], np.int32)}, ShapeError, "one slot of one window"),
        ({"queries": names(4)}, ShapeError, "4 positions read themselves"),
        ({"keys": names(5)}, ShapeError, "names 5"),
        ({"kept": KEPT / 2}, RowError, r"Row 0 \('0'\) of H0 sums to 0.500"),
        ({"kept": KEPT * np.float32(np.nan)}, RowError, "nan"),
        ({"kept": KEPT + np.array([[0.8, -0.8], [0, 0]], np.float32)}, RowError, "smallest weight of -0.3"),
        ({"kept": KEPT + np.array([[-1e-4, 1e-4], [0, 0]], np.float32)}, RowError, "Padding takes 0.0001 of a row"),
    ],
)
def test_windows_that_do_not_fit_are_refused(change: dict, error: type[Exception], says: str):
    with pytest.raises(error, match=says):
        replace(good(), **change)


def test_chunks_that_do_not_fit_their_windows_are_refused():
    for chunks in ([], [np.ones((1, 2, 2), np.float32)], [np.ones((1, 1, 1), np.float16), np.ones((1, 1, 1))]):
        with pytest.raises(ShapeError, match="the layout has"):
            WindowedLayer.laid(names(2), names(2), chunks, Windows(((0,), (1,))))


def test_padding_may_have_a_key_that_takes_nothing():
    assert replace(good(), keys=with_sink(names(3), PADDING)).row(0, 2).tolist() == [0, 0, 1, 0]
