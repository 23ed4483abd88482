"""The table, as a spreadsheet would read it."""

import csv
from io import StringIO

import numpy as np

from attnviz import figures
from attnviz.record.csv_table import for_csv


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


def test_commas_quotes_and_line_breaks_stay_inside_their_cell(hostile):
    assert rows(figures.table(hostile))[0][1:] == [for_csv(label) for label in hostile.keys]
