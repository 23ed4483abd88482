"""Attention distance, against closed forms."""

import numpy as np
import pytest

from attnviz import measures
from attnviz.axes import ImageGeometry
from attnviz.errors import MeasureError
from attnviz.families.grids.grid import patches
from tests.measures.conftest import picture_layer, picture_record


@pytest.mark.parametrize("count", [4, 16, 128])
def test_even_attention_lies_at_the_known_distance(record_of, count):
    scores = measures.distance(record_of(np.full((1, count, count), 1 / count)), "self")
    np.testing.assert_allclose(scores.values[0], (count**2 - 1) / (3 * count), rtol=1e-4)
    np.testing.assert_allclose(scores.chance[0], (count**2 - 1) / (3 * count), rtol=1e-4)


@pytest.mark.parametrize("count", [4, 16, 128])
def test_even_causal_attention_lies_at_the_known_distance(record_of, count):
    even = np.tril(np.ones((1, count, count))) / np.arange(1, count + 1)[None, :, None]
    scores = measures.distance(record_of(even, causal=True), "self")
    np.testing.assert_allclose(scores.values[0], (count - 1) / 4, rtol=1e-4)
    np.testing.assert_allclose(scores.chance[0], (count - 1) / 4, rtol=1e-4)


def test_a_worked_head_reads_less_than_half_a_token_away(record_of, toy):
    np.testing.assert_allclose(measures.distance(record_of(toy[0]), "self").values[0], [0.4333333], atol=1e-5)


def test_a_sink_is_no_position_and_changes_no_distance(record_of):
    without = measures.distance(record_of(np.full((1, 3, 3), 1 / 3)), "self")
    given = measures.distance(record_of(np.full((1, 3, 3), 0.2), sink=True), "self")
    np.testing.assert_allclose(given.values[0], without.values[0], rtol=1e-5)
    np.testing.assert_allclose(given.chance[0], without.chance[0], rtol=1e-5)


def test_cross_attention_has_no_distance(record_of):
    with pytest.raises(MeasureError, match="2 queries of one and 3 keys of another"):
        measures.distance(record_of(np.full((1, 2, 3), 1 / 3)), "self")


def test_even_attention_of_a_vit_lies_at_the_known_pixels():
    axis = patches(ImageGeometry((224, 224), (224, 224), (0, 0), (224, 224)), (14, 14), (16, 16), before=("[CLS]",))
    record = picture_record(picture_layer(np.full((1, 197, 197), 1 / 197), axis))
    found = measures.pixel_distance(record, "self")
    for ours in (found.raw.values, found.raw.chance):
        np.testing.assert_allclose(ours[0], 115.901, atol=5e-4)
    for ours in (found.renormalised.values, found.renormalised.chance):
        np.testing.assert_allclose(ours[0], 116.492, atol=5e-4)
    assert found.raw.unit == "pixels"


def test_the_published_fixture_lies_at_its_pixels(published):
    found = measures.pixel_distance(published.record, "self")
    np.testing.assert_allclose(found.raw.values[0], [8.448, 9.243], atol=5e-4)
    np.testing.assert_allclose(found.renormalised.values[0], [10.3346, 12.2536], atol=1e-4)


def test_who_reads_itself_reads_no_pixel_away(published):
    found = measures.pixel_distance(picture_record(picture_layer(np.eye(5)[None], published.axis)), "self")
    assert found.raw.values[0] == found.renormalised.values[0] == 0


def test_patches_need_be_no_squares_nor_grids_either():
    axis = patches(ImageGeometry((8, 60), (8, 60), (0, 0), (8, 60)), (1, 3), (8, 20))
    other = np.array([[[0, 1, 0], [0, 0, 1], [1, 0, 0]]])
    found = measures.pixel_distance(picture_record(picture_layer(other, axis)), "self")
    np.testing.assert_allclose(found.raw.values[0], (20 + 20 + 40) / 3)


def test_keys_of_a_coarser_grid_lie_in_the_middle_of_what_they_stand_for():
    seen = ImageGeometry((4, 8), (4, 8), (0, 0), (4, 8))
    fine, coarse = patches(seen, (2, 4), (2, 2)), patches(seen, (1, 2), (4, 4))
    left = np.zeros((1, 8, 2))
    left[..., 0] = 1
    found = measures.pixel_distance(picture_record(picture_layer(left, fine, coarse)), "self")
    across = np.array([1, 3, 5, 7]) - 2
    np.testing.assert_allclose(found.raw.values[0], np.hypot(1, across).mean(), rtol=1e-6)


def test_rows_that_give_nothing_to_patches_count_in_the_raw_distance_alone(published):
    weights = np.eye(5)
    weights[1] = [1, 0, 0, 0, 0]
    weights[2] = [0, 1, 0, 0, 0]
    found = measures.pixel_distance(picture_record(picture_layer(weights[None], published.axis)), "self")
    np.testing.assert_allclose([found.raw.values[0][0], found.renormalised.values[0][0]], [16 / 4, 16 / 3], rtol=1e-6)


def test_a_text_has_no_pixels(record_of, toy):
    with pytest.raises(MeasureError, match="queries of Tokens and keys of Tokens"):
        measures.pixel_distance(record_of(*toy), "self")
