"""What measures ask of the axes of a map."""

import numpy as np

from attnviz.axes import Axis, Patches, Tokens
from attnviz.families.grids.grid import CLASS
from attnviz.record import same_positions


def special_keys(axis: Axis) -> np.ndarray:
    """Mark the special tokens of an axis, a sink among them; patches and frames have none.

    Shape   (position,), bool
    """
    return np.array(axis.special, bool) if isinstance(axis, Tokens) else np.zeros(len(axis), bool)


def reads_itself(queries: Axis, keys: Axis) -> bool:
    """Say whether query i and key i are the same position, as in self-attention; a sink may follow the keys.

    So it is in the decoder of an encoder-decoder, whose queries are named by the tokens that they write.
    """
    return same_positions(queries, keys)


def class_key(axis: Axis) -> int | None:
    """Find the token that stands for the whole input: a picture's class token, or a special token ahead of a text."""
    match axis:
        case Patches():
            return axis.labels.index(CLASS) if CLASS in axis.labels else None
        case Tokens():
            return 0 if axis.special and axis.special[0] else None
    return None


def patch_centres(axis: Patches) -> np.ndarray:
    """Say where the middle of each patch lies in the picture that the model saw.

    Shape   (position, 2): down, across; not a number for tokens that are no patch.
    Unit    pixels
    """
    cells = np.array([np.nan if cell is None else cell for cell in axis.cells], np.float64)
    rows, cols = np.divmod(cells, axis.grid[1])
    return (np.stack([rows, cols], axis=1) + 0.5) * np.array(axis.patch)
