"""How widely each head spreads its attention, in bits."""

import numpy as np

from attnviz.measures.heads import HeadScores, layers_of
from attnviz.record import AttentionRecord


def entropy(record: AttentionRecord, stack: str) -> HeadScores:
    """Average the entropy of a head's rows, for every head.

    Shape   one (head,) array a layer.
    Unit    bits; `chance` is the most there can be: every query reading all that it may read alike.
    Raises  RecordError  when the record has no such stack.
    Source  Ghader & Monz 2017, arXiv:1710.03348, section 4; Clark et al. 2019, arXiv:1906.04341, section 3.3.
    """
    return HeadScores.collect(
        (
            (entropy_bits(layer.weights()).mean(axis=1), np.log2(layer.reachable).mean(axis=1))
            for layer in layers_of(record, stack)
        ),
        unit="bits",
    )


def entropy_bits(weights: np.ndarray) -> np.ndarray:
    """Say how many bits it takes to tell which key was read.

    Shape   weights (..., key); result (...), one number a row.
    Unit    bits; log2 of the number of keys when all are read alike.
    Source  Shannon 1948, with 0 log 0 = 0.
    """
    logs = np.log2(weights, out=np.zeros(weights.shape, np.float32), where=weights > 0)
    return np.maximum(-(weights * logs).sum(axis=-1), 0)  # never -0.0
