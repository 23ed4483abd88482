"""What a tower of vision is shown beside words: its tensors, and the names of both sides of each of its layers."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from attnviz.axes import ImageGeometry, Joined, Patches, Sides, Windows
from attnviz.encode.picture import Prepared
from attnviz.encode.vision import known_of, prepare
from attnviz.errors import ModelError
from attnviz.families.grids import picture_sides
from attnviz.families.grids.grid import Stacks, pair
from attnviz.inputs import Picture
from attnviz.models.loading import LoadedModel

STRETCHES = "interpolate_pos_encoding"
ANY_SIZE = frozenset({"donut-swin", "idefics3_vision", "pixtral", "smolvlm_vision", "swin", "swinv2"})


@dataclass(frozen=True, eq=False)
class Sight:
    """A picture as the tower of a model takes it.

    Shape   tensors: one picture alone, those that the model asks for; stacks: for each, one of each layer.
    """

    prepared: Prepared
    tensors: Mapping[str, Any]
    stacks: Stacks

    @property
    def views(self) -> tuple[ImageGeometry, ...]:
        """The tiles that the tower reads side by side; the picture itself where it is not cut."""
        return self.prepared.tiles or (self.prepared.geometry,)


def sight_of(model: LoadedModel, config: Any, picture: Picture, asks: Callable[..., Any] | None = None) -> Sight:
    """Show a picture to a tower of this configuration; `asks` is the function that takes its tensors.

    Raises  InputError  when the picture is too large, too long or too small for the model.
            ModelError  when its own image processor makes another size than the tower reads.
    """
    prepared = prepare(model, picture)
    asked = inspect.signature(asks or model.backbone.forward).parameters
    tensors: dict[str, Any] = {name: tensor for name, tensor in prepared.tensors.items() if name in asked}
    if _other_size(config, prepared.geometry):
        if STRETCHES in asked:
            tensors[STRETCHES] = True
        elif config.model_type not in ANY_SIZE:
            raise ModelError(
                "The image processor of {model} makes pictures of {seen} (height, width), and its tower reads "
                "{made_for}. Mend the settings of the one, or choose another model.",
                model=model.name,
                seen=prepared.geometry.seen,
                made_for=pair(config.image_size),
            )
    known = known_of(model, prepared.tensors, prepared)
    views = [picture_sides(config, view, known) for view in prepared.tiles or (prepared.geometry,)]
    return Sight(prepared, tensors, views[0] if len(views) == 1 else _side_by_side(views))


def _other_size(config: Any, geometry: ImageGeometry) -> bool:
    made_for = getattr(config, "image_size", None)
    return made_for is not None and pair(made_for) != geometry.seen


def of_tile(axis: Patches, index: int, count: int) -> Patches:
    """Say in the labels of patches which of several tiles they are of, from 0; the last is the whole picture."""
    if count == 1:
        return axis
    return replace(axis, labels=tuple(f"t{index} {label}" for label in axis.labels))


def _side_by_side(views: Sequence[Stacks]) -> Stacks:
    """Lay several tiles out as the windows of one layer: each reads itself alone."""
    layers = range(len(views[0]["self"]))
    return {"self": tuple(_joined([view["self"][layer] for view in views]) for layer in layers)}


def _joined(tiles: Sequence[Sides]) -> Sides:
    axes = [tile.queries for tile in tiles]
    named = (of_tile(axis, index, len(axes)) if isinstance(axis, Patches) else axis for index, axis in enumerate(axes))
    axis, ends = Joined(tuple(named)), list(accumulate(map(len, axes)))
    windows = tuple(tuple(range(end - len(own), end)) for end, own in zip(ends, axes, strict=True))
    return Sides(axis, axis, Windows(windows))
