"""The image processor of a model, opened without torchvision."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import transformers
from transformers import AutoImageProcessor

from attnviz.errors import ModelRefused

FILE = "preprocessor_config.json"
PLAIN = "ViTImageProcessor"  # resizes, scales, normalises, and nothing else
AS_PLAIN = frozenset({"DINOv3ViTImageProcessor"})  # exist for torchvision alone, and do the same in another order
OLD = "FeatureExtractor"  # how image processors were called before transformers 4.26
_SETTINGS = ("size", "do_resize", "do_rescale", "rescale_factor", "do_normalize", "image_mean", "image_std", "resample")


def read_picture_processor(folder: Path) -> tuple[Any, str]:
    """Open the image processor of a model folder; where another stands in for it, say so in a sentence for the reader.

    Raises  ModelRefused  when the folder has none, or one that works with torchvision alone.
    """
    settings = _settings(folder)
    kind = str(settings.get("image_processor_type") or settings.get("feature_extractor_type") or "")
    kind = kind.removesuffix("Fast").removesuffix("Pil")
    if kind in AS_PLAIN and not transformers.utils.is_torchvision_available():
        own = {name: settings[name] for name in _SETTINGS if settings.get(name) is not None}
        return transformers.ViTImageProcessorPil(**own), (
            f"{PLAIN} prepares the picture in place of {kind}, with the same settings; colours may differ by 1 in 255."
        )
    try:
        if kind.endswith(OLD):
            name = kind.removesuffix(OLD) + "ImageProcessorPil"
            return getattr(transformers, name).from_pretrained(folder, local_files_only=True), ""
        return AutoImageProcessor.from_pretrained(folder, trust_remote_code=False, local_files_only=True), ""
    except (ImportError, ValueError, AttributeError, OSError) as why:
        raise ModelRefused(
            "The model's image processor {kind!r} cannot be opened: it needs torchvision, which attnviz works without, "
            "or transformers does not know it. Choose another model.",
            kind=kind,
        ) from why


def _settings(folder: Path) -> Mapping[str, Any]:
    try:
        settings = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as why:
        raise ModelRefused("The model comes without {file}. Choose another model.", file=FILE) from why
    return settings if isinstance(settings, dict) else {}
