"""The room of measures as a whole."""

import inspect

import pytest

from attnviz import measures


@pytest.mark.parametrize("name", measures.MEASURES)
def test_every_measure_is_called_with_a_record_and_a_stack(record_of, toy, name):
    measure = getattr(measures, name)
    assert list(inspect.signature(measure).parameters)[:2] == ["record", "stack"]
    measure(record_of(*toy), "self")


@pytest.mark.parametrize("name", measures.PICTURE_MEASURES)
def test_every_measure_of_pictures_is_called_so_too(published, name):
    measure = getattr(measures, name)
    assert list(inspect.signature(measure).parameters)[:2] == ["record", "stack"]
    measure(published.record, "self")


def test_lenses_on_gradients_are_called_with_them(published):
    for name in measures.GRADIENT_MEASURES:
        assert next(iter(inspect.signature(getattr(measures, name)).parameters)) == "gradients"


def test_what_a_measure_file_defines_is_in_the_visible_tuple():
    doors = {name for name in measures.__all__ if inspect.isfunction(getattr(measures, name))}
    taken = {name: list(inspect.signature(getattr(measures, name)).parameters) for name in doors}
    asked = {name for name in doors if taken[name][:2] == ["record", "stack"]}
    assert asked - {"heads_of"} == {*measures.MEASURES, *measures.PICTURE_MEASURES}
    assert {name for name in doors if taken[name][0] == "gradients"} == set(measures.GRADIENT_MEASURES)
