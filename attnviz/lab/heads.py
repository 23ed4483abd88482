"""Several heads: split, attend, join, and one matrix that mixes what they found."""

from dataclasses import dataclass

import numpy as np

from attnviz.errors import InputError
from attnviz.lab.steps import Attended, attend
from attnviz.lab.tables import check_takes


@dataclass(frozen=True, eq=False)
class Joined:
    """What several heads found, side by side, and mixed.

    Shape   heads: one `Attended` a query head; joined (query, heads · width); output (query, number).
    Source  Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2.
    """

    heads: tuple[Attended, ...]
    joined: np.ndarray
    output: np.ndarray


def projected(
    tokens: np.ndarray,
    others: np.ndarray,
    to_queries: np.ndarray,
    to_keys: np.ndarray,
    to_values: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make queries of some tokens, keys and values of others: X W_Q, Y W_K, Y W_V. Where Y is X it is self-attention.

    Shape   tokens X (query, width), others Y (key, other width), to_queries W_Q (width, number), to_keys W_K and
            to_values W_V (other width, number); results (query, number), (key, number), (key, number).
    Raises  InputError  when a matrix does not take vectors of that width.
    Source  Vaswani et al. 2017, arXiv:1706.03762, sections 3.2.2 and 3.2.3.
    """
    check_takes("W_Q", len(to_queries), "X", tokens.shape[1])
    source = "X" if others is tokens else "Y"
    check_takes("W_K", len(to_keys), source, others.shape[1])
    check_takes("W_V", len(to_values), source, others.shape[1])
    return tokens @ to_queries, others @ to_keys, others @ to_values


def sharing(heads: int, key_heads: int) -> tuple[int, ...]:
    """Name the key head that each query head reads: neighbours share one.

    Raises  InputError  when the query heads cannot be shared out alike.
    Source  Ainslie et al. 2023, arXiv:2305.13245, section 2.2; one key head for all is multi-query attention.
    """
    if key_heads < 1 or heads % key_heads:
        raise InputError(
            "{heads} query heads cannot share {keys} key heads alike. Choose a number of key heads that divides "
            "{heads}.",
            heads=heads,
            keys=key_heads,
        )
    return tuple(head // (heads // key_heads) for head in range(heads))


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
    if len(keys) != len(values):
        raise InputError(
            "There are {keys} key heads and {values} value heads; each head of keys opens one of values. Give as many "
            "of one as of the other.",
            keys=len(keys),
            values=len(values),
        )
    found = tuple(
        attend(query, keys[shared], values[shared], visible=visible)
        for query, shared in zip(queries, sharing(len(queries), len(keys)), strict=True)
    )
    side_by_side = joined(np.stack([each.output for each in found]))
    if len(mixing) != side_by_side.shape[1]:
        raise InputError(
            "The heads join to {joined} numbers and W_O has {rows} rows. Give it {joined}.",
            joined=side_by_side.shape[1],
            rows=len(mixing),
        )
    return Joined(found, side_by_side, side_by_side @ mixing)
