"""Several heads: split, attend, join, and one matrix that mixes what they found."""

from dataclasses import dataclass

import numpy as np

from attnviz.errors import InputError
from attnviz.lab.steps import Attended, attend


@dataclass(frozen=True, eq=False)
class Joined:
    """What several heads found, side by side, and mixed.

    Shape   heads: one `Attended` a query head; joined (query, heads · width); output (query, number).
    Source  Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2.
    """

    heads: tuple[Attended, ...]
    joined: np.ndarray
    output: np.ndarray


def split(rows: np.ndarray, heads: int) -> np.ndarray:
    """Give each head its own part of every vector.

    Shape   rows (position, heads · width); result (head, position, width).
    Raises  InputError  when the numbers of a vector cannot be shared alike.
    """
    positions, width = rows.shape
    if heads < 1 or width % heads:
        raise InputError(
            "{width} numbers cannot be split among {heads} heads alike. Choose a number of heads that divides {width}.",
            width=width,
            heads=heads,
        )
    return rows.reshape(positions, heads, width // heads).transpose(1, 0, 2)


def joined(heads: np.ndarray) -> np.ndarray:
    """Put the heads' vectors side by side again.

    Shape   heads (head, position, width); result (position, heads · width).
    """
    return heads.transpose(1, 0, 2).reshape(heads.shape[1], -1)


def attend_in_heads(
    queries: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    mixing: np.ndarray,
    *,
    visible: np.ndarray | None = None,
) -> Joined:
    """Let each head attend by itself, then join and mix; query heads may share key heads in groups.

    Shape   queries (head, query, width), keys and values (key head, key, width), mixing W_O (heads · width, number),
            visible (query, key).
    Raises  InputError  when the heads cannot be grouped, or sizes do not fit.
    Source  Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2; Ainslie et al. 2023, arXiv:2305.13245, for groups.
    """
    if len(keys) != len(values) or not len(keys) or len(queries) % len(keys):
        raise InputError(
            "{queries} query heads cannot share {keys} key heads and {values} value heads. Key and value heads must be "
            "as many, and their number must divide {queries}.",
            queries=len(queries),
            keys=len(keys),
            values=len(values),
        )
    group = len(queries) // len(keys)
    found = tuple(
        attend(query, keys[head // group], values[head // group], visible=visible) for head, query in enumerate(queries)
    )
    side_by_side = joined(np.stack([each.output for each in found]))
    if len(mixing) != side_by_side.shape[1]:
        raise InputError(
            "The heads join to {joined} numbers and W_O has {rows} rows. Give it {joined}.",
            joined=side_by_side.shape[1],
            rows=len(mixing),
        )
    return Joined(found, side_by_side, side_by_side @ mixing)
