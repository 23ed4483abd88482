"""Fifty sentences of our own and their translations, with a hand-made note of which word is said by which."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
NONE = "-"  # what no word of the source says
MARKS = frozenset(".,?!。，？！")

Span = tuple[int, int]
Link = tuple[int, int]  # a word of the source, a word of the target


@dataclass(frozen=True)
class Aligned:
    """A sentence, its translation, and the links of their words; marks have none.

    Unit    links: words, counted from 0.
    """

    language: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    links: frozenset[Link]

    @property
    def texts(self) -> tuple[str, str]:
        """Write both sentences as a reader would."""
        return joined(self.source, "en")[0], joined(self.target, self.language)[0]

    @property
    def spans(self) -> tuple[list[Span], list[Span]]:
        """Say where each word stands in the sentences as written."""
        return joined(self.source, "en")[1], joined(self.target, self.language)[1]


@cache
def aligned(language: str) -> tuple[Aligned, ...]:
    """Read the sentences of a language."""
    rows = (HERE / f"aligned-{language}.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(_aligned(language, *row.split("\t")) for row in rows)


def joined(words: tuple[str, ...], language: str) -> tuple[str, list[Span]]:
    """Write words as a text, and say where each stands."""
    text, spans = "", list[Span]()
    for word in words:
        text += " " if text and _parted(text[-1], word, language) else ""
        spans.append((len(text), len(text) + len(word)))
        text += word
    return text, spans


def _parted(before: str, word: str, language: str) -> bool:
    if language == "zh" or before == "'" or word[0] == "-":
        return False
    return word not in MARKS or (language == "fr" and word in {"?", "!"})


def _aligned(language: str, source: str, target: str, told: str) -> Aligned:
    words, own = tuple(source.split()), tuple(target.split())
    said = zip(range(len(own)), told.split(), strict=True)
    links = ((int(one), place) for place, each in said if each != NONE for one in each.split(","))
    kept = frozenset(link for link in links if words[link[0]] not in MARKS and own[link[1]] not in MARKS)
    return Aligned(language, words, own, kept)
