"""Every emoji that the font draws in colour, under the name that Unicode gives it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from PIL import ImageFont
from transformers import PreTrainedTokenizerFast

from training.letters import word_tokenizer
from training.scenes.emoji import FONT, FONT_SIZE, drawn, turned

BLOCKS = range(0x1F300, 0x1FB00)
NO_THINGS = re.compile(r"emoji (component|modifier)|regional indicator|clock face")  # parts, and 24 times of day
SIZES = (22, 27, 32, 38)  # pixels of the longer side, once turned
TURNS = (-30, -15, 0, 15, 30)  # degrees
MOST_DRAWN = 2000
ONE_IN = 8  # names are kept out, of those whose every word stands in others


@cache
def signs() -> dict[str, str]:
    """Name every emoji, the name's words with spaces between: {"red apple": "🍎"}."""
    font = ImageFont.truetype(str(FONT), FONT_SIZE)
    named = {_plain(unicodedata.name(chr(code), "")): chr(code) for code in BLOCKS}
    return {name: sign for name, sign in named.items() if name and not NO_THINGS.search(name) and _is_drawn(sign, font)}


def _plain(name: str) -> str:
    return " ".join(re.findall("[a-z0-9]+", name.lower()))


def _is_drawn(sign: str, font: ImageFont.FreeTypeFont) -> bool:
    return font.getbbox(sign)[2] > 0 and font.getmask(sign).getbbox() is not None


@cache
def is_held_out(name: str) -> bool:
    """Say whether training never shows an emoji; every word of its name is learnt from others."""
    others = Counter(word for each in signs() for word in set(each.split()))
    number = sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 2**32
    return all(others[word] > 2 for word in name.split()) and (number * 2654435761 >> 8) % ONE_IN == 0


@cache
def names(held_out: bool) -> tuple[str, ...]:
    """Name the emoji that training shows, or those that it keeps out."""
    return tuple(name for name in signs() if is_held_out(name) == held_out)


class Drawings(Sequence[Sequence[np.ndarray]]):
    """Every emoji in every size and turn, drawn when it is first asked for."""

    def __init__(self, chosen: Sequence[str]) -> None:
        self.chosen = chosen

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, thing: int) -> Sequence[np.ndarray]:  # type: ignore[override]
        return _looks(self.chosen[thing])


@lru_cache(MOST_DRAWN)
def _looks(name: str) -> tuple[np.ndarray, ...]:
    large = drawn(signs()[name], ImageFont.truetype(str(FONT), FONT_SIZE))
    return tuple(turned(large, size, turn) for size in SIZES for turn in TURNS)


@cache
def tokenizer() -> PreTrainedTokenizerFast:
    """Read names, one word a token, with a beginning and an end."""
    return word_tokenizer(sorted({"and", *(word for name in signs() for word in name.split())}))
