import pytest

from attnviz.record.csv_table import for_csv


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_a_label_that_begins_a_formula_gets_an_apostrophe(start: str):
    assert for_csv(f'{start}HYPERLINK("x")') == f'\'{start}HYPERLINK("x")'


@pytest.mark.parametrize("label", ["the", "[CLS]", "1=1", "", "猫"])
def test_any_other_label_stays_as_it_is(label: str):
    assert for_csv(label) == label
