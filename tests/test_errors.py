"""Every error is one sentence with named blanks, and whoever reads Chinese reads it in Chinese."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import pytest

from attnviz import errors
from attnviz.errors import AttnvizError
from attnviz.ui.catalogue import LANGUAGES, words

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*ROOT.glob("attnviz/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"])
KINDS = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type)}
UNSEEN = (errors.LinkError, errors.ShapeError, errors.RowError)  # a page turns links into notes; arrays are our own
TRANSLATED = [language for language in LANGUAGES if language != "en"]

Blank = tuple[str, str | None, str | None]  # name, how it is formatted, how it is converted


@dataclass(frozen=True)
class Made:
    """One place where an error is made."""

    where: str
    kind: type[AttnvizError]
    call: ast.Call

    @property
    def template(self) -> str | None:
        """The sentence, where it is a constant and the only one."""
        only = self.call.args[0] if len(self.call.args) == 1 else None
        return only.value if isinstance(only, ast.Constant) and isinstance(only.value, str) else None

    @property
    def given(self) -> set[str | None]:
        """The names that are given a value; None where they cannot be read off."""
        return {keyword.arg for keyword in self.call.keywords}

    def __str__(self) -> str:
        return f"{self.where} {self.kind.__name__}({self.template!r})"


def made_in(path: Path) -> Iterator[Made]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
            yield Made(f"{path.relative_to(ROOT)}:{node.lineno}", KINDS[node.func.id], node)


def blanks(template: str) -> set[Blank]:
    parsed = Formatter().parse(template)
    return {(name, form, conversion) for _, name, form, conversion in parsed if name is not None}


MADE = [made for path in SOURCES for made in made_in(path)]
SEEN = {made.template for made in MADE if made.template and not issubclass(made.kind, UNSEEN)}


def test_every_error_is_made_from_a_constant_sentence():
    assert len(MADE) > 100
    assert not [str(made) for made in MADE if made.template is None]


def test_a_sentence_ends_and_its_blanks_are_those_that_are_filled():
    assert not [str(made) for made in MADE if not made.template.endswith((".", "?"))]
    assert not [str(made) for made in MADE if {name for name, _, _ in blanks(made.template)} != made.given]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_error_that_a_visitor_can_meet_is_translated(language):
    assert not SEEN - words(language).errors.keys()


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_of_an_error_that_nobody_raises(language):
    assert not words(language).errors.keys() - SEEN


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_same_blanks_formatted_alike_or_not_at_all(language):
    """What is not formatted alike could fail on its value, and hide the error behind another."""
    translations = words(language).errors
    bare = {sentence: {(name, "", None) for name, _, _ in blanks(sentence)} for sentence in translations}
    assert not [
        said
        for sentence, said in translations.items()
        if not blanks(said) <= blanks(sentence) | bare[sentence]
        or {name for name, _, _ in blanks(said)} != {name for name, _, _ in blanks(sentence)}
    ]


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_ends_as_a_sentence_does(language):
    assert not [said for said in words(language).errors.values() if not said.endswith(("。", "？"))]


def test_a_sentence_without_blanks_is_left_as_it_is():
    assert str(AttnvizError("Braces such as {} stay.")) == "Braces such as {} stay."
    assert str(AttnvizError("{count:,} tokens.", count=1200)) == "1,200 tokens."
