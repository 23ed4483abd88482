"""The lesson on ways to score: every way worked out on the same numbers, with the words and the code beside it."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from attnviz.components.lab_scoring import lab_scoring
from attnviz.errors import InputError
from attnviz.figures.theme import RAMP_DARK, RAMP_LIGHT
from attnviz.lab.blackboard import told
from attnviz.lab.code import LIBRARIES
from attnviz.lab.scoring import WAYS
from attnviz.lab.scoring_bench import BOUNDS, STEPS, TITLES, Scoring, read, written
from attnviz.lab.scoring_board import hidden_of, keys_of, pooled_of, way_of
from attnviz.lab.scoring_code import ENCODERS, SCORES, SHARED, given, notebook
from attnviz.share import View
from attnviz.ui import state
from attnviz.ui.catalogue import Words
from attnviz.ui.frame import understood

_LEARNT = "m0,1;1,0_a1,0;0,1;1,-1_b1,0;0,1;-1,1_e1,1,-1_p1,0;0,1_f0,0_g1,1"
_VALUES = "v1,0;0,1;1,1"
PRESETS: Mapping[str, str] = MappingProxyType(
    {
        "directions": f"q1,1;2,0_k1,1;3,3;0,2_{_VALUES}_{_LEARNT}",
        "recurrent": f"q1,0;0,1_x1,0;0,1;1,1;0,0_r1,0;0,1_z0.5,0;0.5,0.5_{_LEARNT}",
        "convolution": f"q1,0;0,1_x1,0;0,1;1,1;0,0_c0.5,0,1,0,0.5,0;0,0.5,0,1,0,0.5_{_LEARNT}",
        "widths": f"q1,2,1;0,1,2_k1,1;3,3;0,2_{_VALUES}_m0,1;1,0;1,1_a1,0,0;0,1,0;0,0,1_b1,0;0,1;-1,1"
        "_e1,1,-1_p1,0;0,1_f0,0_g1,1",
    }
)
START = PRESETS["directions"]


def show(view: View, said: Words) -> None:
    """Draw every way to score; what cannot be worked out is said in its place, and what was typed stays."""
    bench = understood(read, view.scoring or START, read(START))
    lab_scoring(
        _facts(bench, said) | {"epoch": state.session().epoch, "scoring": view.scoring}, key=state.helm_of(view)
    )


def _facts(bench: Scoring, said: Words) -> dict[str, Any]:
    presets = {name: read(each) for name, each in PRESETS.items()}
    spare = {name: table for each in reversed(presets.values()) for name, table in each.tables.items()}
    return {
        "setting": _setting(bench),
        "worked": _whole(bench),
        "bounds": {name: asdict(bounds) for name, bounds in BOUNDS.items()},
        "spare": spare,
        "presets": [{"name": name, "bench": _whole(each), "setting": _setting(each)} for name, each in presets.items()],
        "code": {
            library: {"keys": dict(ENCODERS[library]), "scores": dict(SCORES[library])} | dict(SHARED[library])
            for library in LIBRARIES
        },
        "given": {library: given(bench, library) for library in LIBRARIES},
        "words": said.within("lab", "heads", "scoring"),
        "ramp": {"light": RAMP_LIGHT, "dark": RAMP_DARK},
    } | _worked(bench, said)


def _whole(bench: Scoring) -> str:
    """What the numbers depend on: everything but the way in view and how far it is worked out."""
    return written(replace(bench, way=Scoring.way, step=len(STEPS)))


def _setting(bench: Scoring) -> dict[str, Any]:
    return {name: bench.tables.get(name) for name in TITLES} | {"way": bench.way, "step": bench.step}


def _worked(bench: Scoring, said: Words) -> dict[str, Any]:
    """Every matrix with its numbers and its code, or why there is none."""
    try:
        keys = keys_of(bench)
    except InputError as error:  # without keys there is nothing to score
        return {"refused": said.error(error), "keys": None, "ways": {}, "hidden": None, "pooled": None}
    steps = {step: f"## {said(f'scoring.step.{step}.title')}" for step in STEPS}
    titles = {"title": f"# {said(f'scoring.way.{bench.way}')}"} | steps
    ways = {way: _way(bench, way, said) for way in WAYS}
    return {
        "refused": None,
        "keys": told(keys),
        "ways": ways,
        "hidden": hidden_of(bench) if "refused" not in ways["additive"] else None,
        "pooled": _pooled(bench, said),
        "notebook": {library: notebook(bench, titles, library) for library in LIBRARIES},
    }


def _way(bench: Scoring, way: str, said: Words) -> dict[str, Any]:
    try:
        done, steps = way_of(bench, way)
    except InputError as error:
        return {"refused": said.error(error)}
    return {each.name: told(each) for each in steps} | {"shades": np.sqrt(done.weights).tolist()}


def _pooled(bench: Scoring, said: Words) -> dict[str, Any]:
    try:
        done, steps = bench.pooled()[1], pooled_of(bench)
    except InputError as error:
        return {"refused": said.error(error)}
    return {each.name: told(each) for each in steps} | {"shades": np.sqrt(done.weights).tolist()}
