"""Docstrings answer their five questions: what it is for, then Shape, Unit, Raises, Source where they apply."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path for place in ("attnviz/**", "pages", "benchmarks", "training/**", ".") for path in ROOT.glob(f"{place}/*.py")
)

ANSWERS = ("Shape", "Unit", "Raises", "Source")
ARITHMETIC = ("record", "measures", "figures")  # rooms whose functions take and give arrays as their work
ARRAY = re.compile(r"\b(?:np\.ndarray|torch\.Tensor|Tensor)\b")
SHORT = 2  # a method of so few statements may let its name speak

Function = ast.FunctionDef | ast.AsyncFunctionDef
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
CLASSES = {node.name: node for tree in TREES.values() for node in tree.body if isinstance(node, ast.ClassDef)}
ERRORS = {node.name for node in TREES[ROOT / "attnviz/errors.py"].body if isinstance(node, ast.ClassDef)}


@dataclass(frozen=True)
class Part:
    """A public class, function or method; for a method the docstrings of its class and base speak too."""

    path: Path
    name: str
    node: Function | ast.ClassDef
    context: str = ""

    @property
    def own(self) -> str:
        """Its own docstring, or nothing."""
        return ast.get_docstring(self.node) or ""

    @property
    def doc(self) -> str:
        """Everything that speaks for it."""
        return f"{self.own}\n{self.context}"

    @property
    def is_short_method(self) -> bool:
        """Whether it is a method of few statements."""
        return "." in self.name and len(self.node.body) <= SHORT

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)} {self.name}"


def parts_of(path: Path) -> Iterator[Part]:
    """Walk what a file shows: public classes, functions and methods."""
    for node in TREES[path].body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield Part(path, node.name, node)
            yield from methods_of(path, node) if isinstance(node, ast.ClassDef) else ()


def methods_of(path: Path, owner: ast.ClassDef) -> Iterator[Part]:
    family = list(family_of(owner))
    for method in owner.body:
        if isinstance(method, Function) and not method.name.startswith("_"):
            same = [each for base in family for each in base.body if getattr(each, "name", "") == method.name]
            spoken = [ast.get_docstring(each) or "" for each in [*family, *same] if each is not method]
            yield Part(path, f"{owner.name}.{method.name}", method, "\n".join(spoken))


def family_of(owner: ast.ClassDef) -> Iterator[ast.ClassDef]:
    """Give a class and the classes of this project that it builds on."""
    yield owner
    for base in owner.bases:
        name = ast.unparse(base).split("[")[0]
        if name in CLASSES and name != owner.name:
            yield from family_of(CLASSES[name])


def handles_arrays(part: Part) -> bool:
    """Say whether a function computes with arrays; one that gives a name, or arrays by name, has no shape to state."""
    if not isinstance(part.node, Function):
        return False
    given = ast.unparse(part.node.returns) if part.node.returns else ""
    taken = [argument.annotation for argument in (*part.node.args.args, *part.node.args.kwonlyargs)]
    types = [given, *(ast.unparse(each) for each in taken if each is not None)]
    return given != "str" and not given.startswith("dict") and any(ARRAY.search(each) for each in types)


def raised(part: Part) -> set[str]:
    """Name the errors of this project that a function raises itself."""
    thrown = {node.exc for node in ast.walk(part.node) if isinstance(node, ast.Raise)}
    names = {ast.unparse(each.func) for each in thrown if isinstance(each, ast.Call)}
    return names & ERRORS if isinstance(part.node, Function) else set()


def answers(doc: str) -> list[str]:
    """Name the questions a docstring answers after its first sentence, in the order it does."""
    return re.findall(rf"^({'|'.join(ANSWERS)}) {{2,}}\S", doc, re.MULTILINE)


def in_room(part: Part, rooms: tuple[str, ...]) -> bool:
    return part.path.relative_to(ROOT).parts[1:2] in {(room,) for room in rooms}


PARTS = [part for path in FILES for part in parts_of(path)]


def test_every_module_says_what_it_is():
    silent = [str(path.relative_to(ROOT)) for path, tree in TREES.items() if not ast.get_docstring(tree)]
    assert not silent


def test_everything_public_says_what_it_is_for():
    silent = [str(part) for part in PARTS if not part.own and not part.context and not part.is_short_method]
    assert not silent


def test_a_docstring_begins_with_a_sentence():
    unended = [str(part) for part in PARTS if part.own and part.own.split("\n\n")[0].rstrip()[-1] not in ".:?"]
    assert not unended


def test_answers_come_in_one_order():
    mixed = [str(part) for part in PARTS if (given := answers(part.own)) != sorted(given, key=ANSWERS.index)]
    assert not mixed


def test_who_takes_or_gives_arrays_says_their_shape():
    asked = [part for part in PARTS if in_room(part, ARITHMETIC) and handles_arrays(part)]
    assert not [str(part) for part in asked if "Shape" not in answers(part.doc)]


def test_who_raises_says_what_and_when():
    unsaid = {
        str(part): missing for part in PARTS if (missing := {name for name in raised(part) if name not in part.doc})
    }
    assert not unsaid
    assert not [str(part) for part in PARTS if raised(part) and "Raises" not in answers(part.doc)]
