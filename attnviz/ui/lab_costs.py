"""The lesson on what attention costs: sizes, what follows from them, and the clock of this machine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

import streamlit as st

from attnviz.components.lab_costs import lab_costs
from attnviz.errors import AttnvizError, InputError
from attnviz.lab.arithmetic import spelled
from attnviz.lab.code import LIBRARIES
from attnviz.lab.costs import WELL_KNOWN, Cost, Kind, Known, Shape, crossing, expected, kinds
from attnviz.lab.costs_bench import AGAINST, BEGIN, DTYPES, MOST, CostBench, Curves, curves, formulas, read, written
from attnviz.lab.costs_code import CODE, STEPS, given, notebook
from attnviz.service import timing
from attnviz.service.engine import engine
from attnviz.service.limits import sized
from attnviz.service.sizes import known
from attnviz.service.timing import Timed
from attnviz.share import View
from attnviz.share.view import first
from attnviz.ui import state
from attnviz.ui.catalogue import Words
from attnviz.ui.frame import tell, understood
from attnviz.ui.waiting import awaited

SPOKEN_IN_BROWSER = ("lab", "costs")
CHARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"memory": ("maps_bytes", "kept_bytes"), "operations": ("pairs", "projections")}
)
UNITS: Mapping[str, str] = MappingProxyType({"memory": "bytes", "operations": "", "measured": "seconds"})
RAISED = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
KERNEL, REACH = 3, 64  # of a convolution, and of attention that reads only what is near
FORMULAS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "attention": ("n² · d", "1", "1"),
        "recurrence": ("n · d²", "n", "n"),
        "convolution": (f"{KERNEL} · n · d²", "1", f"log{KERNEL}(n)".replace("3", "₃")),
        "restricted": (f"{REACH} · n · d", "1", f"n / {REACH}"),
    }
)
ASKED, MEASURED = "lab_costs_asked", "lab_costs_measured"


def show(view: View, said: Words) -> None:
    """Draw the lesson; what a link asks for in vain is said above it, and sizes that do not fit are said in it."""
    bench = understood(read, view.costs, BEGIN)
    measured = _measured(said)
    facts = _facts(bench, said) | {"measured": _clocked(measured, said) if measured else None}
    facts |= {"epoch": state.session().epoch, "costs": view.costs}
    lab_costs(facts, key=state.helm_of(view), on_measure=_ask)


def _ask() -> None:
    st.session_state[ASKED] = True


def _measured(said: Words) -> tuple[Timed, ...] | None:
    """What was measured for this visitor; it is measured when it was asked for, and never before."""
    if st.session_state.pop(ASKED, False):
        try:
            st.session_state[MEASURED] = awaited(timing.ticket(), said)
        except AttnvizError as error:
            tell(said.error(error), urgent=True)
    return st.session_state.get(MEASURED)


def _facts(bench: CostBench, said: Words) -> dict[str, Any]:
    return {
        "setting": _setting(bench.shape) | {"dtype": bench.dtype, "against": bench.against},
        "worked": written(bench),
        "most": dict(MOST),
        "dtypes": DTYPES,
        "against": AGAINST,
        "models": [_model(each) for each in WELL_KNOWN] + [_model(each, here=True) for each in _chosen()],
        "words": said.within(*SPOKEN_IN_BROWSER),
    } | _worked(bench, said)


def _worked(bench: CostBench, said: Words) -> dict[str, Any]:
    """What the sizes cost, or why they do not fit one another."""
    try:
        bench.check()
    except InputError as error:
        return {"refused": said.error(error)}
    titles = {"title": f"# {said('costs.title')}"} | {step: f"## {said(f'costs.step.{step}.title')}" for step in STEPS}
    return {
        "refused": None,
        "sentences": _sentences(bench, said),
        "rows": _rows(bench),
        "charts": _charts(bench),
        "kinds": _kinds(bench.shape),
        "code": {library: dict(CODE[library]) for library in LIBRARIES},
        "given": {library: given(bench, library) for library in LIBRARIES},
        "notebook": {library: notebook(bench, titles, library) for library in LIBRARIES},
    }


def _setting(shape: Shape) -> dict[str, int]:
    return asdict(shape)


def _model(each: Known, *, here: bool = False) -> dict[str, Any]:
    return {"name": each.name, "source": each.source, "here": here, "setting": _setting(each.shape)}


def _chosen() -> list[Known]:
    """The models that a visitor has chosen on the pages of texts and pictures, as far as they are here."""
    left, limits = state.session().left, engine().limits
    views = (left.get(state.TEXTS.given, View()), left.get(state.PICTURES.given, first("image")))
    return [found for view in views if (found := known(view, limits)) is not None]


def _sentences(bench: CostBench, said: Words) -> list[str]:
    shape, cost = bench.shape, bench.cost
    blanks = {"tokens": f"{shape.tokens:,}", "maps": sized(cost.maps_bytes), "kept": sized(cost.kept_bytes)}
    cross = crossing(shape)
    more = said("costs.crossed" if shape.tokens >= cross else "costs.crosses", tokens=f"{cross:,.0f}")
    return [said("costs.sentence", **blanks), more]


def _rows(bench: CostBench) -> list[dict[str, str]]:
    found = formulas(bench)
    return [
        {"name": name, "said": _said(name, bench.cost), "formula": found[name][0], "numbers": found[name][1]}
        for names in CHARTS.values()
        for name in names
    ]


def _said(name: str, cost: Cost) -> str:
    number = getattr(cost, name)
    return sized(number) if name.endswith("_bytes") else _raised(spelled(float(number)))


def _raised(number: str) -> str:
    """A power as it is written by hand."""
    digits, _, power = number.partition("^")
    return digits + power.translate(RAISED)


def _charts(bench: CostBench) -> list[dict[str, Any]]:
    grown = curves(bench)
    here = getattr(bench.shape, bench.against)
    return [
        {"name": chart, "unit": UNITS[chart], "mark": here, "lines": [_line(name, grown, bench) for name in names]}
        for chart, names in CHARTS.items()
    ]


def _line(name: str, grown: Curves, bench: CostBench) -> dict[str, Any]:
    points = [[at, getattr(cost, name)] for at, cost in zip(grown.at, grown.costs, strict=True)]
    return {"name": name, "points": points, "at": getattr(bench.cost, name), "said": _said(name, bench.cost)}


def _kinds(shape: Shape) -> list[dict[str, Any]]:
    """Ways of reading side by side, the least of each column marked."""
    every = kinds(shape.tokens, shape.width, KERNEL, REACH)
    best = [min(column) for column in zip(*map(_orders, every), strict=True)]
    return [
        {
            "name": kind.name,
            "cells": [
                {"formula": formula, "number": _raised(spelled(float(f"{number:.4g}"))), "best": number == least}
                for formula, number, least in zip(FORMULAS[kind.name], _orders(kind), best, strict=True)
            ],
        }
        for kind in every
    ]


def _orders(kind: Kind) -> tuple[float, float, float]:
    return kind.operations, kind.sequential, kind.path


def _clocked(measured: Sequence[Timed], said: Words) -> dict[str, Any]:
    """What was measured, and what the formula says of it, as a chart and in a sentence."""
    tokens = [each.tokens for each in measured]
    last = measured[-1]
    times: Mapping[str, Callable[[int], float]] = {
        "stored": lambda at: measured[at].stored,
        "streamed": lambda at: measured[at].streamed,
        "formula": lambda at: expected(tokens, last.stored)[at],
    }
    lines = [
        {"name": name, "points": [[each, time(at)] for at, each in enumerate(tokens)], "at": None, "said": ""}
        for name, time in times.items()
    ]
    sentence = said(
        "costs.clocked",
        tokens=f"{last.tokens:,}",
        stored=f"{1e3 * last.stored:.1f}",
        streamed=f"{1e3 * last.streamed:.1f}",
        width=timing.WIDTH,
    )
    return {
        "chart": {"name": "measured", "unit": UNITS["measured"], "mark": None, "lines": lines},
        "sentence": sentence,
    }
