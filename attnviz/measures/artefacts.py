"""Tokens that a model uses as notes: patches whose hidden state is far longer than those of all others."""

from dataclasses import dataclass

import numpy as np

from attnviz.errors import MeasureError
from attnviz.measures.mass import placed
from attnviz.record import Norms

SPREADS = 10.0  # so many robust standard deviations above the median,
TIMES = 2.0  # and so many times the median: where all lengths are alike, a small step is no artefact
ROBUST = 1.4826  # a normal distribution's standard deviation, of its median distance from the median


@dataclass(frozen=True)
class Artefacts:
    """The patches of a picture that are far too long, and where the line was drawn.

    Shape   positions: on the axis of the last layer; since: for each the first layer from which on it stays above the
            line of every layer.
    Unit    cut and median: Euclidean length after the last layer; share: of all patches, 0 to 1.
    """

    positions: tuple[int, ...]
    since: tuple[int, ...]
    cut: float
    median: float
    share: float


def artefacts(norms: Norms) -> Artefacts:
    """Find the patches whose hidden state after the last layer is longer than the cut.

    The cut is the median plus SPREADS robust standard deviations, or TIMES the median where that is more. Published
    cuts are drawn by eye for one model (150 for DINOv2 ViT-g, where most are below 100); this one follows the picture.

    Raises  MeasureError  when the last layer has no patches.
    Source  Darcet et al. 2023, arXiv:2309.16588, §2.1 and Fig. 3: a second mode of long tokens, in large models from
            the middle layers on; the rule for the cut is attnviz's own.
    """
    patches = np.flatnonzero(placed(norms.axes[-1]))
    if not len(patches):
        raise MeasureError("The last layer has no patches; artefacts are patches. Choose a stack that reads a picture.")
    last = norms.values[-1][patches]
    line, median = cut_of(last), float(np.median(last))
    found = patches[last > line]
    since = tuple(_since(norms, int(position)) for position in found)
    return Artefacts(tuple(int(position) for position in found), since, line, median, len(found) / len(patches))


def cut_of(lengths: np.ndarray) -> float:
    """Say above which length a patch is an artefact among these.

    Shape   lengths (patch,), at least one.
    Unit    Euclidean length
    """
    median = float(np.median(lengths))
    spread = ROBUST * float(np.median(np.abs(lengths - median)))
    return max(median + SPREADS * spread, TIMES * median)


def _since(norms: Norms, position: int) -> int:
    """Find the first layer from which on a patch is above the line, as long as layers name the same positions."""
    first, axis = len(norms.values) - 1, norms.axes[-1]
    for layer in range(first - 1, -1, -1):
        if norms.axes[layer] != axis:
            return first
        if norms.values[layer][position] <= cut_of(norms.values[layer][placed(axis)]):
            return first
        first = layer
    return first
