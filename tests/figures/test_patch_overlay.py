"""The overlay, read as data: each patch where it lies in the picture that was given."""

import numpy as np
import pytest

from attnviz import figures
from attnviz.axes import ImageGeometry, Named
from attnviz.errors import MeasureError
from attnviz.families.grids.grid import patches
from attnviz.inputs import Picture

# 200 × 120 pixels were made 160 × 96, and the middle 96 × 64 of them was seen: 2 rows and 3 columns of 32 pixels.
GEOMETRY = ImageGeometry(original=(120, 200), resized=(96, 160), offset=(16, 32), seen=(64, 96))
AXIS = patches(GEOMETRY, (2, 3), (32, 32), before=("[CLS]",))
ROW = np.array([0.5, 0.01, 0.04, 0.05, 0.1, 0.1, 0.2], np.float32)
PICTURE = Picture((120, 200), bytes(120 * 200 * 3))


def test_patches_are_laid_row_by_row_and_tokens_are_left_out():
    (cells,) = figures.patch_overlay(ROW, AXIS, PICTURE).data
    np.testing.assert_allclose(cells.z, ROW[1:].reshape(2, 3))
    assert (cells.zmin, cells.zmax) == (0, pytest.approx(0.2))
    assert cells.customdata[1][2] == "r1 c2"


def test_the_middle_of_a_patch_lies_where_it_does_in_the_given_picture():
    """A seen pixel is 1.25 given ones: the first patch's middle is resized pixel (16 + 16, 32 + 16)."""
    figure = figures.patch_overlay(ROW, AXIS, PICTURE)
    np.testing.assert_allclose(figure.data[0].x, [60, 100, 140])
    np.testing.assert_allclose(figure.data[0].y, [40, 80])
    (image,) = figure.layout.images
    assert (image.x, image.y, image.sizex, image.sizey) == (0, 0, 200, 120)
    assert figure.layout.yaxis.range == (120, 0)


def test_a_threshold_by_mass_leaves_the_lesser_patches_undyed():
    (cells,) = figures.patch_overlay(ROW, AXIS, PICTURE, mass=0.5, top=0.4, smooth=True).data
    np.testing.assert_array_equal(np.isnan(cells.z), [[True, True, True], [True, False, False]])
    assert (cells.zmax, cells.zsmooth) == (0.4, "best")


def test_a_row_that_names_no_patches_is_refused():
    with pytest.raises(MeasureError, match="7 and the axis names 2, as Named"):
        figures.patch_overlay(ROW, Named(("[QUERY 0]", "[QUERY 1]")), PICTURE)
    with pytest.raises(MeasureError, match="one number a patch"):
        figures.patch_overlay(ROW[1:], AXIS, PICTURE)
