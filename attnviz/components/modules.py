"""The ES modules of the custom views: where they lie, the address they are served at, and the stub that loads them.

Streamlit sends a component's inline script again with every mount and gives it no siblings to import. The launcher
serves this folder instead, under a digest of its bytes: a browser fetches each module once, modules import each
other as written, and all views of a tab share one store.
"""

import hashlib
from functools import cache
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parent
ROUTE = "modules"  # the launcher mounts the folder at /modules/<digest>/


@cache
def names() -> frozenset[str]:
    """The modules that may be served, as paths below this folder."""
    return frozenset(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.js"))


@cache
def digest() -> str:
    """Name the bytes of every module, so that a new version has a new address."""
    seen = hashlib.blake2b(digest_size=8)
    for name in sorted(names()):
        seen.update(name.encode())
        seen.update((FOLDER / name).read_bytes())
    return seen.hexdigest()


def base() -> str:
    """The path that an operator may have set before all paths of this server, or nothing."""
    set_by_hand = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{set_by_hand}" if set_by_hand else ""


def address(module: str) -> str:
    """The path of a module on this server."""
    return f"{base()}/{ROUTE}/{digest()}/{module}"


def stub(module: str) -> str:
    """The few inline lines that load a served module and hand every call on to it."""
    return f"""
const module = import(new URL("{address(module)}", location.origin));
module.catch((reason) => console.error("attnviz: a view could not be loaded", reason));
export default function (component) {{
  module.then((view) => view.render(component));
  return () => module.then((view) => view.unmount(component.parentElement));
}}
"""


def style(*folders: str) -> str:
    """The style sheet of a view, after the one that all views share and those that it builds on."""
    return "\n".join((FOLDER / name / "view.css").read_text(encoding="utf-8") for name in ("common", *folders))
