"""Values from a file's header, each believed only once it is seen to be what it must be."""

import math
from collections.abc import Callable
from typing import Any, TypeVar

from attnviz.errors import RecordError

T = TypeVar("T")


def each(check: Callable[[Any], T], values: Any) -> tuple[T, ...]:
    """Check every value of a list."""
    return tuple(check(value) for value in a(list, values))


def a(kind: type[T], value: Any) -> T:
    """Take a value of one type.

    Raises  RecordError  when it is of another.
    """
    if not isinstance(value, kind):
        raise RecordError(
            "The header holds {found} where {kind} belongs.",
            found=type(value).__name__,
            kind=kind.__name__,
        )
    return value


def text(value: Any) -> str:
    """Take a text that could be sent to a browser."""
    a(str, value).encode()  # half a surrogate pair is no text
    return str(value)


def count(value: Any) -> int:
    """Take a whole number.

    Raises  RecordError  when it is none, or below 0.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise RecordError("The header holds {value!r} where a count belongs.", value=value)
    return value


def whole(value: Any) -> int:
    """Take a whole number of either sign.

    Raises  RecordError  when it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise RecordError("The header holds {value!r} where a whole number belongs.", value=value)
    return value


def number(value: Any) -> float:
    """Take any number.

    Raises  RecordError  when it is none, or too large for one.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RecordError("The header holds {value!r} where a number belongs.", value=value)
    return float(value)


def span(value: Any, length: int) -> tuple[int, int]:
    """Take a stretch of a text of so many characters.

    Raises  RecordError  when it leaves the text or runs backwards.
    """
    start, stop = (count(end) for end in a(list, value))
    if not start <= stop <= length:
        raise RecordError(
            "A token spans {start} to {stop} of a text of {length} characters.",
            start=start,
            stop=stop,
            length=length,
        )
    return start, stop


def no_constant(name: str) -> float:
    """Refuse what JSON has no word for.

    Raises  RecordError  always: NaN and infinity are no numbers that a record holds.
    """
    raise RecordError(
        "The header holds {name}, which is no number.",
        name=name,
    )
