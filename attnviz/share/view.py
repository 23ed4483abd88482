"""Everything that a link carries, as one frozen value. Knows nothing of addresses or widgets."""

import math
import re
from dataclasses import dataclass
from typing import Any, Literal, get_args

from attnviz.errors import LinkError

EXAMPLE = "The cat sat on the mat because it was tired after chasing the mouse."

Average = Literal["none", "heads", "all", "mix"]
Direction = Literal["reads", "read"]
Specials = Literal["shown", "hidden", "renormalised"]
Scale = Literal["shared", "row"]
Spelling = Literal["text", "raw"]
Picture = Literal["map", "lines"]
Fuse = Literal["mean", "max", "min"]
Lens = Literal["raw", "rollout", "gradient", "relevance"]
Rule = Literal["definition", "published"]
Overlay = Literal["colour", "light"]
Drawing = Literal["cells", "smooth"]
Second = Literal["map", "distance"]
Distance = Literal["raw", "renormalised"]
Lesson = Literal["step", "heads", "scoring", "regions", "costs", "mistakes"]
Chapter = Literal[
    "why",
    "vectors",
    "softmax",
    "heads",
    "masks",
    "translation",
    "patches",
    "speech",
    "positions",
    "found",
    "care",
]
Language = Literal["en", "zh"]

CHOICES: dict[str, tuple[str, ...]] = {
    "average": get_args(Average),
    "direction": get_args(Direction),
    "specials": get_args(Specials),
    "scale": get_args(Scale),
    "spelling": get_args(Spelling),
    "picture": get_args(Picture),
    "fuse": get_args(Fuse),
    "lens": get_args(Lens),
    "rule": get_args(Rule),
    "overlay": get_args(Overlay),
    "drawing": get_args(Drawing),
    "second": get_args(Second),
    "distance": get_args(Distance),
    "lesson": get_args(Lesson),
    "chapter": get_args(Chapter),
    "language": get_args(Language),
}

_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}"
FORMS = {
    "page": re.compile(r"[a-z0-9-]{1,32}"),
    "model": re.compile(f"{_NAME}(/{_NAME})?"),
    "revision": re.compile(r"([0-9a-f]{40})?"),
    "stack": re.compile(r"[a-z0-9_-]{1,32}"),
    "image": re.compile(r"[a-z0-9-]{1,64}"),
    "bench": re.compile(r"[a-z0-9.,;_-]{1,2400}"),  # what it says is read by attnviz.lab.bench
} | {
    name: re.compile(r"[a-z0-9.,;_-]{0,2400}")  # each is read by the lesson that it is about; empty: as it begins
    for name in ("heads", "scoring", "regions", "costs", "quiz")
}

NUMBERS = ("layer", "head", "query", "corner", "target")
PERCENTS = {"opacity": 100, "mass": 100, "discard": 99}  # and the greatest of each
LARGEST_NUMBER = 9999  # no model and no text comes near it; the true bound is the record's
LARGEST_WEIGHT = 100.0
MAX_MIX_HEADS = 1024  # every head of a model with 32 layers of 32 heads


@dataclass(frozen=True)
class HeadWeight:
    """One head of a weighted mix.

    Unit    `weight` counts against the other weights of the mix; it need not be a fraction.
    Raises  LinkError  when a number is outside what a link can carry.
    """

    layer: int
    head: int
    weight: float

    def __post_init__(self) -> None:
        check_number("layer", self.layer)
        check_number("head", self.head)
        if not (math.isfinite(self.weight) and 0 <= self.weight <= LARGEST_WEIGHT):
            raise LinkError(
                "The weight of a head is {given}; give a number from 0 to {largest:g}.",
                given=self.weight,
                largest=LARGEST_WEIGHT,
            )


@dataclass(frozen=True)
class View:
    """What a screen shows: two equal views show equal pictures.

    `average` says which heads the map is made of: one head ("none"), the mean of the layer's heads ("heads"), the
    mean of every head of every layer ("all"), or the weighted heads of `mix` ("mix").

    Raises  LinkError  when a field holds what no link could carry; the message names the field and what it accepts.
    """

    page: str = "text"
    model: str = "minilm"
    revision: str = ""  # the commit of a hub model; empty for an embedded one
    text: str = EXAMPLE
    stack: str = "self"
    layer: int = 3
    head: int = 1
    query: int | None = None
    average: Average = "none"
    mix: tuple[HeadWeight, ...] = ()
    direction: Direction = "reads"  # "reads": what the query reads; "read": who reads it as a key
    specials: Specials = "shown"
    scale: Scale = "shared"
    spelling: Spelling = "text"
    picture: Picture = "map"
    image: str = "astronaut"  # a sample by its name, or a visitor's own by the digest of its pixels
    corner: int | None = None  # of a region of patches: the corner opposite to `query`
    fuse: Fuse = "mean"  # how several heads become one map of a picture
    lens: Lens = "raw"  # what a map of a picture is made by
    target: int | None = None  # the class that a lens is about; None: the likeliest
    discard: int = 0  # so many percent of a layer's weights, the smallest, have no part in a rollout
    rule: Rule = "definition"  # or as vit-explain published it, for papers that used it
    overlay: Overlay = "colour"  # patches are dyed, or lit where they are read
    drawing: Drawing = "cells"
    opacity: int = 70
    mass: int = 100  # only the fewest patches are drawn that hold so many percent of what all patches get
    second: Second = "map"  # what stands below the picture
    distance: Distance = "raw"  # of whole rows, or of what goes to patches alone
    lesson: Lesson = "step"  # of the page of lessons
    bench: str = "q1;2;3_k4;5;6_v7;8;9"  # what lies on the bench of the lab
    heads: str = ""  # what lies on the bench of many heads; and of the lessons after it
    scoring: str = ""
    regions: str = ""
    costs: str = ""
    chapter: Chapter = "why"
    quiz: str = ""  # a set of questions: what they are about, how hard, and the seed that they are drawn by
    language: Language | None = None  # None: the browser's

    def __post_init__(self) -> None:
        for name in FORMS:
            _check_form(name, getattr(self, name))
        for name in NUMBERS:
            check_number(name, getattr(self, name))
        for name in PERCENTS:
            check_percent(name, getattr(self, name))
        for name in CHOICES:
            _check_choice(name, getattr(self, name))
        if len(self.mix) > MAX_MIX_HEADS:
            raise LinkError(
                "The mix has {count} heads and a link carries {limit}. Choose fewer.",
                count=len(self.mix),
                limit=MAX_MIX_HEADS,
            )
        if not is_text(self.text):
            raise LinkError("`text` holds half of a character (a lone surrogate). Type or paste it anew.")


PAGES: dict[str, dict[str, Any]] = {"image": {"model": "scenes", "layer": 5, "head": 2, "image": "scene-cake"}}


def first(page: str) -> View:
    """The view of a page that is opened without a link."""
    return View(page=page, **PAGES.get(page, {}))


def check_number(name: str, given: int | None) -> None:
    """Refuse a position that no link can carry.

    Raises  LinkError  when the number is outside 0 to LARGEST_NUMBER.
    """
    if given is not None and not 0 <= given <= LARGEST_NUMBER:
        raise LinkError(
            "`{field}` is {given}; give a whole number from 0 to {largest}.",
            field=name,
            given=given,
            largest=LARGEST_NUMBER,
        )


def check_percent(name: str, given: int) -> None:
    """Refuse a percentage that is none.

    Raises  LinkError  when the number is outside 0 to what PERCENTS allows.
    """
    if not 0 <= given <= PERCENTS[name]:
        raise LinkError(
            "`{field}` is {given}; give a whole number from 0 to {largest}.",
            field=name,
            given=given,
            largest=PERCENTS[name],
        )


def _check_form(name: str, given: str) -> None:
    if not FORMS[name].fullmatch(given):
        raise LinkError(
            "`{field}` is {given!r}; it is written as {form}.", field=name, given=given[:80], form=FORMS[name].pattern
        )


def _check_choice(name: str, given: str | None) -> None:
    if given not in CHOICES[name] and not (name == "language" and given is None):
        raise LinkError(
            "`{field}` is {given!r}; choose one of {choices}.",
            field=name,
            given=given,
            choices=", ".join(CHOICES[name]),
        )


def is_text(text: str) -> bool:
    """Whether every character is whole, so that the text has bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def whole(text: str) -> str:
    """Put the replacement character where half of one was given."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
