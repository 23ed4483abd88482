"""Everything that a link carries, as one frozen value. Knows nothing of addresses or widgets."""

from dataclasses import dataclass
from typing import Literal

EXAMPLE = "The cat sat on the mat because it was tired after chasing the mouse."

Average = Literal["none", "heads", "all", "mix"]
Direction = Literal["reads", "read"]
Specials = Literal["shown", "hidden", "renormalised"]
Scale = Literal["shared", "row"]
Spelling = Literal["text", "raw"]
Language = Literal["en", "zh"]


@dataclass(frozen=True)
class HeadWeight:
    """One head of a weighted mix."""

    layer: int
    head: int
    weight: float


@dataclass(frozen=True)
class View:
    """What a screen shows: two equal views show equal pictures.

    `average` says which heads the map is made of: one head ("none"), the mean of the layer's heads ("heads"), the
    mean of every head of every layer ("all"), or the weighted heads of `mix` ("mix").
    """

    page: str = "text"
    model: str = "minilm"
    revision: str = ""  # the commit of a hub model; empty for an embedded one
    text: str = EXAMPLE
    stack: str = "self"
    layer: int = 2
    head: int = 7
    query: int | None = None
    average: Average = "none"
    mix: tuple[HeadWeight, ...] = ()
    direction: Direction = "reads"  # "reads": what the query reads; "read": who reads it as a key
    specials: Specials = "shown"
    scale: Scale = "shared"
    spelling: Spelling = "text"
    language: Language | None = None  # None: the browser's
