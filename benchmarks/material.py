"""Texts of an exact number of tokens."""

from itertools import cycle, islice

STORY = "the cat sat on the mat because it was tired after a long day with its friend the dog by the old river"
WORDS = STORY.split()


def text_of(tokens: int, take: int = 0) -> str:
    """Write a text that MiniLM reads as so many tokens; each take is another text, so that nothing is found in a cache.

    Every word is one token, and [CLS] and [SEP] are two more.
    """
    return " ".join(islice(cycle(WORDS), take, take + tokens - 2))
