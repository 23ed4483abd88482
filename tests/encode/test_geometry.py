"""Where a pixel came from, read back through real processors from pictures whose colours say where they are."""

from typing import Any

import numpy as np
import pytest
import transformers
from transformers.models.auto.image_processing_auto import IMAGE_PROCESSOR_MAPPING_NAMES

from attnviz.axes import ImageGeometry
from attnviz.encode.geometry import check_geometry, geometry_of, kind_of, lit_of, ramp
from attnviz.encode.picture import Prepared, picture_tensors
from attnviz.errors import AttnvizError, ModelError

LANDSCAPE, PORTRAIT, SQUARE = (400, 640), (640, 400), (500, 500)
PAGE = {"size": {"height": 640, "width": 480}}

PROCESSORS: dict[str, tuple[str, dict[str, Any]]] = {
    "ViT": ("ViT", {}),
    "ViT at 384": ("ViT", {"size": {"height": 384, "width": 384}}),
    "DeiT": ("DeiT", {}),
    "BEiT": ("Beit", {}),
    "BEiT, cut": ("Beit", {"size": {"height": 256, "width": 256}, "do_center_crop": True}),
    "DINOv2": ("Bit", {"size": {"shortest_edge": 256}}),
    "CLIP": ("CLIP", {}),
    "CLIP, uneven": ("CLIP", {"size": {"shortest_edge": 225}, "crop_size": {"height": 224, "width": 200}}),
    "CLIP, bordered": ("CLIP", {"size": {"shortest_edge": 200}, "crop_size": {"height": 225, "width": 225}}),
    "CLIP, as it is": ("CLIP", {"do_resize": False}),
    "SigLIP": ("Siglip", {}),
    "BLIP": ("Blip", {}),
    "ConvNeXt at 384": ("ConvNext", {}),
    "ConvNeXt at 224": ("ConvNext", {"size": {"shortest_edge": 224}}),
    "Swin": ("ViT", {"resample": 3}),
    "SegFormer": ("Segformer", {}),
    "PVT": ("Pvt", {}),
    "DETR": ("Detr", {}),
    "DETR, smaller": ("Detr", {"size": {"shortest_edge": 300, "longest_edge": 400}}),
    "DETR, bordered": ("Detr", {"pad_size": {"height": 1400, "width": 1400}}),
    "YOLOS": ("Yolos", {}),
    "Donut": ("Donut", PAGE),
    "Donut, upright": ("Donut", {"size": {"height": 480, "width": 641}}),
    "ViLT": ("Vilt", {}),
    "SigLIP 2": ("Siglip2", {}),
    "Qwen2-VL": ("Qwen2VL", {}),
    "Gemma 3": ("Gemma3", {}),
    "LLaVA": ("Llava", {}),
    "SmolVLM": ("SmolVLM", {}),
    "SAM, which nobody listed": ("Sam", {}),
    "Owlv2, which nobody listed": ("Owlv2", {}),
}


def made(name: str) -> Any:
    kind, settings = PROCESSORS[name]
    return getattr(transformers, f"{kind}ImageProcessorPil")(**settings)


@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT, SQUARE])
@pytest.mark.parametrize("name", PROCESSORS)
def test_the_way_back_to_the_given_picture_is_within_two_pixels(name, size):
    check_places(picture_tensors(made(name), ramp(size)), size)


def check_places(prepared: Prepared, size: tuple[int, int]) -> None:
    """Read off the ramp that a model sees where its pixels come from, and where it has a border."""
    geometry, colours = prepared.geometry, prepared.shown.pixels.astype(float)
    (top, bottom), (left, right) = geometry.filled
    for y in np.linspace(top + 2, bottom - 3, 9).astype(int):
        for x in np.linspace(left + 2, right - 3, 9).astype(int):
            found = colours[y, x, 1] * size[0] / 255, colours[y, x, 0] * size[1] / 255
            assert np.abs(np.subtract(geometry.to_original(y + 0.5, x + 0.5), found)).max() < 2
    assert colours[top:bottom, left:right, 2].min() > 200
    border = np.ones(geometry.seen, bool)
    border[top:bottom, left:right] = False
    assert not border.any() or colours[border][:, 2].max() < 200


@pytest.mark.slow
@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT, SQUARE])
def test_each_processor_of_the_library_is_right_within_two_pixels_or_refused(size):
    """Two of three are right; those refused cut tiles of their own, exchange colours, pad to no end, or want more."""
    named = {name for names in IMAGE_PROCESSOR_MAPPING_NAMES.values() for name in names.values() if name}
    kinds = sorted(name for name in named if name.endswith("Pil"))
    placed = [kind for kind in kinds if is_placed(getattr(transformers, kind)(), size)]
    assert len(placed) >= 2 / 3 * len(kinds) > 60


def is_placed(processor: Any, size: tuple[int, int]) -> bool:
    try:
        prepared = picture_tensors(processor, ramp(size))
    except AttnvizError:
        return False
    if not prepared.tiles:
        check_places(prepared, size)
    return True


@pytest.mark.parametrize(
    ("name", "size", "told"),
    [
        ("ViT", LANDSCAPE, ((224, 224), (0, 0), (224, 224))),
        ("DeiT", LANDSCAPE, ((256, 256), (16, 16), (224, 224))),
        ("CLIP", LANDSCAPE, ((224, 358), (0, 67), (224, 224))),
        ("ConvNeXt at 224", LANDSCAPE, ((256, 409), (16, 92), (224, 224))),
        ("DETR", LANDSCAPE, ((800, 1280), (0, 0), (800, 1280))),
        ("YOLOS", (500, 333), ((1200, 800), (0, 0), (1200, 800))),
        ("Donut", LANDSCAPE, ((300, 480), (-170, 0), (640, 480))),
        ("ViLT", LANDSCAPE, ((384, 608), (0, 0), (384, 608))),
        ("SigLIP 2", LANDSCAPE, ((192, 320), (0, 0), (192, 320))),
        ("Qwen2-VL", LANDSCAPE, ((392, 644), (0, 0), (392, 644))),
    ],
)
def test_what_a_processor_does_is_told_in_numbers(name, size, told):
    geometry = picture_tensors(made(name), ramp(size)).geometry
    assert (geometry.resized, geometry.offset, geometry.seen) == told


def test_clip_never_sees_37_percent_of_a_wide_photo():
    geometry = geometry_of(made("CLIP"), LANDSCAPE, (224, 224))
    (_, left), (_, right) = geometry.to_original(0, 0), geometry.to_original(224, 224)
    assert 1 - (right - left) / 640 == pytest.approx(0.374, abs=0.001)


def test_a_border_around_the_picture_is_no_place_of_it():
    geometry = geometry_of(made("Donut"), LANDSCAPE, (640, 480))
    assert geometry.filled == ((170, 470), (0, 480))
    assert geometry.to_original(170, 0) == (0, 0)
    assert geometry.to_original(470, 480) == LANDSCAPE
    assert geometry.to_original(0, 0)[0] < 0


def test_another_size_than_the_settings_make_is_refused():
    with pytest.raises(ModelError, match=r"ViTImageProcessor made \(200, 224\) of a picture of \(400, 640\)"):
        geometry_of(made("ViT"), LANDSCAPE, (200, 224))
    with pytest.raises(ModelError, match=r"by its settings it makes \(224, 224\)"):
        geometry_of(made("CLIP"), LANDSCAPE, (224, 358))


def test_a_page_that_its_processor_turns_is_refused():
    turning = transformers.DonutImageProcessorPil(**PAGE, do_align_long_axis=True)
    with pytest.raises(ModelError, match="Turn the picture by 90 degrees"):
        picture_tensors(turning, ramp(LANDSCAPE))
    assert picture_tensors(turning, ramp(PORTRAIT)).geometry.seen == (640, 480)


class Mirroring(transformers.ViTImageProcessorPil):
    """Turns the picture round without saying so, as a processor of another library version might."""

    def resize(self, image: np.ndarray, *given: Any, **named: Any) -> np.ndarray:
        return super().resize(image, *given, **named)[:, :, ::-1]


class Cutting(transformers.ViTImageProcessorPil):
    """Cuts off a margin of 6 pixels before it resizes, without saying so."""

    def resize(self, image: np.ndarray, *given: Any, **named: Any) -> np.ndarray:
        return super().resize(image[:, 6:-6, 6:-6].copy(), *given, **named)


@pytest.mark.parametrize("kind", [Mirroring, Cutting])
def test_a_processor_that_does_something_else_than_it_says_is_refused(kind):
    with pytest.raises(ModelError, match="times what is allowed"):
        picture_tensors(kind(), ramp(LANDSCAPE))


@pytest.mark.parametrize("axis", [0, 1])
def test_a_geometry_off_by_two_pixels_of_the_model_is_seen(axis):
    right = geometry_of(made("CLIP"), LANDSCAPE, (224, 224))
    colours = picture_tensors(made("CLIP"), ramp(LANDSCAPE)).shown.pixels.astype(np.float32)
    check_geometry(right, colours)
    offset = (right.offset[0] + 2 * (axis == 0), right.offset[1] + 2 * (axis == 1))
    with pytest.raises(ModelError, match="times what is allowed"):
        check_geometry(ImageGeometry(LANDSCAPE, right.resized, offset, right.seen), colours)


def test_a_ramp_is_found_where_it_lies():
    colours = np.zeros((10, 20, 3))
    colours[2:5, 3:19, 2] = 255
    assert lit_of(colours) == ((2, 5), (3, 19))
    assert lit_of(np.zeros((10, 20, 3))) == ((0, 10), (0, 20))


def test_the_library_that_computes_is_no_part_of_a_processors_kind():
    assert kind_of(made("ViT")) == "ViTImageProcessor"


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (2, 99), (1201, 1500), (4000, 3000)])
@pytest.mark.parametrize("name", ["ViT", "CLIP", "DETR", "Donut", "SigLIP 2", "Qwen2-VL"])
def test_pictures_of_any_size_are_placed(name, size):
    assert picture_tensors(made(name), ramp(size)).geometry.original == size
