"""Image processors are opened without torchvision, and a stand-in says that it is one."""

import json
from pathlib import Path

import numpy as np
import pytest
import transformers

from attnviz.encode.geometry import ramp
from attnviz.encode.picture import picture_tensors
from attnviz.errors import ModelRefused
from attnviz.models import load_folder
from attnviz.models.pictures import read_picture_processor
from tests.pictures import tower

DINOV3 = {
    "image_processor_type": "DINOv3ViTImageProcessorFast",
    "size": {"height": 96, "width": 128},
    "do_resize": True,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.485, 0.456, 0.406],
    "image_std": [0.229, 0.224, 0.225],
    "resample": 2,
    "do_pad": None,
}


def folder_of(settings: object, folder: Path) -> Path:
    (folder / "preprocessor_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


@pytest.mark.parametrize("kind", ["ViT", "DeiT", "CLIP", "Bit", "Segformer", "Detr", "Qwen2VL", "Donut", "Siglip2"])
def test_a_saved_processor_opens_as_its_twin_of_pillow(kind, tmp_path):
    getattr(transformers, f"{kind}ImageProcessorPil")().save_pretrained(tmp_path)
    opened, note = read_picture_processor(tmp_path)
    assert (type(opened).__name__, note) == (f"{kind}ImageProcessorPil", "")


def test_a_processor_of_torchvision_alone_is_stood_in_for_and_the_reader_is_told(tmp_path):
    opened, note = read_picture_processor(folder_of(DINOV3, tmp_path))
    assert note.startswith("ViTImageProcessor prepares the picture in place of DINOv3ViTImageProcessor")
    prepared = picture_tensors(opened, ramp((400, 640)))
    assert prepared.geometry.seen == (96, 128)
    np.testing.assert_allclose(opened.image_std, DINOV3["image_std"])


def test_a_processor_of_an_old_name_opens_under_its_new_one(tmp_path):
    opened, note = read_picture_processor(
        folder_of({"feature_extractor_type": "ViTFeatureExtractor", "size": 96}, tmp_path)
    )
    assert (type(opened).__name__, note) == ("ViTImageProcessorPil", "")
    assert picture_tensors(opened, ramp((400, 640))).geometry.seen == (96, 96)


@pytest.mark.parametrize("kind", ["Sam2ImageProcessor", "NobodysImageProcessor", "NobodysFeatureExtractor", ""])
def test_what_cannot_be_opened_is_refused_by_name(kind, tmp_path):
    with pytest.raises(ModelRefused, match=f"image processor '{kind}"):
        read_picture_processor(folder_of({"image_processor_type": kind}, tmp_path))


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_folder_without_readable_settings_is_refused(text, tmp_path):
    (tmp_path / "preprocessor_config.json").write_text(text)
    with pytest.raises(ModelRefused):
        read_picture_processor(tmp_path)
    with pytest.raises(ModelRefused, match="comes without preprocessor_config"):
        read_picture_processor(tmp_path / "nowhere")


@pytest.mark.parametrize("kind", ["swin", "swinv2", "segformer", "pvt", "pvt_v2", "vit", "detr"])
def test_towers_in_stages_and_others_open_from_a_folder(tmp_path, kind):
    """Their configurations count heads by stage, and some count no layers at all."""
    tower(kind).save_pretrained(tmp_path)
    transformers.ViTImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(tmp_path)
    assert load_folder(tmp_path, kind, "").layers
