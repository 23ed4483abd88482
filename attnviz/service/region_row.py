"""What one position of a picture reads in one head of the model "scenes", which comes with attnviz."""

import numpy as np

from attnviz.axes import Patches
from attnviz.errors import InputError
from attnviz.lab.regions_bench import ModelRow, RegionBench
from attnviz.record import AnyLayer, AttentionRecord
from attnviz.share.view import View

MODEL = "scenes"
STACK = "self"


def view_of(bench: RegionBench) -> View:
    """The view whose record the row is of."""
    return View(page="image", model=MODEL, image=bench.picture)


def row_of(record: AttentionRecord, bench: RegionBench) -> ModelRow:
    """Take the row of a bench's layer, head and token from a record, laid out as the picture is.

    Raises  InputError  when the model has no such layer, head or token.
    """
    layers = record.stacks[STACK]
    _check("layer", bench.layer, layers)
    layer = record.layer(STACK, bench.layer)
    _check("head", bench.head, layer.heads)
    _check("token", bench.token, len(layer.queries))
    row, keys = record.row(STACK, bench.layer, bench.head, query=bench.token), grid_of(layer)
    read = np.zeros(keys.grid[0] * keys.grid[1])
    rest = 0.0
    for weight, cell in zip(row.tolist(), keys.cells, strict=True):
        if cell is None:
            rest += weight
        else:
            read[cell] = weight
    return ModelRow(read.reshape(keys.grid), rest)


def grid_of(layer: AnyLayer) -> Patches:
    """The patches that a layer reads."""
    assert isinstance(layer.keys, Patches), "The model reads pictures."
    return layer.keys


def _check(name: str, given: int, count: int) -> None:
    if given >= count:
        raise InputError("The model has no {name} {given}; choose 0 to {last}.", name=name, given=given, last=count - 1)
