"""A picture alone, for a model that reads nothing else: its tensors, and which patch each position is."""

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from attnviz.encode.encoded import Encoded
from attnviz.encode.picture import Prepared, picture_tensors
from attnviz.errors import ModelRefused
from attnviz.families.grids import Known, blocks_of, mae_order, picture_sides
from attnviz.families.grids.grid import pair, whole
from attnviz.inputs import Picture
from attnviz.models.loading import LoadedModel


def encode_picture(model: LoadedModel, given: Picture) -> Encoded:
    """Turn a picture into tensors and axes.

    Raises  ModelRefused  when the model comes without an image processor.
            InputError    when the picture is too large, too long or too small for the model.
    """
    prepared = prepare(model, given)
    config = model.model.config
    tensors = {**prepared.tensors, **told(model, prepared)}
    sides = picture_sides(config, prepared.geometry, known_of(model, tensors, prepared))
    return Encoded(tensors, {stack: tuple(sides[stack]) for stack in model.family.stacks})


def prepare(model: LoadedModel, given: Picture) -> Prepared:
    """Send a picture through the model's own image processor.

    Raises  ModelRefused  when the model comes without one.
    """
    if model.pictures is None:
        raise ModelRefused("{model} comes without an image processor. Choose another model.", model=model.name)
    return picture_tensors(model.pictures, given)


def told(model: LoadedModel, prepared: Prepared) -> dict[str, Any]:
    """Say what a model must be told beside the picture: to stretch its positions over another size, and where its lots
    fall.
    """
    asked = inspect.signature(model.backbone.forward).parameters
    config = model.model.config
    more: dict[str, Any] = {}
    made_for = getattr(config, "image_size", None)
    if "interpolate_pos_encoding" in asked and made_for and pair(made_for) != prepared.geometry.seen:
        more["interpolate_pos_encoding"] = True
    if "noise" in asked:
        grid = whole(prepared.geometry.seen, pair(config.patch_size))
        noise = np.random.default_rng(0).permutation(grid[0] * grid[1]).astype(np.float32)
        more["noise"] = torch.from_numpy(noise)[None]
    return more


def known_of(model: LoadedModel, tensors: Mapping[str, Any], prepared: Prepared) -> Known:
    """Gather what the layout of one pass must be told beside the configuration."""
    noise = tensors.get("noise")
    masked = tensors.get("pixel_attention_mask")
    return Known(
        padded=int(masked.shape[1]) if masked is not None and masked.ndim == 2 else None,
        order=None if noise is None else mae_order(model.model.config, noise[0].numpy()),
        blocks=blocks_of(model.backbone.modules()) or None,
    )
