"""The weights that Longformer, LED and LongT5 report, a part of each row, put where they belong one by one."""

from collections.abc import Sequence

import numpy as np


def spread(band: np.ndarray, everywhere: Sequence[int] = (), rows: np.ndarray | None = None) -> np.ndarray:
    """Lay out a band over all pairs.

    Shape   band (head, query, global + near): first what each query gives to the tokens that are read everywhere, then
            to those near it, itself in the middle; rows (head, key, global): what those tokens give, padding included;
            result (head, query, key).
    """
    heads, length, width = band.shape
    reach = (width - len(everywhere)) // 2
    table = np.zeros((heads, length, length), np.float32)
    for query in range(length):
        for place, key in enumerate(everywhere):
            table[:, query, key] = band[:, query, place]
        for step in range(-reach, reach + 1):
            if 0 <= query + step < length and query + step not in everywhere:
                table[:, query, query + step] = band[:, query, len(everywhere) + reach + step]
    for place, query in enumerate(everywhere):
        assert rows is not None
        table[:, query] = rows[:, :length, place]
    return table


def joined(blocks: np.ndarray, count: int) -> np.ndarray:
    """Lay out blocks, each of which was compared with the one before it, itself, the one after it, and with sums.

    Shape   blocks (block, head, slot, three blocks of keys and the sums); result (head, query, key).
    """
    _, heads, size, width = blocks.shape
    table = np.zeros((heads, count, count + width - 3 * size), np.float32)
    for query in range(count):
        block, slot = divmod(query, size)
        for place in range(3 * size):
            key = (block - 1) * size + place
            if 0 <= key < count:
                table[:, query, key] = blocks[block, :, slot, place]
        table[:, query, count:] = blocks[block, :, slot, 3 * size :]
    return table


def streams(read: np.ndarray, ahead: np.ndarray) -> np.ndarray:
    """Lay out the streams of a decoder one after the other.

    Shape   read (head, query, key); ahead (stream, head, query, keys that are read, then those of the stream itself);
            result (head, query, key).
    """
    heads, length, _ = read.shape
    table = np.zeros((heads, length * (1 + len(ahead)), length * (1 + len(ahead))), np.float32)
    table[:, :length, :length] = read
    for stream, own in enumerate(ahead, start=1):
        for row in range(length):
            table[:, stream * length + row, :length] = own[:, row, :length]
            for key in range(length):
                table[:, stream * length + row, stream * length + key] = own[:, row, length + key]
    return table


def shared(scores: np.ndarray) -> np.ndarray:
    """Share 1 among the scores of each row.

    Shape   (head, query, key).
    """
    raised = np.exp(scores - scores.max(axis=2, keepdims=True))
    return raised / raised.sum(axis=2, keepdims=True)
