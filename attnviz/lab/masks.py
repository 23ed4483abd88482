"""Which keys a query may read."""

import numpy as np


def none(queries: int, keys: int) -> np.ndarray:
    """Let every query read every key.

    Shape   (query, key), True where it may.
    """
    return np.ones((queries, keys), bool)


def causal(queries: int, keys: int) -> np.ndarray:
    """Let a query read what is not after it; the last query stands at the last key, as when a text is continued.

    Shape   (query, key), True where it may. Earlier queries than the first key may read none.
    Source  transformers, masking_utils.causal_mask_function.
    """
    return np.arange(keys)[None, :] <= np.arange(queries)[:, None] + keys - queries


def padding(queries: int, keys: int, *, filled: int) -> np.ndarray:
    """Let no query read the keys at the end that only fill a row up.

    Shape   (query, key), True where it may.
    """
    return np.broadcast_to(np.arange(keys) < keys - filled, (queries, keys)).copy()


def window(queries: int, keys: int, *, reach: int) -> np.ndarray:
    """Let a query read the keys at most `reach` places to either side of its own.

    Shape   (query, key), True where it may.
    Source  Beltagy et al. 2020, arXiv:2004.05150, section 3.1.
    """
    return np.abs(np.arange(keys)[None, :] - np.arange(queries)[:, None]) <= reach
