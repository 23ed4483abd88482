"""Small helpers that every record value uses: frozen arrays, and numbers as float32."""

import numpy as np

from attnviz.errors import RecordError

FLOATS = ("float32", "float16", "bfloat16")


def frozen(array: np.ndarray) -> np.ndarray:
    """Give an array that nobody can write to; a writeable one is copied, so that its owner may go on using it.

    Shape   as given, in C order.
    """
    if array.flags.writeable or not array.flags.c_contiguous:
        return sealed(np.array(array, order="C"))
    return array


def sealed(array: np.ndarray) -> np.ndarray:
    """Make an array that was made for this purpose read-only, with no copy.

    Shape   as given.
    """
    array.flags.writeable = False
    return array


def dtype_name(array: np.ndarray) -> str:
    """Name the numbers an array holds; numpy has no bfloat16, so its bit patterns travel as uint16."""
    return "bfloat16" if array.dtype == np.uint16 else array.dtype.name


def float32(array: np.ndarray) -> np.ndarray:
    """Read float32, float16, or bfloat16 held as uint16, as float32 without rounding.

    Shape   as given.
    """
    if array.dtype == np.uint16:
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array.astype(np.float32, copy=False)


def span_of(part: slice | None, length: int, side: str) -> tuple[int, int]:
    """Turn a slice of neighbouring positions into its two ends; `side` is the argument it was given as.

    Raises  RecordError  when the slice is empty, steps over positions, or leaves the axis.
    """
    start, stop, step = (part or slice(None)).indices(length)
    asked_past = part is not None and part.stop is not None and part.stop > length
    if step != 1 or start >= stop or asked_past:
        raise RecordError(
            "`{side}` is {part}, outside 0 to {length}. Ask for neighbouring positions inside it.",
            side=side,
            part=part,
            length=length,
        )
    return start, stop
