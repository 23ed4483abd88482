"""What is said of a scene: its things with an article each, and of two of them how they lie."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerFast

from training.letters import word_tokenizer
from training.scenes.compose import Placed
from training.scenes.emoji import NAMES

VOWELS = "aeiou"
WORDS = ("a", "an", "left", "of", "above", "and", *NAMES)
THIRDS = 3  # of the picture's side: where things lie, coarsely
ONE_IN = 10  # layouts are kept out of training


@dataclass(frozen=True)
class Caption:
    """What is said of a scene; `things` has the thing that each word names, or None."""

    words: tuple[str, ...]
    things: tuple[Placed | None, ...]

    @property
    def text(self) -> str:
        """The words with spaces between."""
        return " ".join(self.words)


def caption(placed: Sequence[Placed]) -> Caption:
    """Say what is there: one thing; of two which is left of, or above, the other; of more all, from left to right."""
    if len(placed) == 2:
        across, down = (abs(_middle(placed[0])[side] - _middle(placed[1])[side]) for side in (0, 1))
        side, between = (0, ("left", "of")) if across >= down else (1, ("above",))
        first, second = sorted(placed, key=lambda each: _middle(each)[side])
        return _joined([first, second], between)
    return _joined(sorted(placed, key=lambda each: _middle(each)[0]), ("and",))


def _joined(things: Sequence[Placed], between: tuple[str, ...]) -> Caption:
    words: list[str] = []
    named: list[Placed | None] = []
    for place, each in enumerate(things):
        name = NAMES[each.thing]
        words += [*(between if place else ()), "an" if name[0] in VOWELS else "a", name]
        named += [*([None] * (len(between) if place else 0)), None, each]
    return Caption(tuple(words), tuple(named))


def _middle(placed: Placed) -> tuple[float, float]:
    left, top, right, bottom = placed.box
    return (left + right) / 2, (top + bottom) / 2


def is_held_out(placed: Sequence[Placed], pixels: int) -> bool:
    """Say whether training never sees things lie so, whatever they are: one coarse layout of two or more in ten."""
    cells = sorted(
        min(THIRDS - 1, int(across * THIRDS / pixels)) + THIRDS * min(THIRDS - 1, int(down * THIRDS / pixels))
        for across, down in map(_middle, placed)
    )
    number = sum((cell + 1) * 10**place for place, cell in enumerate(cells))
    return len(cells) > 1 and (number * 2654435761 >> 8) % ONE_IN == 0


def tokenizer() -> PreTrainedTokenizerFast:
    """Read captions, one word a token, with a beginning and an end."""
    return word_tokenizer(WORDS)
