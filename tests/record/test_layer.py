from dataclasses import replace

import numpy as np
import pytest

from attnviz.errors import RecordError, ShapeError
from attnviz.record import Layer, Visibility, any_layer
from tests.record.conftest import plainly, random_layer, tokens

ALL = np.ones((5, 8), bool)
HOLES = np.random.default_rng(1).random((5, 8)) < 0.5
HOLES[:, 2] = True
BAND = np.abs(np.arange(8) - np.arange(5)[:, None]) < 3
BIAS = np.random.default_rng(2).normal(size=(4, 5, 8)).astype(np.float32)
SINKS = np.array([0.0, 1.0, -2.0, 3.0], np.float32)

CASES = {
    "full": (random_layer(), ALL),
    "causal": (random_layer(visible=Visibility.causal(5, 8)), np.tri(5, 8, dtype=bool)),
    "a band": (random_layer(visible=Visibility.from_mask(BAND[None])), BAND),
    "holes": (random_layer(visible=Visibility.from_mask(HOLES[None])), HOLES),
    "soft-cap": (random_layer(softcap=0.3), ALL),
    "a bias for each head": (random_layer(bias=BIAS), ALL),
    "one bias for all": (random_layer(bias=BIAS[:1], visible=Visibility.from_mask(BAND[None])), BAND),
    "sinks": (random_layer(sinks=SINKS, visible=Visibility.from_mask(BAND[None])), BAND),
    "all at once": (
        random_layer(sinks=SINKS, bias=BIAS, softcap=0.5, visible=Visibility.causal(5, 8)),
        np.tri(5, 8) > 0,
    ),
    "one key head": (random_layer(kv_heads=1), ALL),
    "as many key heads": (random_layer(kv_heads=4), ALL),
}


@pytest.fixture(params=CASES, ids=list(CASES))
def case(request: pytest.FixtureRequest) -> tuple[Layer, np.ndarray]:
    layer, mask = CASES[request.param]
    return replace(layer), mask  # anew, so that nothing is known of its sums yet


@pytest.fixture(params=[2**25, 200], ids=["in one block", "in many blocks"])
def blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(any_layer, "BLOCK_BYTES", request.param)


@pytest.mark.usefixtures("blocks")
def test_weights_are_the_softmax_of_their_definition(case: tuple[Layer, np.ndarray]):
    layer, mask = case
    np.testing.assert_allclose(layer.weights(), plainly(layer, mask), rtol=0, atol=1e-6)


def test_some_heads_and_some_queries_are_part_of_the_whole(case: tuple[Layer, np.ndarray]):
    layer, mask = case
    expected = plainly(layer, mask)
    np.testing.assert_allclose(layer.weights(slice(1, 3), slice(2, 4)), expected[1:3, 2:4], rtol=0, atol=1e-6)
    np.testing.assert_allclose(layer.row(3, 4), expected[3, 4], rtol=0, atol=1e-6)


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("pool", ["max", "mean"])
@pytest.mark.parametrize(("queries", "keys"), [(None, None), (slice(1, 4), slice(2, 7)), (slice(4, 5), slice(0, 1))])
@pytest.mark.parametrize("shape", [(512, 512), (2, 3), (1, 1)])
def test_a_tile_is_the_map_pooled(case, pool, queries, keys, shape):
    layer, _ = case
    part = layer.weights()[2][queries or slice(None), keys or slice(None)]
    rows, cols = (min(asked, whole) for asked, whole in zip(shape, part.shape, strict=True))
    gather = {"max": np.max, "mean": np.mean}[pool]
    edges = [
        [size * step // cells for step in range(cells + 1)]
        for size, cells in zip(part.shape, (rows, cols), strict=True)
    ]
    expected = [
        [gather(part[top:bottom, left:right]) for left, right in zip(edges[1], edges[1][1:], strict=False)]
        for top, bottom in zip(edges[0], edges[0][1:], strict=False)
    ]
    np.testing.assert_allclose(layer.tile(2, queries, keys, shape, pool), expected, rtol=0, atol=1e-6)


def test_a_weight_is_the_exponential_of_its_score_less_the_log_sum(case: tuple[Layer, np.ndarray]):
    layer, _ = case
    again = np.exp(layer.scores() - np.stack([layer.log_sums(head) for head in range(4)])[:, :, None])
    np.testing.assert_allclose(again, layer.weights(), rtol=0, atol=1e-6)


def test_reachable_counts_what_a_row_is_spread_over(case: tuple[Layer, np.ndarray]):
    layer, _ = case
    np.testing.assert_array_equal(layer.reachable, np.isfinite(layer.scores()).sum(axis=2))


def test_grouped_heads_read_the_keys_of_their_group():
    layer = random_layer(heads=4, kv_heads=2)
    alone = replace(layer, q=layer.q[2:3], k=layer.k[1:2])
    np.testing.assert_allclose(layer.weights()[2], alone.weights()[0], rtol=0, atol=1e-6)


def test_bfloat16_is_read_without_rounding():
    rounded = (random_layer().q.view(np.uint32) >> 16).astype(np.uint16)
    keys = (random_layer().k.view(np.uint32) >> 16).astype(np.uint16)
    wide = [(bits.astype(np.uint32) << 16).view(np.float32) for bits in (rounded, keys)]
    half, full = replace(random_layer(), q=rounded, k=keys), replace(random_layer(), q=wide[0], k=wide[1])
    np.testing.assert_array_equal(half.weights(), full.weights())
    assert half.q.nbytes * 2 == full.q.nbytes


def test_scores_far_apart_neither_overflow_nor_lose_the_row():
    layer = random_layer()
    loud = replace(layer, scaling=1e4)
    np.testing.assert_allclose(loud.weights().sum(axis=2), 1, rtol=0, atol=1e-5)
    np.testing.assert_allclose(loud.tile(0), loud.weights()[0], rtol=0, atol=1e-6)


def test_a_tile_of_a_long_layer_never_holds_the_whole_map(monkeypatch: pytest.MonkeyPatch):
    layer = random_layer(queries=700, keys=900)
    largest = 0
    compare = Layer._compare

    def watched(self: Layer, head: int, start: int, stop: int, low: int, scores: np.ndarray) -> None:
        nonlocal largest
        largest = max(largest, scores.nbytes)
        compare(self, head, start, stop, low, scores)

    monkeypatch.setattr(Layer, "_compare", watched)
    monkeypatch.setattr(any_layer, "BLOCK_BYTES", 100_000)
    assert layer.tile(1, shape=(32, 32)).shape == (32, 32)
    assert largest <= 100_000 < 700 * 900 * 4


def test_sums_are_worked_out_only_for_the_rows_that_are_drawn(monkeypatch: pytest.MonkeyPatch):
    layer = random_layer(queries=60, keys=60)
    layer.tile(0, slice(10, 20), slice(5, 15))
    assert np.isfinite(layer._known[0][1]).sum() == 10
    monkeypatch.setattr(Layer, "_learn", None)  # asking again must not need it
    layer.tile(0, slice(12, 18), slice(40, 50))


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"q": np.zeros((4, 5, 2), np.float32)}, ShapeError, "one d"),
        ({"q": np.zeros((5, 3), np.float32)}, ShapeError, r"q is \(head, query, d\)"),
        ({"q": np.zeros((3, 5, 3), np.float32)}, ShapeError, "3 query heads"),
        ({"q": np.zeros((4, 0, 3), np.float32)}, ShapeError, "q is"),
        ({"q": np.zeros((4, 5, 3), np.float16)}, ShapeError, "share one type"),
        ({"q": np.zeros((4, 5, 3), np.int8), "k": np.zeros((2, 8, 3), np.int8)}, ShapeError, "int8"),
        ({"queries": tokens(4)}, ShapeError, r"\(5, 8\).*\(4, 8\)"),
        ({"queries": tokens(8), "keys": tokens(5)}, ShapeError, r"\(8, 5\)"),
        ({"visible": Visibility.full(8, 5)}, ShapeError, r"mask is \(8, 5\)"),
        ({"visible": Visibility.from_mask(np.ones((3, 5, 8), bool))}, ShapeError, "3 heads"),
        ({"bias": np.zeros((2, 5, 8), np.float32)}, ShapeError, "bias"),
        ({"bias": np.full((1, 5, 8), np.nan, np.float32)}, RecordError, "bias is not"),
        ({"softcap": 0.0}, RecordError, "soft-cap"),
        ({"softcap": float("nan")}, RecordError, "soft-cap"),
        ({"scaling": float("inf")}, RecordError, "scaling"),
        ({"q": np.full((4, 5, 3), np.nan, np.float32)}, RecordError, "nan"),
        ({"q": np.full((4, 5, 3), 1e30, np.float32)}, RecordError, "float32"),
        (
            {"visible": Visibility.from_mask(np.arange(5)[None, :, None] + np.zeros(8) != 3)},
            RecordError,
            "Query 3 sees no",
        ),
    ],
)
def test_a_layer_that_does_not_fit_itself_is_refused(change: dict, error: type[Exception], says: str):
    with pytest.raises(error, match=says):
        replace(random_layer(), **change)


def test_sinks_must_be_one_a_head_and_named():
    with pytest.raises(ShapeError, match="4 heads"):
        random_layer(sinks=np.zeros(3, np.float32))
    with pytest.raises(ShapeError, match=r"\(5, 9\)"):
        replace(random_layer(), sinks=SINKS)


def test_a_query_without_keys_gives_all_to_its_sink():
    hidden = Visibility.from_mask(np.zeros((1, 5, 8), bool))
    np.testing.assert_array_equal(random_layer(sinks=SINKS, visible=hidden).weights()[:, :, -1], 1)


@pytest.mark.parametrize("part", [slice(3, 3), slice(0, 9), slice(0, 4, 2), slice(4, 2)])
def test_parts_that_do_not_exist_are_refused(part: slice):
    with pytest.raises(RecordError, match=r"outside 0 to 5|outside 0 to 4"):
        random_layer().weights(queries=part)


def test_arrays_cannot_be_written_to():
    layer = random_layer(sinks=SINKS, bias=BIAS)
    for array in (*layer.arrays.values(), *layer.visible.arrays.values()):
        assert not array.flags.writeable
