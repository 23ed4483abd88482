"""What measures ask of the axes of a map."""

import numpy as np

from attnviz.axes import Axis, Tokens
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
