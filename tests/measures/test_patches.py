"""What a patch reads, and who reads it, on grids small enough to count."""

from dataclasses import replace

import numpy as np
import pytest

from attnviz import measures
from attnviz.axes import ImageGeometry, Named, Patches
from attnviz.errors import MeasureError
from attnviz.families.grids.grid import patches
from attnviz.measures.patches import KINDS
from attnviz.record import PADDING, AttentionMap, with_sink
from tests.measures.conftest import picture_layer

SEEN = ImageGeometry((12, 16), (12, 16), (0, 0), (12, 16))
BEFORE, AFTER = ("[CLS]", "[DIST]", "[REG 0]", "[REG 1]"), ("[DET 0]", "[PAD 0]", "[EXTRA 0]")
GRID = patches(SEEN, (3, 4), (4, 4), before=BEFORE, after=AFTER)
COUNT = len(GRID)  # 4 + 12 + 3


def even(axis: Patches = GRID, keys: Patches | None = None) -> AttentionMap:
    width = len(keys or axis)
    return AttentionMap(np.full((len(axis), width), 1 / width, np.float32), axis, keys or axis)


def budget(attention: AttentionMap, *asked: int) -> dict[str, int]:
    """Count the keys of each part of an even row."""
    found = measures.patch_reading(measures.patch_row(attention, asked)).budget
    assert [each.kind for each in found] == list(KINDS)
    return {each.kind: round(each.share * len(attention.keys)) for each in found if each.share}


BESIDE = {"class": 1, "distillation": 1, "register": 2, "detection": 1, "padding": 1, "other": 1}


@pytest.mark.parametrize(("cell", "neighbours"), [(0, 3), (1, 5), (3, 3), (4, 5), (5, 8), (6, 8), (7, 5), (11, 3)])
def test_every_key_is_counted_once_and_the_edge_has_fewer_neighbours(cell, neighbours):
    parts = BESIDE | {"itself": 1, "neighbours": neighbours, "rest": 11 - neighbours}
    assert budget(even(), 4 + cell) == parts


def test_a_class_token_has_neither_self_nor_neighbours():
    assert budget(even(), 0) == BESIDE | {"rest": 12}


def test_a_region_is_its_patches_and_those_around_it():
    assert budget(even(), 4, 5) == BESIDE | {"itself": 2, "neighbours": 4, "rest": 6}


def test_padding_that_follows_the_keys_is_padding():
    assert budget(even(keys=with_sink(GRID, PADDING)), 0)["padding"] == 2


def test_on_a_coarser_grid_itself_is_the_key_under_the_middle_of_the_patch():
    keys = patches(SEEN, (1, 2), (12, 8))
    own = budget(even(keys=keys), 4 + 2)
    assert own == {"itself": 1, "neighbours": 1}


def test_a_region_is_the_mean_of_its_rows():
    weights = np.random.default_rng(0).dirichlet(np.ones(COUNT), COUNT).astype(np.float32)
    attention = AttentionMap(weights, GRID, GRID)
    row = measures.patch_row(attention, (4, 9))
    np.testing.assert_allclose(row.weights, (weights[4] + weights[9]) / 2, rtol=1e-6)
    assert sum(each.share for each in measures.patch_reading(row).budget) == pytest.approx(1, abs=1e-5)


def test_rows_of_a_layer_are_fused_and_scaled():
    weights = np.random.default_rng(0).dirichlet(np.ones(COUNT), (3, COUNT)).astype(np.float32)
    layer = picture_layer(weights, GRID)
    np.testing.assert_allclose(
        measures.patch_row_of(layer, (0, 2), (5, 6)).weights, weights[[0, 2]][:, [5, 6]].mean(axis=(0, 1)), rtol=1e-5
    )
    greatest = weights[:, 5].max(axis=0)
    np.testing.assert_allclose(
        measures.patch_row_of(layer, (0, 1, 2), (5,), "max").weights, greatest / greatest.sum(), rtol=1e-5
    )
    with pytest.raises(MeasureError, match="heads are 0 to 2; 3"):
        measures.patch_row_of(layer, (3,), (5,))
    with pytest.raises(MeasureError, match="mean, max, min; 'sum'"):
        measures.patch_row_of(layer, (0,), (5,), "sum")


def test_who_reads_a_region_is_asked_of_every_row():
    weights = np.random.default_rng(0).dirichlet(np.ones(COUNT), COUNT).astype(np.float32)
    attention = AttentionMap(weights, GRID, GRID)
    np.testing.assert_array_equal(measures.patch_readers(attention, (4,)), weights[:, 4])
    np.testing.assert_allclose(measures.patch_readers(attention, (4, 5, 4)), weights[:, 4] + weights[:, 5])


def test_the_top_are_patches_alone_the_first_of_equals_first():
    row = np.zeros(COUNT, np.float32)
    row[[0, 4, 9, 15]] = 0.7, 0.05, 0.2, 0.05
    reading = measures.patch_reading(measures.PatchRow(row, (0,), GRID, GRID), top=3)
    assert [(each.position, each.label) for each in reading.top] == [(9, "r1 c1"), (4, "r0 c0"), (15, "r2 c3")]
    assert measures.patch_order(measures.PatchRow(row, (0,), GRID, GRID))[:4] == (9, 4, 15, 5)


def test_entropy_and_distance_of_a_row():
    row = np.zeros(COUNT, np.float32)
    row[[0, 4, 5]] = 0.5, 0.25, 0.25  # the class token, the patch itself, and the next
    reading = measures.patch_reading(measures.PatchRow(row, (4,), GRID, GRID), reachable=16)
    assert (reading.entropy_bits, reading.most_bits) == (1.5, 4)
    assert reading.pixels == pytest.approx(2)
    assert measures.patch_reading(measures.PatchRow(row, (0,), GRID, GRID)).pixels is None


def test_object_queries_read_patches_from_nowhere():
    queries = Named(("[QUERY 0]",))
    row = np.full(COUNT, 1 / COUNT, np.float32)
    reading = measures.patch_reading(measures.PatchRow(row, (0,), queries, GRID))
    assert reading.pixels is None
    assert {each.kind for each in reading.budget if each.share} == {*BESIDE, "rest"}


def test_what_is_asked_must_be_there():
    with pytest.raises(MeasureError, match=f"queries are 0 to {COUNT - 1}; none"):
        measures.patch_row(even(), ())
    with pytest.raises(MeasureError, match=f"keys are 0 to {COUNT - 1}; 40"):
        measures.patch_readers(even(), (40,))
    names = Named(GRID.labels)
    with pytest.raises(MeasureError, match="Named and no patches"):
        measures.patch_reading(replace(measures.patch_row(even(), (0,)), keys=names))
