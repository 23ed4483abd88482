"""The house keeps its line of rooms: imports point one way, and nothing comes from outside."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]

# design.md §3: each room imports only rooms before it.
ROOMS = (
    "errors",
    "axes",
    "inputs",
    "record",
    "families",
    "models",
    "encode",
    "capture",
    "measures",
    "lab",
    "figures",
    "share",
    "service",
    "components",
    "ui",
    "pages",
    "app",
)
STREAMLIT = ("components", "ui", "pages", "app")

SOURCES = sorted([*ROOT.glob("attnviz/**/*.py"), *ROOT.glob("pages/*.py"), *ROOT.glob("app.py")])
ASSETS = sorted(path for kind in ("py", "js", "css", "html") for path in ROOT.glob(f"attnviz/**/*.{kind}"))
MARKUP = (
    "unsafe_allow_html",
    "unsafe_allow_javascript",
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
)

# What a page could fetch from: an address in markup, a stylesheet or an import. Words in comments are no address.
OUTSIDE = re.compile(
    r"""(?:src|href)\s*=\s*["']?(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import\s+["'(]|from\s+["']https?:"""
    r"""|(?:import|fetch|WebSocket|EventSource|XMLHttpRequest)\(\s*["'`](?:https?:|wss?:)?//|cdn\.|googleapis|gstatic"""
)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def room_of(path: Path) -> str:
    """Name the room a file lies in; attnviz/__init__.py is the door, which may show any room."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "attnviz" else parts[0]


def imports(path: Path) -> Iterator[str]:
    """Name every module a file imports, wherever in the file it does so."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{relative(path)} imports relatively; write the whole name."
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_entered(path: Path) -> set[str]:
    names = (name.split(".") for name in imports(path))
    return {name[1] for name in names if name[0] == "attnviz" and len(name) > 1 and name[1] in ROOMS}


def third_parties(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)} - sys.stdlib_module_names - {"attnviz"}


def test_every_file_lies_in_a_room_of_the_line():
    assert {room_of(path) for path in SOURCES} <= {*ROOMS, "__init__"}


def test_a_room_imports_only_rooms_before_it():
    wrong = {
        relative(path): later
        for path in SOURCES
        if (room := room_of(path)) in ROOMS
        and (later := {entered for entered in rooms_entered(path) if ROOMS.index(entered) > ROOMS.index(room)})
    }
    assert not wrong


def test_streamlit_is_imported_by_the_last_rooms_alone():
    using = {room_of(path) for path in SOURCES if "streamlit" in third_parties(path)}
    assert using <= set(STREAMLIT)


def test_the_app_imports_neither_tests_nor_benchmarks():
    assert not {
        relative(path) for path in SOURCES if third_parties(path) & {"tests", "benchmarks", "training", "pytest"}
    }


def test_the_future_is_not_imported():
    assert not [relative(path) for path in SOURCES if any(name.startswith("__future__") for name in imports(path))]


def test_everything_imported_is_pinned_by_name():
    owners = packages_distributions()
    asked = {package for path in SOURCES for package in third_parties(path)}
    loose = {package for package in asked if not {spelt(name) for name in owners.get(package, [package])} & pinned()}
    assert not loose, f"requirements.txt does not name {', '.join(sorted(loose))}."


def test_everything_pinned_is_used():
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    owners = packages_distributions()
    used = {spelt(name) for module in owners if re.search(rf"\b{module}\b", text) for name in owners[module]}
    assert not pinned() - used


def test_every_requirement_is_exact_and_torch_is_the_one_version():
    lines = requirements()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    assert "torch==2.13.0" in lines


def test_importing_the_door_does_not_import_torch():
    found = subprocess.run(
        [sys.executable, "-c", "import sys, attnviz; print('torch' in sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "False"


def test_no_file_turns_words_into_markup():
    assert not [
        (relative(path), word) for path in ASSETS for word in MARKUP if word in path.read_text(encoding="utf-8")
    ]


def test_nothing_is_fetched_from_another_host():
    found = {relative(path): OUTSIDE.findall(path.read_text(encoding="utf-8")) for path in ASSETS}
    assert not {path: addresses for path, addresses in found.items() if addresses}


def requirements() -> list[str]:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith(("#", "-"))]


def pinned() -> set[str]:
    return {spelt(line.split("==")[0]) for line in requirements()}


def spelt(name: str) -> str:
    """Write a distribution's name the one way that pip compares."""
    return re.sub(r"[-_.]+", "-", name).lower()
