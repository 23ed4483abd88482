"""Does it matter? A class's probability while the patches that a map names are taken out of the picture, or put in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attnviz.axes import Patches
from attnviz.capture.classes import check_classifies, label_of, probabilities
from attnviz.encode import encode
from attnviz.errors import Cancelled, MeasureError, TooLarge
from attnviz.inputs import Picture
from attnviz.models.loading import LoadedModel

BATCH = 8  # pictures at a time,
BATCH_PIXELS = 2**21  # or fewer, where they are large
MAX_PASSES = 1_000  # of one pair of curves: a minute or two of a small model


@dataclass(frozen=True)
class Curve:
    """How likely one class is as patches are taken out, or put in, from none of them to all.

    Shape   shares and probabilities have one entry a step.
    Unit    shares: of all patches, 0 to 1; probabilities: 0 to 1.
    """

    shares: tuple[float, ...]
    probabilities: tuple[float, ...]

    @property
    def area(self) -> float:
        """The area under the curve, by trapezia: 0 to 1, the mean probability on the way."""
        return float(np.trapezoid(self.probabilities, self.shares))

    @property
    def turned(self) -> "Curve":
        """The same pictures from the last to the first: what was taken out is put in."""
        return Curve(tuple(1 - share for share in reversed(self.shares)), self.probabilities[::-1])


@dataclass(frozen=True)
class Occlusion:
    """What a map says matters, held against chance and against what it says matters least.

    Shape   random: one curve a draw.
    """

    index: int
    label: str
    most: Curve
    least: Curve
    random: tuple[Curve, ...]

    @property
    def turned(self) -> "Occlusion":
        """Deletion read as insertion, or the other way round: to put in the first patches is to take out the last."""
        random = tuple(curve.turned for curve in self.random)
        return Occlusion(self.index, self.label, self.least.turned, self.most.turned, random)

    @property
    def random_mean(self) -> Curve:
        """The mean of the draws at each step."""
        every = np.array([curve.probabilities for curve in self.random])
        return Curve(self.most.shares, tuple(every.mean(axis=0).tolist()))

    @property
    def random_spread(self) -> tuple[float, ...]:
        """The standard deviation of the draws at each step, of the draws as they are."""
        return tuple(np.array([curve.probabilities for curve in self.random]).std(axis=0).tolist())

    @property
    def random_areas(self) -> tuple[float, ...]:
        """The area under each draw."""
        return tuple(curve.area for curve in self.random)


@dataclass(frozen=True)
class Trial:
    """How the curves are drawn.

    Unit    steps: stretches between no patch and all; draws: how many random orders.
    Raises  MeasureError  when a number is below 1.
    """

    steps: int = 16
    draws: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.draws < 1:
            raise MeasureError(
                "Curves take at least 1 step and 1 random draw; {steps} and {draws} were asked for.",
                steps=self.steps,
                draws=self.draws,
            )


TRIAL = Trial()
Stopped = Callable[[], bool]


def deletion(
    model: LoadedModel,
    picture: Picture,
    axis: Patches,
    order: Sequence[int],
    *,
    trial: Trial = TRIAL,
    target: int | None = None,
    stopped: Stopped | None = None,
) -> Occlusion:
    """Take patches out of the picture: the first of an order first, the last first, and in random orders.

    A patch that is out shows the mean colour of the picture that the model saw. `order` names every patch of the axis
    once, as `measures.patch_order` does; the class is the likeliest for the whole picture unless `target` names one.
    `stopped` is asked before each batch.

    Unit    probability of the class, 0 to 1; the less area under `most`, the more the map says of the model.
    Raises  ModelRefused  when the model makes no classes.
            MeasureError  when the order is not of every patch once, or the tensor of the picture is no picture.
            TooLarge      when that would take more than MAX_PASSES passes.
            Cancelled     when `stopped` says so.
    Source  Petsiuk et al. 2018, arXiv:1806.07421, §4.2; random orders and the reverse: Samek et al. 2015,
            arXiv:1509.06321.
    """
    scene = _Scene.of(model, picture, axis)
    check_order(axis, order)
    return _tried(scene, _Wish(order, trial, target), stopped)


def insertion(
    model: LoadedModel,
    picture: Picture,
    axis: Patches,
    order: Sequence[int],
    *,
    trial: Trial = TRIAL,
    target: int | None = None,
    stopped: Stopped | None = None,
) -> Occlusion:
    """Put patches into a picture of one colour, its mean: the first of an order first, the last first, at random.

    To put in the first patches is to take out the last, so this is `deletion` read the other way round; whoever has
    the one asks it for `turned`, and needs no pass for the other.

    Unit    probability of the class, 0 to 1; the more area under `most`, the more the map says of the model.
    Raises  ModelRefused  when the model makes no classes.
            MeasureError  when the order is not of every patch once, or the tensor of the picture is no picture.
            TooLarge      when that would take more than MAX_PASSES passes.
            Cancelled     when `stopped` says so.
    Source  Petsiuk et al. 2018, arXiv:1806.07421, §4.2, who begin with a blurred picture.
    """
    return deletion(model, picture, axis, order, trial=trial, target=target, stopped=stopped).turned


@dataclass(frozen=True, eq=False)
class _Scene:
    """A picture as the model takes it, cut into its patches.

    Shape   pixels (1, channel, height, width); colour (channel,); boxes: of each position of the axis that is a patch.
    """

    model: LoadedModel
    tensors: Mapping[str, Any]
    pixels: Tensor
    colour: Tensor
    boxes: Mapping[int, tuple[slice, slice]]

    @classmethod
    def of(cls, model: LoadedModel, picture: Picture, axis: Patches) -> "_Scene":
        """Send a picture to the door of the model, and find its patches there.

        Raises  ModelRefused  when the model makes no classes.
                MeasureError  when the tensor is not the picture that the axis is laid on.
        """
        check_classifies(model)
        tensors = encode(model, picture).tensors
        pixels = tensors["pixel_values"]
        if pixels.ndim != 4 or tuple(pixels.shape[2:]) != axis.geometry.seen:
            raise MeasureError(
                "{model} takes the picture as numbers of shape {shape}, on which patches of {seen} (height, width) "
                "cannot be painted. Choose a model that takes a picture whole.",
                model=model.name,
                shape=tuple(pixels.shape),
                seen=axis.geometry.seen,
            )
        (top, bottom), (left, right) = axis.geometry.filled
        boxes = {
            position: (slice(round(box[0]), round(box[2])), slice(round(box[1]), round(box[3])))
            for position in range(len(axis))
            if (box := axis.box(position)) is not None
        }
        return cls(model, tensors, pixels, pixels[0, :, top:bottom, left:right].mean(dim=(1, 2)), boxes)

    def without(self, out: Sequence[int]) -> Tensor:
        """Paint some patches in the mean colour.

        Shape   (channel, height, width)
        """
        painted = self.pixels[0].clone()
        for position in out:
            rows, cols = self.boxes[position]
            painted[:, rows, cols] = self.colour[:, None, None]
        return painted

    def shares(self, pictures: Sequence[Sequence[int]], stopped: Stopped) -> Tensor:
        """Ask the model about the picture without these patches, and without those, some at a time.

        Shape   (picture, class)
        Raises  Cancelled  when `stopped` says so.
        """
        height, width = self.pixels.shape[2:]
        size = max(1, min(BATCH, BATCH_PIXELS // (height * width)))
        parts = []
        for start in range(0, len(pictures), size):
            if stopped():
                raise Cancelled("Nobody waits for this run any more.")
            batch = torch.stack([self.without(out) for out in pictures[start : start + size]])
            parts.append(probabilities(self.model, {**self.tensors, "pixel_values": batch}))
        return torch.cat(parts)


@dataclass(frozen=True)
class _Wish:
    """Which curves are asked for."""

    order: Sequence[int]
    trial: Trial
    target: int | None

    def counts(self) -> list[int]:
        """How many patches have been moved at each step: none first, all last."""
        steps = min(self.trial.steps, len(self.order))
        return [round(step * len(self.order) / steps) for step in range(steps + 1)]

    def orders(self) -> list[list[int]]:
        """The order itself, its reverse, and those drawn at random."""
        lots, own = np.random.default_rng(self.trial.seed), list(self.order)
        drawn = [[own[int(place)] for place in lots.permutation(len(own))] for _ in range(self.trial.draws)]
        return [own, own[::-1], *drawn]


def _tried(scene: _Scene, wish: _Wish, stopped: Stopped | None) -> Occlusion:
    counts, orders = wish.counts(), wish.orders()
    pictures = [order[:count] for order in orders for count in counts[1:-1]]
    ends: list[Sequence[int]] = [(), wish.order]  # the whole picture, and none of it: alike for every order
    _check_passes(scene.model, len(pictures) + len(ends))
    stops = stopped or (lambda: False)
    first = scene.shares(ends, stops)
    index = int(first[0].argmax()) if wish.target is None else wish.target
    if not 0 <= index < first.shape[1]:
        raise MeasureError(
            "{model} has classes 0 to {last}; {target} was asked for.",
            model=scene.model.name,
            last=int(first.shape[1]) - 1,
            target=index,
        )
    whole, empty = first[:, index].tolist()
    inner = scene.shares(pictures, stops)[:, index].tolist() if pictures else []
    shares, each = tuple(count / counts[-1] for count in counts), len(counts) - 2
    most, least, *random = (
        Curve(shares, (whole, *inner[at * each : (at + 1) * each], empty)) for at in range(len(orders))
    )
    return Occlusion(index, label_of(scene.model, index), most, least, tuple(random))


def check_order(axis: Patches, order: Sequence[int]) -> None:
    """Refuse an order that does not name every patch of an axis once.

    Raises  MeasureError  with how many there are.
    """
    patches = {position for position, cell in enumerate(axis.cells) if cell is not None}
    if len(order) != len(patches) or set(order) != patches:
        raise MeasureError(
            "The order has {given} positions and the picture {patches} patches; name each patch once, as "
            "measures.patch_order does.",
            given=len(order),
            patches=len(patches),
        )


def _check_passes(model: LoadedModel, passes: int) -> None:
    if passes > MAX_PASSES:
        raise TooLarge(
            "These curves take {passes:,} passes of {model} and attnviz runs up to {limit:,}. Ask for fewer steps or "
            "fewer random draws.",
            passes=passes,
            model=model.name,
            limit=MAX_PASSES,
        )
