"""Arithmetic as it is written on a blackboard."""

import numpy as np
import pytest

from attnviz import lab


@pytest.mark.parametrize(
    ("number", "said"),
    [(32, "32"), (-5.0, "−5"), (0.26894142, "0.2689"), (1e-7, "1·10^−7"), (-2.5e12, "−2.5·10^12"), (-np.inf, "−∞")],
)
def test_a_number_is_spelled_shortly(number, said):
    assert lab.spelled(number) == said


def test_a_cell_of_a_product():
    assert lab.product([1, 2, 3], [4, 5, 6]) == "1·4 + 2·5 + 3·6 = 32"
    assert lab.product([1, -2], [-4, 0.5]) == "1·(−4) + −2·0.5 = −5"


def test_a_long_sum_keeps_its_ends():
    assert lab.product([1] * 20, [2] * 20) == "1·2 + 1·2 + 1·2 + 1·2 + … + 1·2 + 1·2 + 1·2 + 1·2 = 40"


def test_a_cell_after_scaling():
    assert lab.quotient(32, 3**0.5, "√3") == "32 / √3 = 18.48"


def test_a_cell_of_a_softmax_leaves_out_what_may_not_be_read():
    assert lab.share([1, 2, -np.inf], 0) == "e^1 / (e^1 + e^2) = 0.2689"
    assert lab.share([1, 2, -np.inf], 2) == "0"
    assert lab.share([1000, 1001], 1) == "e^1001 / (e^1000 + e^1001) = 0.7311"
