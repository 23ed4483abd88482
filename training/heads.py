"""What heads are looked for, in more than one model: those that find what followed the same token before."""

import numpy as np

NOTHING = -1  # stands before the first token


def followed(tokens: np.ndarray) -> np.ndarray:
    """Say of each query which keys followed an earlier place of the same token.

    Shape   tokens (text, place); result (text, query, key), 1 or 0.
    """
    before = np.concatenate([np.full_like(tokens[:, :1], NOTHING), tokens[:, :-1]], axis=1)
    same = tokens[:, :, None] == before[:, None, :]
    return (same & np.tri(tokens.shape[1], dtype=bool)).astype(np.float32)


def head_named(scores: np.ndarray) -> str:
    """Name the head with the highest score, counted from 0 as on the screen.

    Shape   scores (layer, head).
    """
    layer, head = divmod(int(scores.argmax()), scores.shape[1])
    return f"L{layer} H{head}"
