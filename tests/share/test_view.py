"""The view checks itself at the door."""

import pytest

from attnviz.errors import LinkError
from attnviz.share import HeadWeight, View


@pytest.mark.parametrize(
    "fields",
    [
        {"page": "../x"},
        {"model": "a b"},
        {"model": ".."},
        {"revision": "main"},
        {"stack": ""},
        {"layer": -1},
        {"head": 10_000},
        {"query": 10_000},
        {"average": "both"},
        {"language": "fr"},
        {"text": "\ud800"},
        {"mix": (HeadWeight(0, 0, 1),) * 1025},
    ],
)
def test_a_view_that_no_link_could_carry_is_refused_by_name(fields):
    name = next(iter(fields))
    with pytest.raises(LinkError, match=name):
        View(**fields)


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), -0.1, 100.1])
def test_a_weight_is_a_number_from_0_to_100(weight):
    with pytest.raises(LinkError, match="0 to 100"):
        HeadWeight(0, 0, weight)
