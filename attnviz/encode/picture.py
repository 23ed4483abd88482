"""A picture becomes tensors for the model, and the picture that the model saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from attnviz.axes import ImageGeometry, Size
from attnviz.encode.geometry import check_geometry, geometry_of, kind_of, lit_of, ramp
from attnviz.errors import ModelError, TooLarge, Unreadable
from attnviz.inputs import Picture

MAX_SHAPE = 50  # a processor that sizes the shorter side makes the longer one as many times as long
TILED = frozenset({"Idefics3ImageProcessor", "SmolVLMImageProcessor"})


@dataclass(frozen=True, eq=False)
class Prepared:
    """A picture as a model takes it.

    A processor that cuts the picture into tiles gives their geometries in order, the last being the whole picture made
    small, which is then also `geometry` and `shown`.

    Shape   tensors: one picture alone, as the processor gives them; shown: the size that the geometry calls seen.
    """

    tensors: Mapping[str, torch.Tensor]
    geometry: ImageGeometry
    shown: Picture
    tiles: tuple[ImageGeometry, ...] = ()


def picture_tensors(processor: Any, picture: Picture) -> Prepared:
    """Do what a model's image processor does, and find out where every pixel came from.

    What the settings of the processor say is held against a picture whose colours tell their place, sent the same way.

    Raises  TooLarge    when one side is many times the other, so that resizing would make a huge picture.
            Unreadable  when the processor cannot take the picture.
            ModelError  when the processor does something else than its settings say, or cuts tiles in an unknown way.
    """
    _check_shape(picture.size)
    tensors, views = _sent(processor, picture)
    colours = _sent(processor, ramp(picture.size))[1]
    sizes = [(int(view.shape[0]), int(view.shape[1])) for view in views]
    if len(views) == 1:
        geometries: tuple[ImageGeometry, ...] = (geometry_of(processor, picture.size, sizes[0], lit_of(colours[0])),)
    else:
        geometries = _tiles(picture.size, sizes[-1], _rows(processor, picture, len(views)), len(views))
    for geometry, became in zip(geometries, colours, strict=True):
        check_geometry(geometry, became)
    pixels = np.rint(np.clip(views[-1], 0, 255)).astype(np.uint8)
    shown = Picture(sizes[-1], pixels.tobytes())
    return Prepared(MappingProxyType(tensors), geometries[-1], shown, geometries if len(views) > 1 else ())


def _check_shape(size: Size) -> None:
    if max(size) > MAX_SHAPE * min(size):
        raise TooLarge(
            "The picture is {height:,} × {width:,} pixels; attnviz takes up to {limit} times as long as wide. Cut it "
            "to size.",
            height=size[0],
            width=size[1],
            limit=MAX_SHAPE,
        )


def _sent(processor: Any, picture: Picture) -> tuple[dict[str, torch.Tensor], list[np.ndarray]]:
    """Send a picture through a processor, and read back what it made.

    Shape   the second: for each tile (height, width, 3), float32, 0 to 255 but for what resizing overshot.
    Raises  Unreadable  when the processor fails.
    """
    try:
        batch = processor(images=[picture.pixels], return_tensors="pt", input_data_format="channels_last")
        tensors = {name: tensor for name, tensor in batch.items() if isinstance(tensor, torch.Tensor)}
        return tensors, [_colours(processor, view) for view in _views(processor, tensors)]
    except Exception as why:  # each of a hundred processors fails in its own way
        raise Unreadable(
            "The model's image processor makes nothing of a picture of {height:,} × {width:,} pixels ({why}). Choose "
            "another picture, or another model.",
            height=picture.size[0],
            width=picture.size[1],
            why=str(why)[:200],
        ) from why


def _views(processor: Any, tensors: Mapping[str, torch.Tensor]) -> list[np.ndarray]:
    """Lay what a processor made as pictures.

    Shape   for each tile (height, width, 3), float32, normalised as the model takes it.
    """
    values = tensors["pixel_values"].numpy()
    if "spatial_shapes" in tensors:
        rows, cols = (int(count) for count in tensors["spatial_shapes"][0])
        return [_from_patches(values[0, : rows * cols], (rows, cols), processor.patch_size)]
    if "image_grid_thw" in tensors:
        rows, cols = (int(count) for count in tensors["image_grid_thw"][0, 1:])
        return [_from_blocks(values, (rows, cols), processor)]
    tiles = values[0] if values.ndim == 5 else values
    if tiles.ndim != 4 or tiles.shape[1] != 3:
        raise ValueError(f"pixel values of {values.shape}")
    return list(np.moveaxis(tiles, 1, -1))


def _from_patches(values: np.ndarray, grid: Size, side: int) -> np.ndarray:
    """Lay patches, each (row, column, channel), side by side.

    Shape   (rows * side, cols * side, 3).
    """
    patches = values.reshape(*grid, side, side, -1)
    return patches.transpose(0, 2, 1, 3, 4).reshape(grid[0] * side, grid[1] * side, -1)


def _from_blocks(values: np.ndarray, grid: Size, processor: Any) -> np.ndarray:
    """Lay patches that come block by block, each (channel, frame, row, column), side by side; frames are equal.

    Shape   (rows * side, cols * side, 3).
    """
    side, block, frames = processor.patch_size, processor.merge_size, processor.temporal_patch_size
    parts = values.reshape(grid[0] // block, grid[1] // block, block, block, -1, frames, side, side)[..., 0, :, :]
    return parts.transpose(0, 2, 5, 1, 3, 6, 4).reshape(grid[0] * side, grid[1] * side, -1)


def _colours(processor: Any, view: np.ndarray) -> np.ndarray:
    """Undo what a processor did to colours.

    Shape   (height, width, 3), float32, 0 to 255 but for what resizing overshot.
    """
    if processor.do_normalize:
        view = view * np.asarray(processor.image_std, np.float32) + np.asarray(processor.image_mean, np.float32)
    return view / processor.rescale_factor if processor.do_rescale else view


def _rows(processor: Any, picture: Picture, count: int) -> int:
    """Ask a processor in how many rows of tiles it cut a picture."""
    if kind_of(processor) not in TILED:
        raise ModelError(
            "The model's image processor {kind} cuts a picture into {count} tiles in a way that attnviz does not know. "
            "Choose another model.",
            kind=kind_of(processor),
            count=count,
        )
    asked = {"return_tensors": "pt", "input_data_format": "channels_last", "return_row_col_info": True}
    return int(processor(images=[picture.pixels], **asked)["rows"][0][0])


def _tiles(original: Size, tile: Size, rows: int, count: int) -> tuple[ImageGeometry, ...]:
    """Say where each tile lies, row by row, and last the whole picture as one more."""
    cols = (count - 1) // rows
    whole = (rows * tile[0], cols * tile[1])
    offsets = [(row * tile[0], col * tile[1]) for row in range(rows) for col in range(cols)]
    parts = [ImageGeometry(original, whole, offset, tile) for offset in offsets]
    return (*parts, ImageGeometry(original, tile, (0, 0), tile))
