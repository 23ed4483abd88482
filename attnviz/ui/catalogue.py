"""Every visible word, from one folder of files per language. Knows nothing of screens."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from attnviz.errors import AttnvizError
from attnviz.share.view import Language

FOLDER = Path(__file__).parent / "words"
LANGUAGES: tuple[Language, ...] = ("en", "zh")
NAMES: Mapping[Language, str] = {"en": "English", "zh": "中文"}


@dataclass(frozen=True)
class Words:
    """The phrases of one language: `words("text.draw")`, blanks filled by name.

    `errors` translates what can go wrong; the English sentence of an error is the name of its translation.
    """

    language: Language
    phrases: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, name: str, /, **blanks: object) -> str:
        return self.phrases[name].format_map({key: str(value) for key, value in blanks.items()})

    def within(self, *rooms: str) -> dict[str, str]:
        """The phrases of some parts of the catalogue, by full name, for a view in the browser."""
        return {name: phrase for room in rooms for name, phrase in self._rooms.get(room, {}).items()}

    @cached_property
    def _rooms(self) -> Mapping[str, Mapping[str, str]]:
        """The phrases of each part, told apart once: a lesson asks for some of them at every edit."""
        found: dict[str, dict[str, str]] = {}
        for name, phrase in self.phrases.items():
            found.setdefault(name.split(".")[0], {})[name] = phrase
        return found

    def error(self, error: AttnvizError) -> str:
        """What went wrong, in this language, or in English where that has no word for it."""
        template = self.errors.get(error.template)
        return str(error) if template is None else template.format_map(error.blanks)


@cache
def words(language: Language) -> Words:
    """Read the files of a language, once; each part of the catalogue stands in one of them."""
    phrases: dict[str, str] = {}
    errors: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.toml")):
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
        errors |= tree.pop("errors", {})  # named by sentences, which have full stops of their own
        phrases |= dict(_flat(tree))
    return Words(language, phrases, errors)


def _flat(tree: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Name every phrase by its path: [text] draw = "…" becomes "text.draw"."""
    found: list[tuple[str, str]] = []
    for name, value in tree.items():
        found += _flat(value, f"{before}{name}.") if isinstance(value, dict) else [(f"{before}{name}", value)]
    return found


def language_of(locale: str | None) -> Language:
    """The catalogue nearest to a browser's language."""
    return "zh" if (locale or "").lower().startswith("zh") else "en"
