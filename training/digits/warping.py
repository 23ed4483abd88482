"""When each word is said, read off attention by dynamic time warping."""

import numpy as np
from scipy.ndimage import median_filter

MEDIAN = 7  # positions


def beginnings(weights: np.ndarray) -> np.ndarray:
    """Say at which position each word begins.

    Shape   weights (head, word, position), the end of the text being the last word; result (word,), 0 for the first.
    Source  openai/whisper, timing.py, find_alignment.
    """
    spread = weights.std(axis=1, keepdims=True)
    level = (weights - weights.mean(axis=1, keepdims=True)) / np.maximum(spread, 1e-9)
    return np.array([path.min() for path in warped(median_filter(level, (1, 1, MEDIAN), mode="reflect").mean(axis=0))])


def warped(match: np.ndarray) -> list[np.ndarray]:
    """Give every position to a word, in order, such that the sum of what matches is largest.

    Shape   match (word, position); result: for each word its positions.
    """
    words, positions = match.shape
    cost = np.full((words + 1, positions + 1), np.inf)
    cost[0, 0] = 0
    came = np.zeros((words + 1, positions + 1), np.int8)
    for position in range(1, positions + 1):
        for word in range(1, words + 1):
            ways = (cost[word - 1, position - 1], cost[word - 1, position], cost[word, position - 1])
            came[word, position] = int(np.argmin(ways))
            cost[word, position] = ways[came[word, position]] - match[word - 1, position - 1]
    return _back(came, words, positions)


def _back(came: np.ndarray, word: int, position: int) -> list[np.ndarray]:
    given: list[list[int]] = [[] for _ in range(word)]
    while word and position:
        given[word - 1].append(position - 1)
        way = came[word, position]
        word, position = word - (way < 2), position - (way != 1)
    return [np.array(each) for each in given]
