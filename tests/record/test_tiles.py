"""A tile of any rectangle, of any layer, is that part of the map, pooled; so are its top keys and its masses."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnviz.axes import Tokens
from attnviz.errors import RecordError
from attnviz.record import AnyLayer, AttentionRecord, KeptLayer, Layer, Visibility, any_layer, with_sink
from tests.record.conftest import plainly, random_layer

SEEDS = st.integers(0, 2**32 - 1)


def axis(count: int) -> Tokens:
    labels = tuple(map(str, range(count)))
    return Tokens("", labels, labels, (None,) * count, (False,) * count, (None,) * count)


@st.composite
def masks(draw: st.DrawFn, queries: int, keys: int) -> np.ndarray:
    """A window, a causal or chunked rule, or holes anywhere; every query sees at least one key."""
    row, column = np.arange(queries)[:, None] * keys // queries, np.arange(keys)
    size = draw(st.integers(1, keys))
    kinds = {
        "full": np.ones((queries, keys), bool),
        "causal": column <= row,
        "window": (column <= row) & (column > row - size),
        "both ways": np.abs(column - row) < size,
        "chunks": row // size == column // size,
        "padded": np.broadcast_to(column < size, (queries, keys)),
        "prefix": (column <= row) | (column < size),
        "holes": (np.random.default_rng(draw(SEEDS)).random((queries, keys)) < 0.4) | (column == size - 1),
    }
    return kinds[draw(st.sampled_from(sorted(kinds)))]


@st.composite
def layers(draw: st.DrawFn) -> tuple[AnyLayer, np.ndarray]:
    """A layer of any kind, and its weights worked out by the definition.

    Shape   weights (head, query, key), float64.
    """
    queries, keys, groups, per_group = (draw(st.integers(1, most)) for most in (24, 24, 2, 3))
    heads, rng = groups * per_group, np.random.default_rng(draw(SEEDS))
    mask = draw(masks(queries, keys))
    rest: dict[str, Any] = {"softcap": draw(st.sampled_from([None, 0.5]))}
    if draw(st.booleans()):
        rest["bias"] = rng.normal(size=(draw(st.sampled_from([1, heads])), queries, keys)).astype(np.float32)
    if draw(st.booleans()):
        rest["sinks"] = rng.normal(size=heads).astype(np.float32)
    names = with_sink(axis(keys)) if "sinks" in rest else axis(keys)
    q, k = (rng.normal(size=(count, side, 4)).astype(np.float32) for count, side in ((heads, queries), (groups, keys)))
    layer = Layer(
        axis(queries), names, q, k, draw(st.sampled_from([0.5, 3.0])), Visibility.from_mask(mask[None]), **rest
    )
    expected = plainly(layer, mask)
    if draw(st.booleans()):
        return KeptLayer(layer.queries, names, expected.astype(np.float32), layer.visible), expected
    return layer, expected


@st.composite
def spans(draw: st.DrawFn, length: int, least: int = 1) -> tuple[int, int]:
    start = draw(st.integers(0, length - least))
    return start, draw(st.integers(start + least, length))


def pooled(part: np.ndarray, shape: tuple[int, int], pool: str) -> np.ndarray:
    rows, cols = (min(asked, whole) for asked, whole in zip(shape, part.shape, strict=True))
    tall = [part[i * len(part) // rows : (i + 1) * len(part) // rows] for i in range(rows)]
    width, gather = part.shape[1], getattr(np, pool)
    return np.array(
        [[gather(row[:, j * width // cols : (j + 1) * width // cols]) for j in range(cols)] for row in tall]
    )


@settings(max_examples=300, deadline=None)
@given(st.data(), layers(), st.sampled_from(["max", "mean"]), st.sampled_from([100, 2**22]))
def test_a_tile_is_the_dense_map_cut_and_pooled(data, given_layer, pool, block_bytes):
    layer, expected = given_layer
    head = data.draw(st.integers(0, layer.heads - 1))
    (top, bottom), (left, right) = (data.draw(spans(side)) for side in expected.shape[1:])
    shape = data.draw(st.tuples(st.integers(1, 30), st.integers(1, 30)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(any_layer, "BLOCK_BYTES", block_bytes)
        for _ in range(2):  # once with nothing known, once with the sums of its rows
            tile = layer.tile(head, slice(top, bottom), slice(left, right), shape, pool)
            dense = pooled(expected[head, top:bottom, left:right], shape, pool)
            np.testing.assert_allclose(tile, dense, rtol=0, atol=2e-6)
        np.testing.assert_allclose(layer.weights(), expected, rtol=0, atol=2e-6)


@settings(max_examples=150, deadline=None)
@given(st.data(), layers())
def test_top_keys_and_masses_are_those_of_the_row(data, given_layer):
    layer, expected = given_layer
    head, query = (data.draw(st.integers(0, side - 1)) for side in expected.shape[:2])
    row, count = layer.row(head, query), data.draw(st.integers(1, 30))
    positions, weights = layer.top(head, query, count)
    order = sorted(np.flatnonzero(row), key=lambda key: (-row[key], key))[:count]
    assert positions.tolist() == order
    np.testing.assert_array_equal(weights, row[order])
    asked = data.draw(st.lists(spans(len(row), least=0), max_size=4))
    expected_masses = [expected[head, query, left:right].sum() for left, right in asked]
    np.testing.assert_allclose(layer.mass(head, query, asked), expected_masses, rtol=0, atol=3e-6)


def test_a_record_tells_top_keys_and_masses_of_one_query(record: AttentionRecord):
    row = record.row("self", 1, 3, query=2)
    positions, weights = record.top("self", 1, 3, query=2, count=3)
    assert weights.tolist() == sorted(row.tolist(), reverse=True)[:3]
    assert row[positions].tolist() == weights.tolist()
    parts = record.mass("self", 1, 3, query=2, spans=[(0, 3), (3, 8), (5, 5)])
    np.testing.assert_allclose(parts, [row[:3].sum(), row[3:].sum(), 0], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda record: record.top("self", 0, 0, 0, 0), "at least 1"),
        (lambda record: record.top("self", 0, 0, 5, 1), "0 to 4; 5 was"),
        (lambda record: record.mass("self", 0, 0, -1, []), "0 to 4; -1 was"),
        (lambda record: record.mass("self", 0, 0, 0, [(0, 9)]), "0 to 9, outside 0 to 8"),
        (lambda record: record.mass("self", 0, 0, 0, [(3, 2)]), "3 to 2, outside"),
    ],
)
def test_top_and_mass_refuse_what_is_not_there(record: AttentionRecord, ask, says: str):
    with pytest.raises(RecordError, match=says):
        ask(record)


def test_a_mass_costs_its_own_keys_alone(monkeypatch: pytest.MonkeyPatch):
    layer = random_layer(queries=50, keys=400)
    layer.log_sums(0)
    compared: list[int] = []
    compare = Layer._compare

    def watched(self: Layer, head: int, start: int, stop: int, low: int, scores: np.ndarray) -> None:
        compared.append(scores.size)
        compare(self, head, start, stop, low, scores)

    monkeypatch.setattr(Layer, "_compare", watched)
    layer.mass(0, 7, [(10, 20), (300, 305)])
    assert compared == [10, 5]


def test_threads_that_explore_one_layer_draw_the_same():
    layer = random_layer(queries=300, keys=400, visible=Visibility.causal(300, 400))
    expected = layer.weights()[2]
    parts = [(slice(start, start + 80), slice(start // 2, 400)) for start in range(0, 220, 5)] * 3
    fresh = replace(layer)
    with ThreadPoolExecutor(8) as pool:
        tiles = list(pool.map(lambda part: fresh.tile(2, *part), parts))
    for tile, part in zip(tiles, parts, strict=True):
        np.testing.assert_allclose(tile, pooled(expected[part], (512, 512), "max"), rtol=0, atol=1e-6)
