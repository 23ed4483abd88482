"""Numbers over (query, key) as CSV that any spreadsheet opens."""

import csv
from collections.abc import Iterable
from typing import IO

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def write_csv(out: IO[str], queries: Iterable[str], keys: Iterable[str], rows: Iterable[Iterable[float]]) -> None:
    """Write a header of keys, then one line a query, its label first.

    Unit    as the rows have it, with every digit of a float32.
    Source  RFC 4180; labels that a spreadsheet would compute begin with an apostrophe.
    """
    writer = csv.writer(out)
    writer.writerow(["query \\ key", *map(for_csv, keys)])
    for label, row in zip(queries, rows, strict=True):
        writer.writerow([for_csv(label), *(f"{number:.9g}" for number in row)])


def for_csv(label: str) -> str:
    """Write a label so that a spreadsheet shows it and never computes it.

    Source  OWASP, CSV Injection: an apostrophe goes before the characters that begin a formula.
    """
    return f"'{label}" if label.startswith(_FORMULA) else label
