"""A map as a table that any spreadsheet opens."""

from io import StringIO

from attnviz.record import AttentionMap, ScoreMap
from attnviz.record.csv_table import write_csv


def table(attention: AttentionMap | ScoreMap) -> str:
    """Write a map as CSV: a header of keys, then one line a query, its label first.

    Unit    as the map has it, with every digit of a float32.
    """
    numbers = attention.weights if isinstance(attention, AttentionMap) else attention.scores
    text = StringIO()
    write_csv(text, attention.queries, attention.keys, numbers)
    return text.getvalue()
