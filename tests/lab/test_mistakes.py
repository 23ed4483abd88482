"""Common mistakes: each runs, and each is betrayed by a number."""

import json

import numpy as np
import pytest

from attnviz import lab
from attnviz.lab.code import notebook_of

SIGNS = {
    "normalised_by_keys": (0.5822, 1),
    "times_values": (1, 3),
    "softmax_of_columns": (0.7836, 1),
    "not_divided": (1, 0.8808),
    "masked_afterwards": (0.2840, 1),
    "swapped": (0.1978, 0.2840),
    "heads_averaged": (0.25, 0.5),
    "rolled_without_residual": (1, 0.25),
    "rolled_backwards": (0, 0.25),
}


def test_each_mistake_is_known_here():
    assert [each.name for each in lab.MISTAKES] == list(SIGNS)


@pytest.mark.parametrize("mistake", lab.MISTAKES, ids=lambda each: each.name)
def test_the_number_that_betrays_it(mistake: lab.Mistake):
    np.testing.assert_allclose(mistake.signs(), SIGNS[mistake.name], atol=1e-4)


@pytest.mark.parametrize("mistake", lab.MISTAKES, ids=lambda each: each.name)
def test_the_code_that_is_shown_is_ten_lines_or_fewer_and_runs_by_itself(mistake: lab.Mistake):
    for source, result in zip(mistake.sources(), mistake.results(), strict=True):
        assert len(source.strip().splitlines()) <= 10
        space = {"np": np}
        exec(source, space)
        name = source.split("(")[0].removeprefix("def ")
        np.testing.assert_array_equal(space[name](**mistake.given), result)


@pytest.mark.parametrize("mistake", lab.MISTAKES, ids=lambda each: each.name)
def test_the_notebook_of_a_mistake_runs_and_ends_with_the_right_number(mistake: lab.Mistake):
    cells = json.loads(notebook_of(mistake, "A title"))["cells"]
    space: dict[str, object] = {}
    for cell in cells[1:]:
        *lines, last = cell["source"].split("\n")
        exec("\n".join([*lines, f"found = {last}" if last.startswith(mistake.sign.__name__) else last]), space)
    np.testing.assert_allclose(space["found"], mistake.signs()[1])
