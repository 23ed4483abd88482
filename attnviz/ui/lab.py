"""The lab on its screen: what lies on the bench, worked out, with the words and the code beside it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import streamlit as st

from attnviz.components.lab_bench import lab_bench
from attnviz.components.lab_mistakes import lab_mistakes
from attnviz.errors import InputError
from attnviz.figures.theme import RAMP_DARK, RAMP_LIGHT
from attnviz.lab.arithmetic import spelled
from attnviz.lab.bench import DECIMALS, LARGEST, MOST_NUMBERS, MOST_ROWS, STEPS, Bench, read, written
from attnviz.lab.blackboard import root_of, worked
from attnviz.lab.code import CODE, LIBRARIES, given, notebook, notebook_of
from attnviz.lab.mistakes import MISTAKES, Mistake
from attnviz.lab.steps import Attended
from attnviz.share import View
from attnviz.share.view import CHOICES
from attnviz.ui import lab_costs, lab_heads, lab_regions, lab_scoring, state
from attnviz.ui.catalogue import Words
from attnviz.ui.frame import understood
from attnviz.ui.pickers import switch

PRESETS: Mapping[str, str] = MappingProxyType(
    {
        "scalars": View.bench,
        "vector": "q1,2,3_k4,5,6_v7,8,9",
        "lookup": "q0,4;4,0_k4,0;0,4;-4,-4_v10;20;30",
        "causal": "q1,0;0,1;1,1;2,0_k1,0;0,1;1,1;0,2_v1,0;0,1;1,1;2,2_mcausal",
        "saturated": "q3,1,4,1,5,9_k2,7,1,8,2,8;1,4,1,4,2,1;5,7,7,2,1,5_v1;2;3_n",
        "misfit": "q1,2,3,4,5,6,7,8,9,10_k1,2,3,4,5,6,7_v1",
    }
)
SPOKEN_IN_BROWSER = ("lab", "mistake", "heads", "scoring")
MOST = {"rows": MOST_ROWS, "numbers": MOST_NUMBERS, "largest": LARGEST, "decimals": DECIMALS}


def choose_lesson() -> None:
    """Let a student choose what to look at."""
    said = state.speech()
    with st.container(key="lessons"):
        spoken = {lesson: said(f"lesson.{lesson}") for lesson in CHOICES["lesson"]}
        switch("lesson", said("lesson.legend"), spoken, label_visibility="collapsed")


def show(view: View) -> None:
    """Draw the lesson."""
    SHOWN[view.lesson](view, state.speech())


def _show_mistakes(view: View, said: Words) -> None:
    lab_mistakes(_mistakes(said), key="lab_mistakes")


def _mistakes(said: Words) -> dict[str, Any]:
    titles = {each.name: said(f"mistake.of.{each.name}.title") for each in MISTAKES}
    return {
        "pairs": [_pair(each) for each in MISTAKES],
        "notebook": {each.name: notebook_of(each, titles[each.name]) for each in MISTAKES},
        "words": said.within("mistake"),
    }


def _pair(mistake: Mistake) -> dict[str, Any]:
    ways = zip(mistake.sources(), mistake.results(), mistake.signs(), strict=True)
    wrong, right = (
        {"code": code, "cells": [[f"{number:.4g}" for number in row] for row in result], "sign": spelled(sign)}
        for code, result, sign in ways
    )
    return {"name": mistake.name, "sign": mistake.sign.__name__, "wrong": wrong, "right": right}


def _show_bench(view: View, said: Words) -> None:
    """Draw the bench; what cannot be worked out is said beside it, and what was typed stays."""
    bench = understood(read, view.bench, read(View.bench))
    lab_bench(_facts(bench, said) | {"epoch": state.session().epoch, "bench": view.bench}, key=state.helm_of(view))


def _facts(bench: Bench, said: Words) -> dict[str, Any]:
    whole = replace(bench, step=len(STEPS))
    return {
        "setting": _setting(bench),
        "worked": written(whole),
        "most": MOST,
        "presets": _presets(),
        "code": {library: dict(CODE[library]) for library in LIBRARIES},
        "words": said.within("lab"),
        "ramp": {"light": RAMP_LIGHT, "dark": RAMP_DARK},
    } | _worked(whole, said)


@cache
def _presets() -> list[dict[str, Any]]:
    """The examples as the browser takes them, read once."""
    return [{"name": name, "bench": each, "setting": _setting(read(each))} for name, each in PRESETS.items()]


def _setting(bench: Bench) -> dict[str, Any]:
    names = ("scaled", "temperature", "mask", "size", "step")
    tables = {"q": bench.queries, "k": bench.keys, "v": bench.values}
    closed = [f"{query}.{key}" for query, key in sorted(bench.closed)]
    return {name: getattr(bench, name) for name in names} | tables | {"closed": closed}


def _worked(bench: Bench, said: Words) -> dict[str, Any]:
    """Every step with its numbers and its code, or why there is none."""
    try:
        done, steps = bench.attended(), worked(bench)
    except InputError as error:
        return {"steps": [], "refused": said.error(error), "shades": [], "facts": [], "divisor": root_of(bench)}
    titles = {"title": f"# {said('lab.title')}"} | {step: f"## {said(f'lab.step.{step}.title')}" for step in STEPS}
    return {
        "steps": [{"name": each.name, "cells": each.cells, "lines": each.lines} for each in steps],
        "refused": None,
        "shades": np.sqrt(done.weights).tolist(),
        "facts": _rows(done),
        "divisor": root_of(bench),
        "given": {library: given(bench, library) for library in LIBRARIES},
        "notebook": {library: notebook(bench, titles, library) for library in LIBRARIES},
    }


def _rows(done: Attended) -> list[dict[str, Any]]:
    """What there is to say of each query: how widely it reads, and what most."""
    most = np.log2(done.visible.sum(axis=1))
    return [
        {"entropy": float(entropy), "most": float(limit), "largest": float(row.max()), "at": int(row.argmax())}
        for entropy, limit, row in zip(done.entropy_bits, most, done.weights, strict=True)
    ]


SHOWN: Mapping[str, Callable[[View, Words], None]] = MappingProxyType(
    {
        "step": _show_bench,
        "heads": lab_heads.show,
        "scoring": lab_scoring.show,
        "regions": lab_regions.show,
        "costs": lab_costs.show,
        "mistakes": _show_mistakes,
    }
)
