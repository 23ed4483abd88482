"""A map as a table that any spreadsheet opens."""

import csv
from io import StringIO

from attnviz.figures.labels import for_csv
from attnviz.record import AttentionMap, ScoreMap


def table(attention: AttentionMap | ScoreMap) -> str:
    """Write a map as CSV: a header of keys, then one line a query, its label first.

    Unit    as the map has it, with every digit of a float32.
    Source  RFC 4180; labels that a spreadsheet would compute begin with an apostrophe.
    """
    numbers = attention.weights if isinstance(attention, AttentionMap) else attention.scores
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["query \\ key", *map(for_csv, attention.keys)])
    for label, row in zip(attention.queries, numbers, strict=True):
        writer.writerow([for_csv(label), *(f"{number:.9g}" for number in row)])
    return text.getvalue()
