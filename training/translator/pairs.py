"""Short sentences and their translations, from Tatoeba; some English sentences are kept for measuring."""

import gzip
import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cache

import regex

from training.places import DATA
from training.translator.aligned import aligned

LANGUAGES = ("fr", "zh")
WORDS = 12  # of a sentence, at most
LETTERS = {"fr": 100, "zh": 20}  # of a translation, at most
ONE_IN = 50  # English sentences are kept for measuring, with all their translations
OFTEN = 5  # a character has to occur, for a sentence with it to be taught
SPACES = regex.compile(r"[\s\u200b]+")


@dataclass(frozen=True)
class Pair:
    """A sentence and what it means."""

    source: str
    target: str


@cache
def pairs(language: str, held_out: bool) -> tuple[Pair, ...]:
    """Read what is for training, or what is kept for measuring."""
    every = [each for each in _read(language) if is_held_out(each.source) == held_out]
    if held_out:
        return tuple(every)
    own = {each.texts[0] for each in aligned(language)}  # our own sentences, where Tatoeba has them too
    taught = [each for each in every if each.source not in own]
    often = Counter(letter for each in taught for letter in each.target)
    return tuple(each for each in taught if all(often[letter] >= OFTEN for letter in each.target))


def is_held_out(source: str) -> bool:
    """Say whether training never sees an English sentence, however it is translated."""
    return int.from_bytes(hashlib.sha256(source.encode()).digest()[:4]) % ONE_IN == 0


def plain(text: str) -> str:
    """Write apostrophes and spaces one way."""
    return SPACES.sub(" ", text.replace("’", "'")).strip()


def _read(language: str) -> list[Pair]:
    path = DATA / "tatoeba" / f"en-{language}.tsv.gz"
    rows = gzip.decompress(path.read_bytes()).decode().splitlines()
    every = dict.fromkeys(Pair(*map(plain, row.split("\t")[:2])) for row in rows)
    return [each for each in every if _is_short(each, language)]


def _is_short(pair: Pair, language: str) -> bool:
    target = 0 < len(pair.target) <= LETTERS[language] and len(pair.target.split()) <= WORDS
    return bool(pair.source) and len(pair.source.split()) <= WORDS and target
