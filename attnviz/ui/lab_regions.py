"""The lesson on a picture as values: what is set up, where the weights come from, and what they come to."""

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from attnviz.components.lab_regions import lab_pictures, lab_regions, pictures_packet
from attnviz.errors import InputError
from attnviz.lab.arithmetic import spelled
from attnviz.lab.code import LIBRARIES
from attnviz.lab.regions import brightness, means, tiles
from attnviz.lab.regions_bench import (
    BEGIN,
    DECIMALS,
    MOST_PART,
    MOST_SIDE,
    ModelRow,
    RegionBench,
    Weighed,
    read,
    rounded,
    standard,
    weighed,
    written,
)
from attnviz.lab.regions_code import STEPS, code, given, notebook
from attnviz.record import AttentionRecord
from attnviz.service.engine import engine
from attnviz.service.pictures import SAMPLES, pictures
from attnviz.service.region_row import STACK, grid_of, row_of, view_of
from attnviz.share import View
from attnviz.ui import state
from attnviz.ui.catalogue import Words
from attnviz.ui.frame import tell
from attnviz.ui.samples import thumbnail
from attnviz.ui.waiting import awaited

SPOKEN_IN_BROWSER = ("lab", "regions")
LONGEST_PIXELS = 480  # a side of the picture that is cut
FRAMES_KEPT = 8
JPEG_QUALITY = 90


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture as the lesson cuts it.

    Shape   pixels (height, width, 3), uint8; jpeg: the same for the browser.
    """

    pixels: np.ndarray
    jpeg: bytes


def show(view: View, said: Words) -> None:
    """Draw the lesson; what a link asks for in vain is said above it, and what it begins with is shown."""
    try:
        bench = read(view.regions)
        frame, row = _frame(bench.picture), _row(bench, said)
    except InputError as error:
        tell(said.error(error), urgent=True)
        bench = BEGIN
        frame, row = _frame(bench.picture), None
    choices = [[name, said(f"picture.of.{name}")] for name in SAMPLES]
    shown = {
        "name": bench.picture,
        "size": frame.pixels.shape[:2],
        "choices": choices,
        "legend": said("picture.samples"),
    }
    with st.container(key="unseen_pictures"):
        lab_pictures(pictures_packet(shown, frame.jpeg, *map(thumbnail, SAMPLES)), key="lab_regions_pictures")
    facts, pooled = _facts(bench, frame, row, said)
    facts |= {"epoch": state.session().epoch, "regions": view.regions}
    lab_regions(pictures_packet(facts, *pooled), key=state.helm_of(view))


@lru_cache(FRAMES_KEPT)
def _frame(name: str) -> Frame:
    """A picture at hand, made small, kept by its name.

    Raises  InputError  when it is not at hand.
    """
    opened = Image.fromarray(pictures().find(name).pixels)
    opened.thumbnail((LONGEST_PIXELS, LONGEST_PIXELS))
    written_file = io.BytesIO()
    opened.save(written_file, "JPEG", quality=JPEG_QUALITY)
    return Frame(np.asarray(opened), written_file.getvalue())


def _record(bench: RegionBench, said: Words) -> AttentionRecord:
    return awaited(engine().ticket_for(view_of(bench)), said)


def _row(bench: RegionBench, said: Words) -> ModelRow | None:
    """The row of the model, where weights come from it.

    Raises  InputError  when the model has no such layer, head or token.
    """
    return row_of(_record(bench, said), bench) if bench.source == "model" else None


def _facts(bench: RegionBench, frame: Frame, row: ModelRow | None, said: Words) -> tuple[dict[str, Any], list[bytes]]:
    """What the view draws, and the pooled region as a file, where weights can be worked out."""
    colours = rounded(means(frame.pixels, bench.rows, bench.cols))
    facts: dict[str, Any] = {
        "setting": _setting(bench),
        "begin": {"layer": BEGIN.layer, "head": BEGIN.head},
        "worked": written(bench),
        "most": {"side": MOST_SIDE, "part": MOST_PART, "decimals": DECIMALS},
        "model": _model(bench, said) if bench.source == "model" else None,
        "colours": [_css(colour) for colour in colours],
        "divisor": bench.divisor_name,
        "words": said.within(*SPOKEN_IN_BROWSER),
        "code": {library: code(bench, library) for library in LIBRARIES},
        "given": {library: given(bench, colours, row, library) for library in LIBRARIES},
    }
    try:
        done = weighed(bench, colours, row)
    except InputError as error:
        return facts | {"refused": said.error(error), "weights": [], "shades": []}, []
    titles = {"title": f"# {said('regions.title')}"} | {
        step: f"## {said(f'regions.step.{step}.title')}" for step in STEPS
    }
    books = {library: notebook(bench, colours, row, titles, library) for library in LIBRARIES}
    return facts | _worked(bench, done) | {"notebook": books}, [_pooled(bench, frame, done)]


def _setting(bench: RegionBench) -> dict[str, Any]:
    names = ("picture", "rows", "cols", "parts", "source", "query", "scaled", "temperature", "layer", "head", "token")
    return {name: getattr(bench, name) for name in names}


def _model(bench: RegionBench, said: Words) -> dict[str, Any]:
    record = _record(bench, said)
    layer = record.layer(STACK, 0)
    return {"layers": record.stacks[STACK], "heads": layer.heads, "grid": grid_of(layer).grid}


def _worked(bench: RegionBench, done: Weighed) -> dict[str, Any]:
    keys = None if done.scores is None else standard(done.colours)
    return {
        "refused": None,
        "weights": [f"{weight:.4f}" for weight in done.weights],
        "rest": f"{done.rest:.4f}" if bench.source == "model" else None,
        "total": f"{done.weights.sum() + done.rest:.4f}",
        "shades": brightness(done.weights, bench.count).round(4).tolist(),
        "lines": done.lines,
        "scores": None if done.scores is None else [spelled(float(score)) for score in done.scores],
        "keys": None if keys is None else [[f"{number:.2f}".replace("-", "−") for number in key] for key in keys],
        "whole": {"css": _css(done.whole), "numbers": [f"{number:.1f}" for number in done.whole]},
        "sums": done.sums,
    }


def _css(colour: np.ndarray) -> str:
    return "rgb({} {} {})".format(*(round(float(number)) for number in colour))


def _pooled(bench: RegionBench, frame: Frame, done: Weighed) -> bytes:
    """The weighted sum of the regions themselves, of a large picture at half their size."""
    every = 2 if max(frame.pixels.shape) > LONGEST_PIXELS // 2 else 1
    parts = tiles(frame.pixels[::every, ::every], bench.rows, bench.cols).astype(np.float32)
    mixed = np.tensordot(done.weights.astype(np.float32), parts, axes=1)
    written_file = io.BytesIO()
    Image.fromarray(mixed.round().clip(0, 255).astype(np.uint8)).save(written_file, "PNG", compress_level=1)
    return written_file.getvalue()
