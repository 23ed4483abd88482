"""How a token is spelt for a reader: characters, never marks of the vocabulary, and nothing that cannot be seen."""

import unicodedata

SPACE = "␣"
SEEN = {"\n": "⏎", "\r": "␍", "\t": "⇥", "\v": "␋", "\f": "␌"}
TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # would reorder the screen
JOINING = frozenset("\u200c\u200d\ufe0e\ufe0f")  # shape their neighbours: kept inside, named alone
REPLACEMENT = "\ufffd"


def visible(text: str) -> str:
    """Spell a piece of text so that every character of it can be seen and none disturbs the line it stands in."""
    if not text:
        return ""
    body = text.lstrip(" ") or text
    if body.isspace():
        return "".join(SEEN.get(character, SPACE) for character in body)
    inner = body.rstrip()
    spelt = "".join(_within(character) for character in inner) + visible(body[len(inner) :])
    if all(character in JOINING for character in inner):
        return "".join(_named(character) for character in inner)
    return f"◌{spelt}" if unicodedata.combining(inner[0]) else spelt


def _within(character: str) -> str:
    if character in SEEN:
        return SEEN[character]
    if character == " " or character in JOINING:
        return character
    if character.isspace():
        return SPACE
    if character in TURNING or character == REPLACEMENT or unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp"):
        return _named(character)
    return character


def _named(character: str) -> str:
    return f"U+{ord(character):04X}"
