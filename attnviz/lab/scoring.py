"""Other ways than q·k/√d to say how well a key answers a query. Each gives scores (query, key)."""

import numpy as np

from attnviz.lab.steps import check_fit
from attnviz.lab.tables import check_added, check_takes

WAYS = ("dot", "scaled", "general", "cosine", "additive")  # side by side on the screen


def dot(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Multiply number by number and add up.

    Shape   queries (query, width), keys (key, width); result (query, key).
    Raises  InputError  when a query and a key differ in width.
    Source  Luong et al. 2015, arXiv:1508.04025, eq. 7, "dot".
    """
    check_fit(queries, keys, keys)
    return queries @ keys.T


def scaled_dot(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Divide the dot product by √width, so that wide vectors do not score higher for being wide.

    Shape   queries (query, width), keys (key, width); result (query, key).
    Raises  InputError  when a query and a key differ in width.
    Source  Vaswani et al. 2017, arXiv:1706.03762, eq. 1.
    """
    check_fit(queries, keys, keys)
    return queries @ keys.T / np.sqrt(queries.shape[1])


def general(queries: np.ndarray, keys: np.ndarray, between: np.ndarray) -> np.ndarray:
    """Put a learnt matrix between query and key, which may then differ in width.

    Shape   queries (query, width), keys (key, other width), between (width, other width); result (query, key).
    Raises  InputError  when the matrix does not stand between such vectors.
    Source  Luong et al. 2015, arXiv:1508.04025, eq. 7, "general".
    """
    check_takes("M", len(between), "Q", queries.shape[1])
    check_takes("M", between.shape[1], "K", keys.shape[1])
    return queries @ between @ keys.T


def additive(
    queries: np.ndarray, keys: np.ndarray, of_query: np.ndarray, of_key: np.ndarray, voice: np.ndarray
) -> np.ndarray:
    """Let a small network score the pair: vᵀ tanh(W q + U k).

    Shape   queries (query, width), keys (key, other width), of_query W (hidden, width), of_key U (hidden, other
            width), voice v (hidden,); result (query, key).
    Raises  InputError  when a matrix or v does not take vectors of that width.
    Source  Bahdanau et al. 2014, arXiv:1409.0473, appendix A.1.2.
    """
    check_takes("W", of_query.shape[1], "Q", queries.shape[1])
    check_takes("U", of_key.shape[1], "K", keys.shape[1])
    check_added("W q", len(of_query), "U k", len(of_key))
    check_takes("v", len(voice), "W q + U k", len(of_query))
    return np.tanh((queries @ of_query.T)[:, None, :] + (keys @ of_key.T)[None, :, :]) @ voice


def cosine(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Compare directions alone; a vector of zeros has none and scores 0.

    Shape   queries (query, width), keys (key, width); result (query, key).
    Unit    -1 to 1
    Raises  InputError  when a query and a key differ in width.
    Source  Graves et al. 2014, arXiv:1410.5401, eq. 6.
    """
    check_fit(queries, keys, keys)
    return _directions(queries) @ _directions(keys).T


def _directions(rows: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)
