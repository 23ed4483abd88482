"""What a visitor gave, decoded and frozen. Knows nothing of models."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One text, as the visitor wrote it."""

    text: str


Input = Text
