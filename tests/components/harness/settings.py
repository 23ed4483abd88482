"""What the helm would be given: the words of a language and the ramp, from where the app takes them."""

import tomllib
from pathlib import Path
from typing import Any

from attnviz.figures.theme import RAMP_DARK, RAMP_LIGHT
from attnviz.ui.catalogue import FOLDER, _flat

VIEWS = ("head_atlas", "token_strip", "token_map", "reading_rail")


def words(language: str) -> dict[str, str]:
    """The catalogue's phrases; before it, those of the drafts that the views came with."""
    found: dict[str, str] = {}
    for place in [FOLDER / f"{language}.toml", *(Path(f"/tmp/words_{view}_{language}.toml") for view in VIEWS)]:
        if place.exists():
            found |= dict(_flat(tomllib.loads(place.read_text(encoding="utf-8"))))
    return found


def settings(language: str) -> dict[str, Any]:
    """The settings of a first visit."""
    return {
        "specials": "shown",
        "scale": "shared",
        "spelling": "text",
        "language": language,
        "words": words(language),
        "ramp": {"light": RAMP_LIGHT, "dark": RAMP_DARK},
    }
