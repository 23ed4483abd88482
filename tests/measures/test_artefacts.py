"""High-norm tokens: who is above the line, and since when."""

import dataclasses

import numpy as np
import pytest

from attnviz import measures
from attnviz.axes import ImageGeometry, Named
from attnviz.errors import MeasureError, ShapeError
from attnviz.families.grids.grid import patches
from attnviz.record import Norms

AXIS = patches(ImageGeometry((50, 50), (50, 50), (0, 0), (50, 50)), (10, 10), (5, 5), before=("[CLS]",))


def norms(*changed: dict[int, float], spread: float = 1.0) -> Norms:
    """Make layers of lengths around 20, of which some positions have others."""
    plain = 20 + spread * np.random.default_rng(0).normal(size=len(AXIS))
    layers = []
    for own in changed:
        values = plain.copy()
        values[list(own)] = list(own.values())
        layers.append(values)
    return Norms(tuple(layers), (AXIS,) * len(layers))


def test_patches_far_above_the_others_are_found_with_the_layer_from_which_they_are():
    found = measures.artefacts(norms({7: 90}, {}, {7: 90}, {7: 200, 30: 80}))
    assert (found.positions, found.since, found.share) == ((7, 30), (2, 3), 0.02)
    assert found.cut == pytest.approx(2 * found.median)


def test_a_class_token_is_no_artefact_however_long():
    assert measures.artefacts(norms({0: 500})).positions == ()


def test_where_lengths_spread_widely_the_line_lies_higher():
    found = measures.artefacts(norms({7: 60}, spread=5))
    assert found.positions == ()
    assert found.cut > 60


def test_where_all_lengths_are_alike_a_small_step_is_none():
    assert measures.artefacts(norms({7: 25}, spread=0)).positions == ()
    assert measures.artefacts(norms({7: 41}, spread=0)).positions == (7,)


def test_layers_on_another_grid_are_not_looked_back_into():
    other = patches(AXIS.geometry, (20, 20), (2.5, 2.5))
    given = norms({7: 90})
    both = Norms((np.full(len(other), 90.0), *given.values), (other, *given.axes))
    assert measures.artefacts(both).since == (1,)


def test_without_patches_there_is_nothing_to_find():
    with pytest.raises(MeasureError, match="no patches"):
        measures.artefacts(Norms((np.ones(0),), (Named(()),)))


def test_lengths_are_named_by_their_axis():
    with pytest.raises(ShapeError, match="layer by layer"):
        dataclasses.replace(norms({}), axes=(Named(("a",)),))
