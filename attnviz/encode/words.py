"""Words of a text, by one definition whatever the tokenizer: where each begins and ends."""

from bisect import bisect_right

import regex

from attnviz.axes import Span

# A Han character is a word of its own; other letters, digits and their accents run together, across an inner
# apostrophe too; any other mark stands alone, an emoji with all its parts being one mark.
WORD = regex.compile(
    r"""
    \p{Han}\p{M}*
    | [[\p{L}\p{N}\p{M}]--\p{Han}]+ (?: ['’] [[\p{L}\p{N}\p{M}]--\p{Han}]+ )*
    | (?!\s)\X
    """,
    regex.VERBOSE | regex.VERSION1,
)


def words(text: str) -> list[Span]:
    """Find every word, in order.

    Unit    half-open character offsets.
    """
    return [match.span() for match in WORD.finditer(text)]


class WordFinder:
    """Says which word of a text a token belongs to."""

    def __init__(self, text: str) -> None:
        found = words(text)
        self._starts = [start for start, _ in found]
        self._ends = [end for _, end in found]

    def of(self, span: Span | None) -> int | None:
        """Give the first word that a token shares a character with; None for spaces and for what is no text."""
        if span is None:
            return None
        index = bisect_right(self._ends, span[0])
        return index if index < len(self._starts) and self._starts[index] < span[1] else None
