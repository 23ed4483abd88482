"""What a visitor gave, decoded and frozen. Knows nothing of models."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Text:
    """One text, as the visitor wrote it."""

    text: str


@dataclass(frozen=True)
class TextPair:
    """Two texts: read together by an encoder, or a source and its target for a model that reads one and writes the other."""

    first: str
    second: str


@dataclass(frozen=True)
class Turn:
    """What one side of a conversation says. Roles are those of chat templates: system, user, assistant."""

    role: str
    text: str


@dataclass(frozen=True)
class Chat:
    """A conversation, which a model's own template makes a text of."""

    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Picture:
    """A picture, decoded.

    Shape   rgb holds height × width × 3 bytes, row by row; `size` is (height, width).
    """

    size: tuple[int, int]
    rgb: bytes

    @property
    def pixels(self) -> np.ndarray:
        """The picture as an array.

        Shape   (height, width, 3), uint8.
        """
        return np.frombuffer(self.rgb, np.uint8).reshape(*self.size, 3)


@dataclass(frozen=True)
class Sound:
    """A sound, decoded to one channel.

    Unit    rate: samples a second; wave: float32 samples, -1 to 1, as bytes.
    """

    rate: int
    wave: bytes

    @property
    def samples(self) -> np.ndarray:
        """The sound as an array.

        Shape   (sample,), float32.
        """
        return np.frombuffer(self.wave, np.float32)

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


@dataclass(frozen=True)
class PictureAndText:
    """A picture, and the words that belong to it: a caption, a question, or what a model is to write."""

    picture: Picture
    text: str


@dataclass(frozen=True)
class SoundAndText:
    """A sound, and the words that a model is to hear in it."""

    sound: Sound
    text: str


@dataclass(frozen=True)
class Candidate:
    """One token that a model might have written, as a reader sees it.

    Unit    probability: 0 to 1.
    """

    label: str
    probability: float


@dataclass(frozen=True)
class Generated:
    """What was given and what a model wrote to it, as the model's own token numbers, so that it is read as written.

    Shape   ids: one a written token; candidates: for each, the likeliest tokens at its place, most likely first.
    """

    given: "Text | TextPair | Chat | Picture | PictureAndText | Sound"
    ids: tuple[int, ...]
    candidates: tuple[tuple[Candidate, ...], ...] = ()


Input = Text | TextPair | Chat | Picture | PictureAndText | Sound | SoundAndText | Generated
