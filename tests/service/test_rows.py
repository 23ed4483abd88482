"""One row of every head, for pages whose heads are too large to travel."""

import numpy as np
import pytest

from attnviz.errors import LinkError
from attnviz.service.rows import carried, region, rows_of
from attnviz.service.tiles import Tiles
from tests.components.harness.pictures import BARE, COARSE, FINE, at, plain, stages

HEADS, KEYS = 6, 27  # of two layers


def rows(bytes_: np.ndarray) -> np.ndarray:
    """The rows of the plain record, as weights: (head, key)."""
    return (bytes_.reshape(HEADS, KEYS) / 255) ** 2


def test_a_row_is_that_of_the_asked_patch_in_every_head() -> None:
    found = rows(rows_of(plain(), "self", "reads", 0, (at(1, 2), at(1, 2))))
    assert found[0].argmax() == found[5].argmax() == at(3, 4)
    np.testing.assert_allclose(found[0, at(3, 4)], 0.8, atol=0.004)
    np.testing.assert_allclose(found[1], 1 / 27, atol=0.004)


def test_a_region_is_the_mean_of_its_rows() -> None:
    found = rows(rows_of(plain(), "self", "reads", 0, (at(1, 2), at(2, 3))))
    weights = np.concatenate([plain().layer("self", layer).weights() for layer in (0, 1)])
    asked = [at(1, 2), at(1, 3), at(2, 2), at(2, 3)]
    np.testing.assert_allclose(found, weights[:, asked].mean(axis=1), atol=0.004)


def test_who_reads_a_region_is_the_sum_of_its_columns() -> None:
    found = rows(rows_of(plain(), "self", "read", 0, (at(3, 4), at(3, 5))))
    weights = np.concatenate([plain().layer("self", layer).weights() for layer in (0, 1)])
    np.testing.assert_allclose(found, weights[:, :, [at(3, 4), at(3, 5)]].sum(axis=2), atol=0.004)


def test_all_is_the_mean_of_every_row() -> None:
    found = rows(rows_of(plain(), "self", "reads", 0, None))
    weights = np.concatenate([plain().layer("self", layer).weights() for layer in (0, 1)])
    np.testing.assert_allclose(found, weights.mean(axis=1), atol=0.004)


def test_a_layer_of_another_grid_is_asked_where_the_patch_lies() -> None:
    found = rows_of(stages(), "self", "reads", 0, (at(1, 3, before=0),) * 2)
    assert found.shape == (6 + 6,)
    assert found[6:].argmax() == 5  # the coarse r0 c1 reads r1 c2


def test_places_are_carried_as_the_browser_carries_them() -> None:
    """The numbers of tests/components/test_patches.py."""
    assert carried(BARE, [at(1, 3, before=0)], COARSE) == [1]
    assert carried(BARE, [at(3, 5, before=0)], COARSE) == [5]
    assert carried(COARSE, [1], BARE) == [2, 3, 8, 9]
    assert carried(FINE, [0, 1], FINE) == [0, 1]
    assert carried(FINE, [0], BARE) == []


def test_a_region_is_a_rectangle_of_patches_and_a_token_stands_alone() -> None:
    assert region(FINE, at(2, 3), at(1, 2)) == [at(1, 2), at(1, 3), at(2, 2), at(2, 3)]
    assert region(FINE, 0, at(1, 2)) == [0]
    with pytest.raises(LinkError, match="0 to 26"):
        region(FINE, 27, 0)


@pytest.fixture
def tiles() -> Tiles:
    return Tiles()


def ask(tiles: Tiles, path: str) -> bytes:
    with tiles.ask(tiles.lend("plain", plain), path) as ticket:
        return ticket.result()


def test_the_route_gives_rows_and_whole_maps_in_bytes(tiles: Tiles) -> None:
    assert len(ask(tiles, f"self/rows/reads/0/{at(1, 2)}-{at(2, 3)}")) == HEADS * KEYS
    assert len(ask(tiles, "self/rows/read/1/4-4")) == HEADS * KEYS
    assert len(ask(tiles, "self/rows/reads/1/all")) == HEADS * KEYS
    whole = np.frombuffer(ask(tiles, "self/0.0/bytes"), np.uint8).reshape(KEYS, KEYS)
    assert whole[at(1, 2)].argmax() == at(3, 4)


@pytest.mark.parametrize(
    "path", ["self/rows/up/0/1-1", "self/rows/reads/0/1", "self/rows/reads/0/99-99", "x/0.0/bytes"]
)
def test_what_there_is_not_is_refused(tiles: Tiles, path: str) -> None:
    with pytest.raises(Exception, match=r"address|Positions|stack"):
        ask(tiles, path)
