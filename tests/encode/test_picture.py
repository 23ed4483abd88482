"""A picture becomes tensors, and the picture that the model saw comes back out of them."""

from typing import Any

import numpy as np
import pytest
import torch
import transformers

from attnviz.encode.geometry import ramp
from attnviz.encode.picture import picture_tensors
from attnviz.errors import ModelError, TooLarge, Unreadable
from attnviz.inputs import Picture

NAMES = ("ViT", "DeiT", "CLIP", "Segformer", "Detr", "Vilt", "Siglip2", "Qwen2VL", "Bit", "ConvNext")


def made(name: str, **settings: Any) -> Any:
    return getattr(transformers, f"{name}ImageProcessorPil")(**settings)


def photo(height: int, width: int) -> Picture:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Picture((height, width), pixels.tobytes())


@pytest.mark.parametrize("name", NAMES)
def test_the_tensors_are_those_of_the_processor_itself(name):
    picture = photo(90, 140)
    own = made(name)(images=[picture.pixels], return_tensors="pt", input_data_format="channels_last")
    prepared = picture_tensors(made(name), picture)
    assert set(prepared.tensors) == set(own)
    assert all(torch.equal(tensor, own[key]) for key, tensor in prepared.tensors.items())


@pytest.mark.parametrize(
    ("name", "settings", "size"),
    [
        ("ViT", {"size": {"height": 32, "width": 48}}, (32, 48)),
        ("ViT", {"size": {"height": 32, "width": 48}, "do_normalize": False}, (32, 48)),
        ("ViT", {"size": {"height": 32, "width": 48}, "do_normalize": False, "do_rescale": False}, (32, 48)),
        ("CLIP", {"do_resize": False, "do_center_crop": False}, (50, 70)),
        ("Siglip2", {"do_resize": False}, (48, 96)),
        ("Qwen2VL", {}, (112, 84)),
        ("Detr", {"do_resize": False}, (70, 50)),
    ],
)
def test_a_picture_of_the_models_own_size_is_shown_bit_for_bit(name, settings, size):
    picture = photo(*size)
    assert picture_tensors(made(name, **settings), picture).shown == picture


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shown_has_the_size_that_the_geometry_calls_seen(name):
    prepared = picture_tensors(made(name), photo(90, 140))
    assert prepared.shown.size == prepared.geometry.seen
    assert prepared.geometry.original == (90, 140)


def test_tiles_lie_in_rows_and_the_last_is_the_whole():
    prepared = picture_tensors(made("SmolVLM"), ramp((400, 640)))
    assert prepared.tensors["pixel_values"].shape[:2] == (1, 13)
    assert [tile.offset for tile in prepared.tiles[:5]] == [(0, 0), (0, 364), (0, 728), (0, 1092), (364, 0)]
    assert {tile.resized for tile in prepared.tiles[:12]} == {(3 * 364, 4 * 364)}
    assert prepared.geometry == prepared.tiles[12]
    assert prepared.geometry.resized == (364, 364)


def test_a_processor_whose_tiles_nobody_knows_is_refused():
    with pytest.raises(ModelError, match="LlavaNextImageProcessor cuts a picture into 10 tiles"):
        picture_tensors(made("LlavaNext"), photo(400, 640))


def test_a_thread_of_a_picture_is_refused_before_it_is_made_huge():
    """CLIP would make 1 × 100,000 pixels 224 × 22,400,000."""
    with pytest.raises(TooLarge, match="1 × 100,000 pixels; attnviz takes up to 50 times as long as wide"):
        picture_tensors(made("CLIP"), Picture((1, 100_000), bytes(300_000)))


def test_a_processor_that_fails_says_why():
    with pytest.raises(Unreadable, match=r"makes nothing of a picture of 3 × 5 pixels \('pixel_values'\)"):
        picture_tensors(made("Pix2Struct"), photo(3, 5))


def test_tensors_that_are_no_picture_are_refused():
    def odd(**given: Any) -> dict[str, torch.Tensor]:
        return {"pixel_values": torch.zeros(1, 7, 4, 4)}

    with pytest.raises(Unreadable, match=r"pixel values of \(1, 7, 4, 4\)"):
        picture_tensors(odd, photo(3, 5))


def test_what_was_prepared_cannot_be_changed():
    prepared = picture_tensors(made("ViT"), photo(9, 9))
    with pytest.raises(TypeError):
        prepared.tensors["pixel_values"] = torch.zeros(1)  # type: ignore[index]
    assert not prepared.shown.pixels.flags.writeable
