"""Emoji as small pictures, cut from Noto Color Emoji once, in every size and turn that scenes use."""

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")  # of Debian's package fonts-noto-color-emoji
FONT_SIZE = 109  # the one size its bitmaps have

# What a scene can hold: concrete things that a student names at first sight.
THINGS = {
    "apple": "🍎", "banana": "🍌", "bicycle": "🚲", "bird": "🐦", "book": "📘", "bus": "🚌",
    "butterfly": "🦋", "cake": "🎂", "car": "🚗", "cat": "🐱", "clock": "⏰", "dog": "🐶",
    "fish": "🐟", "football": "⚽", "frog": "🐸", "guitar": "🎸", "house": "🏠", "key": "🔑",
    "moon": "🌙", "mushroom": "🍄", "rocket": "🚀", "sunflower": "🌻", "tree": "🌳", "umbrella": "☂",
}  # fmt: skip
NAMES = tuple(THINGS)

SIZES = (24, 28, 32, 36, 40, 44)  # pixels of the longer side, once turned
FAINT = 16  # of 255: less cover is an edge that nobody sees
TURNS = tuple(range(-45, 46, 9))  # degrees


Sprites = tuple[tuple[np.ndarray, ...], ...]


@cache
def sprites() -> Sprites:
    """Cut every thing in every size and turn.

    Shape   [thing][size and turn], each (rows, cols, 4) of uint8: red, green, blue, cover; no empty edge.
    """
    font = ImageFont.truetype(str(FONT), FONT_SIZE)
    return tuple(
        tuple(turned(drawn(sign, font), size, turn) for size in SIZES for turn in TURNS) for sign in THINGS.values()
    )


def drawn(sign: str, font: ImageFont.FreeTypeFont) -> Image.Image:
    """Draw an emoji as large as the font has it; no empty edge."""
    canvas = Image.new("RGBA", (160, 160))
    ImageDraw.Draw(canvas).text((10, 10), sign, font=font, embedded_color=True)
    return _cut(canvas)


def turned(picture: Image.Image, size: int, turn: float) -> np.ndarray:
    """Turn an emoji, and make it so large; no empty edge.

    Shape   (rows, cols, 4), uint8: red, green, blue, cover.
    Unit    size: pixels of the longer side; turn: degrees
    """
    leaning = _cut(picture.rotate(turn, Image.Resampling.BICUBIC, expand=True))
    scale = size / max(leaning.size)
    width, height = (max(1, round(side * scale)) for side in leaning.size)
    return np.asarray(leaning.resize((width, height), Image.Resampling.LANCZOS))


def _cut(drawn: Image.Image) -> Image.Image:
    """Take off the empty edge."""
    return drawn.crop(drawn.getchannel("A").point(lambda cover: 255 * (cover > FAINT)).getbbox())
