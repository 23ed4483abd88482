"""What the helm would be given: the words of a language and the ramp, from where the app takes them."""

from typing import Any

from attnviz.figures.theme import RAMP_DARK, RAMP_LIGHT
from attnviz.share.view import Language
from attnviz.ui.catalogue import words


def settings(language: Language) -> dict[str, Any]:
    """The settings of a first visit."""
    return {
        "specials": "shown",
        "scale": "shared",
        "spelling": "text",
        "language": language,
        "words": dict(words(language).phrases),
        "ramp": {"light": RAMP_LIGHT, "dark": RAMP_DARK},
    }
