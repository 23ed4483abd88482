"""The room of measures as a whole."""

import inspect

import pytest

from attnviz import measures


@pytest.mark.parametrize("name", measures.MEASURES)
def test_every_measure_is_called_with_a_record_and_a_stack(record_of, toy, name):
    measure = getattr(measures, name)
    assert list(inspect.signature(measure).parameters)[:2] == ["record", "stack"]
    measure(record_of(*toy), "self")


def test_what_a_measure_file_defines_is_in_the_visible_tuple():
    doors = {name for name in measures.__all__ if inspect.isfunction(getattr(measures, name))}
    asked = {name for name in doors if list(inspect.signature(getattr(measures, name)).parameters)[1:2] == ["stack"]}
    assert asked - {"heads_of"} == set(measures.MEASURES)
