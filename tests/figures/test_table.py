"""The table, as a spreadsheet would read it."""

import csv
from io import StringIO

import numpy as np
import pytest

from attnviz import figures
from attnviz.figures.labels import for_csv


def rows(text):
    return list(csv.reader(StringIO(text, newline="")))


def test_keys_head_the_columns_and_queries_begin_the_lines(reads):
    head, *body = rows(figures.table(reads))
    assert head == ["query \\ key", "the", "model", "the"]
    assert [line[0] for line in body] == ["it", "reads"]


def test_every_digit_of_a_float32_survives(reads):
    _, *body = rows(figures.table(reads))
    read = np.array([line[1:] for line in body], dtype=np.float32)
    np.testing.assert_array_equal(read, reads.weights)


def test_scores_keep_their_sign(scored):
    assert rows(figures.table(scored))[1] == ["it", "-2.5", "4"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_a_label_that_begins_a_formula_gets_an_apostrophe(start):
    assert for_csv(f'{start}HYPERLINK("x")') == f'\'{start}HYPERLINK("x")'


@pytest.mark.parametrize("label", ["the", "[CLS]", "1=1", "", "猫"])
def test_any_other_label_stays_as_it_is(label):
    assert for_csv(label) == label


def test_commas_quotes_and_line_breaks_stay_inside_their_cell(hostile):
    assert rows(figures.table(hostile))[0][1:] == [for_csv(label) for label in hostile.keys]
