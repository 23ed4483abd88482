from itertools import pairwise

import numpy as np
import pytest

from attnviz.record.pool import Pooled

TABLE = np.arange(12, dtype=np.float32).reshape(4, 3)


@pytest.mark.parametrize("cuts", [(0, 4), (0, 1, 4), (0, 1, 2, 3, 4), (0, 3, 4)])
def test_blocks_of_any_height_give_the_same_small_table(cuts: tuple[int, ...]):
    largest, mean = Pooled((4, 3), (2, 2), "max"), Pooled((4, 3), (2, 2), "mean")
    for pooled in (largest, mean):
        for top, bottom in pairwise(cuts):
            pooled.add(top, TABLE[top:bottom])
    np.testing.assert_array_equal(largest.result(), [[3, 5], [9, 11]])
    np.testing.assert_array_equal(mean.result(), [[1.5, 3], [7.5, 9]])


def test_a_table_smaller_than_asked_stays_as_it_is():
    pooled = Pooled((4, 3), (100, 100), "max")
    pooled.add(0, TABLE)
    np.testing.assert_array_equal(pooled.result(), TABLE)
