"""Tables of numbers small enough for a screen and a link: checked, spelled in a link's letters, and read back."""

import re
from dataclasses import dataclass

from attnviz.errors import InputError

Table = tuple[tuple[float, ...], ...]
MOST_CHARACTERS = 2_400  # of a lesson in a link


@dataclass(frozen=True)
class Bounds:
    """How much a lesson takes of a table, and how its numbers are kept."""

    rows: int
    numbers: int
    largest: int
    decimals: int


def checked(name: str, table: Table, bounds: Bounds) -> Table:
    """Hold a table to its bounds, its numbers rounded to what is kept of them.

    Raises  InputError  when it is ragged or too large, or a number out of bounds.
    """
    widths = {len(row) for row in table}
    if len(widths) != 1 or 0 in widths:
        raise InputError("Every row of {name} needs as many numbers as the others, and at least one.", name=name)
    if len(table) > bounds.rows or max(widths) > bounds.numbers:
        raise InputError(
            "{name} is {rows} × {numbers}; the lab takes up to {most_rows} rows of {most_numbers} numbers. "
            "Leave some out.",
            name=name,
            rows=len(table),
            numbers=max(widths),
            most_rows=bounds.rows,
            most_numbers=bounds.numbers,
        )
    if not all(abs(number) <= bounds.largest for row in table for number in row):
        raise InputError(
            "{name} holds a number beyond ±{largest:,}. Choose a smaller one.", name=name, largest=bounds.largest
        )
    return tuple(tuple(round(float(number), bounds.decimals) + 0.0 for number in row) for row in table)


def spelled_table(table: Table, decimals: int) -> str:
    """Spell a table: numbers between commas, rows between semicolons."""
    return ";".join(",".join(f"{each:.{decimals}f}".rstrip("0").rstrip(".") for each in row) for row in table)


def read_table(text: str) -> Table:
    """Read a table as it was spelled.

    Raises  InputError  when a part of it is no number.
    """
    return tuple(tuple(read_number(each) for each in row.split(",")) for row in text.split(";"))


def read_number(text: str) -> float:
    """Read a number as it was spelled.

    Raises  InputError  when it is none, or has more digits than any number of the lab.
    """
    if not re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,8})?", text):
        raise InputError("{given!r} is no number of the lab. Write one such as -2.5.", given=text[:20])
    return float(text)


def parts_of(text: str) -> list[str]:
    """Take what a link says of a lesson apart.

    Raises  InputError  when it is longer than a link carries.
    """
    if len(text) > MOST_CHARACTERS:
        raise InputError(
            "The lab's numbers are {count:,} characters and a link carries {most:,}. Choose fewer.",
            count=len(text),
            most=MOST_CHARACTERS,
        )
    return text.split("_")


def unknown(part: str) -> InputError:
    """What there is to say of a part that no lesson writes."""
    return InputError("{given!r} is no setting of the lab. Open it anew from the page.", given=part[:20])


def check_takes(matrix: str, takes: int, vectors: str, given: int) -> None:
    """Say why a matrix cannot be multiplied with some vectors.

    Raises  InputError  when they have another number of numbers than it takes.
    """
    if takes != given:
        raise InputError(
            "{matrix} takes vectors of {takes} numbers and those of {vectors} have {given}; they are multiplied number "
            "by number. Give both as many.",
            matrix=matrix,
            takes=takes,
            vectors=vectors,
            given=given,
        )


def check_added(left: str, first: int, right: str, second: int) -> None:
    """Say why two vectors cannot be added.

    Raises  InputError  when one has more numbers than the other.
    """
    if first != second:
        raise InputError(
            "{left} gives {first} numbers and {right} gives {second}; they are added number by number. Give both as "
            "many.",
            left=left,
            first=first,
            right=right,
            second=second,
        )
