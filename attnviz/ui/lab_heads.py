"""The lesson on several heads: what is set up, worked out, with the words and the code beside it."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from attnviz.components.lab_heads import lab_heads
from attnviz.errors import InputError
from attnviz.figures.theme import RAMP_DARK, RAMP_LIGHT
from attnviz.lab.blackboard import told
from attnviz.lab.code import LIBRARIES
from attnviz.lab.heads_bench import BOUNDS, MOST_HEADS, STEPS, TITLES, Done, Heads, read, written
from attnviz.lab.heads_board import HeadWorked, worked
from attnviz.lab.heads_code import CODE, given, notebook
from attnviz.share import View
from attnviz.ui import state
from attnviz.ui.catalogue import Words
from attnviz.ui.frame import understood

_SAME = "1,0,0,0;0,1,0,0;0,0,1,0;0,0,0,1"  # matrices that leave a vector as it is
_TOKENS = "x2,0,2,0;2,0,0,2;0,2,0,2"
_FOUR = "x1,0;0,1;1,1_a2,0,0,2,-2,0,1,1;0,2,2,0,0,-2,1,1"
_JOINED = "o1,0;0,1;1,0;0,1;1,0;0,1;1,0;0,1_h4"
PRESETS: Mapping[str, str] = MappingProxyType(
    {
        "two": f"{_TOKENS}_a{_SAME}_b{_SAME}_c{_SAME}_o{_SAME}",
        "one": f"{_TOKENS}_a{_SAME}_b{_SAME}_c{_SAME}_o{_SAME}_h1_g1",
        "causal": f"{_TOKENS}_a{_SAME}_b{_SAME}_c{_SAME}_o{_SAME}_mcausal",
        "grouped": f"{_FOUR}_b1,0,1,0;0,1,0,2_c1,0,0,1;0,1,1,0_{_JOINED}",
        "one_key": f"{_FOUR}_b1,0;0,1_c1,0;0,1_{_JOINED}_g1",
        "cross": f"x2,0,2,0;0,2,0,2_y2,0,0,2;0,2,2,0;2,0,2,0;0,0,0,0_a{_SAME}_b{_SAME}_c{_SAME}_o{_SAME}",
        "vectors": "q1,2;2,1;0,3_k2,1;1,2;3,0_v1,10;2,20;3,30_o1,0;0,1",
        "misfit": f"{_TOKENS}_a{_SAME}_b{_SAME}_c{_SAME}_o{_SAME}_h3_g3",
    }
)
START = PRESETS["two"]


def show(view: View, said: Words) -> None:
    """Draw the heads; what cannot be worked out is said beside them, and what was typed stays."""
    bench = understood(read, view.heads or START, read(START))
    lab_heads(_facts(bench, said) | {"epoch": state.session().epoch, "heads": view.heads}, key=state.helm_of(view))


def _facts(bench: Heads, said: Words) -> dict[str, Any]:
    presets = {name: read(each) for name, each in PRESETS.items()}
    return {
        "setting": _setting(bench),
        "worked": _whole(bench),
        "bounds": {name: asdict(bounds) for name, bounds in BOUNDS.items()},
        "spare": dict(presets["vectors"].tables) | dict(presets["cross"].tables),
        "most_heads": MOST_HEADS,
        "presets": [{"name": name, "bench": _whole(each), "setting": _setting(each)} for name, each in presets.items()],
        "code": {library: dict(CODE[library]) for library in LIBRARIES},
        "given": {library: given(bench, library) for library in LIBRARIES},
        "words": said.within("lab", "heads"),
        "ramp": {"light": RAMP_LIGHT, "dark": RAMP_DARK},
    } | _worked(bench, said)


def _whole(bench: Heads) -> str:
    """What the numbers depend on: everything but the head in view and how far it is worked out."""
    return written(replace(bench, head=0, step=len(STEPS)))


def _setting(bench: Heads) -> dict[str, Any]:
    names = ("heads", "key_heads", "mask", "step")
    tables = {name: bench.tables.get(name) for name in TITLES}
    return {name: getattr(bench, name) for name in names} | tables | {"head": min(bench.head, bench.heads - 1)}


def _worked(bench: Heads, said: Words) -> dict[str, Any]:
    """Every matrix with its numbers and its code, or why there is none."""
    try:
        done, board = bench.done(), worked(bench)
    except InputError as error:
        return {"refused": said.error(error), "vectors": None, "parts": [], "kept": None}
    titles = {"title": f"# {said('heads.title')}"} | {step: f"## {said(f'heads.step.{step}.title')}" for step in STEPS}
    return {
        "refused": None,
        "vectors": {each.name: told(each) for each in board.vectors} or None,
        "made": {name: getattr(done, field).round(BOUNDS[name].decimals).tolist() for name, field in _MADE.items()},
        "parts": [_head(head, weights) for head, weights in zip(board.heads, _weights(done), strict=True)],
        "joined": told(board.joined),
        "output": told(board.output),
        "kept": _kept(bench, done),
        "notebook": {library: notebook(bench, titles, library) for library in LIBRARIES},
    }


_MADE = {"q": "queries", "k": "keys", "v": "values"}


def _weights(done: Done) -> list[np.ndarray]:
    return [head.weights for head in done.found.heads]


def _head(head: HeadWorked, weights: np.ndarray) -> dict[str, Any]:
    made = (*head.parts, head.scores, head.weights, head.found)
    return {"key_head": head.key_head, "shades": np.sqrt(weights).tolist()} | {each.name: told(each) for each in made}


def _kept(bench: Heads, done: Done) -> dict[str, int]:
    """How many numbers of keys and values a model keeps of each token, and without sharing."""
    kept = done.keys.shape[1] + done.values.shape[1]
    return {"kept": kept, "own": kept // bench.key_heads * bench.heads}
