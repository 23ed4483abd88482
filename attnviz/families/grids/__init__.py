"""What names the positions of every layer of every model that reads pictures.

`picture_sides` lays out a model by its type; what it cannot know before the pass stands in `Known`. The lengths of the
sides are what the pass must then show: `check_lengths` refuses the picture where it shows others.
"""

from collections.abc import Sequence
from typing import Any

from attnviz.axes import ImageGeometry, Sides
from attnviz.errors import UnknownFamily, WeightsUnavailable
from attnviz.families.grids import blocks, detection, plain, pyramid, windows
from attnviz.families.grids.blocks import read_by_words
from attnviz.families.grids.grid import Known, Layout, Stacks
from attnviz.families.grids.plain import left_over, mae_order, vilt_sides
from attnviz.families.grids.windows import blocks_of, check_swin

__all__ = [
    "LAYOUTS",
    "Known",
    "blocks_of",
    "check_lengths",
    "check_swin",
    "left_over",
    "mae_order",
    "picture_sides",
    "read_by_words",
    "vilt_sides",
]

_CLASS = plain.plain()
_REGISTERS = plain.plain(plain.with_registers)
_PATCHES = plain.plain(plain.none)

LAYOUTS: dict[str, Layout] = {  # type of the tower -> how its positions lie
    "vit": _CLASS,
    "deit": plain.plain(plain.class_and_teacher),
    "beit": _CLASS,
    "data2vec-vision": _CLASS,
    "vit_mae": plain.masked,
    "vit_msn": _CLASS,
    "ijepa": _PATCHES,
    "dinov2": _CLASS,
    "dinov2_with_registers": _REGISTERS,
    "dinov3_vit": _REGISTERS,
    "yolos": plain.plain(plain.one_class, plain.detections),
    "dpt": _CLASS,
    "mlcd": _CLASS,
    "mlcd_vision_model": _CLASS,
    "clip_vision_model": _CLASS,
    "chinese_clip_vision_model": _CLASS,
    "altclip_vision_model": _CLASS,
    "metaclip_2_vision_model": _CLASS,
    "clipseg_vision_model": _CLASS,
    "git_vision_model": _CLASS,
    "kosmos_2_vision_model": _CLASS,
    "owlvit_vision_model": _CLASS,
    "owlv2_vision_model": _CLASS,
    "flava_image_model": _CLASS,
    "blip_vision_model": _CLASS,
    "blip_2_vision_model": _CLASS,
    "instructblip_vision_model": _CLASS,
    "internvl_vision": _CLASS,
    "janus_vision_model": _PATCHES,
    "siglip_vision_model": plain.pooled(_PATCHES),
    "siglip2_vision_model": plain.pooled(plain.naflex),
    "idefics2_vision": _PATCHES,
    "idefics3_vision": _PATCHES,
    "smolvlm_vision": _PATCHES,
    "pixtral": _PATCHES,
    "swin": windows.swin,
    "swinv2": windows.swin,
    "donut-swin": windows.swin,
    "segformer": pyramid.segformer,
    "pvt": pyramid.pvt,
    "pvt_v2": pyramid.pvt_v2,
    "detr": detection.detr,
    "conditional_detr": detection.detr,
    "table-transformer": detection.detr,
    "qwen2_vl_vision": blocks.qwen2_vision,
    "qwen2_5_vl_vision": windows.qwen2_5_vision,
}

_NOTHING = Known()


def picture_sides(config: Any, geometry: ImageGeometry, known: Known = _NOTHING) -> Stacks:
    """Name both sides of every layer of a tower that reads one picture.

    A tower of one kind of layer has the stack "self", and "pool" where a learned probe sums it up; DETR has "encoder",
    "decoder" and "cross". What later layers read of the tower is the queries of its last layer.

    Raises  UnknownFamily  when nobody knows how this type of tower lays out its positions.
    """
    if config.model_type not in LAYOUTS:
        raise UnknownFamily(
            "attnviz does not know how a tower of type {model_type!r} cuts up a picture. Choose a model with one of "
            "{known}.",
            model_type=config.model_type,
            known=", ".join(LAYOUTS),
        )
    return LAYOUTS[config.model_type](config, geometry, known)


def check_lengths(stack: str, sides: Sequence[Sides], found: Sequence[tuple[int, int]]) -> None:
    """Hold the positions that a layout names against those that a pass showed, layer by layer.

    Shape   found: (queries, keys) of each layer, or of each window of a layer in windows.
    Raises  WeightsUnavailable  when they differ: a picture is refused rather than drawn in the wrong place.
    """
    told = [_lengths(each) for each in sides]
    if list(found) == told:
        return
    layer = next((at for at, (one, other) in enumerate(zip(found, told, strict=False)) if one != other), len(told))
    raise WeightsUnavailable(
        "Stack {stack!r} showed {found} (queries, keys) at L{layer}, and by its configuration it has {told}: which "
        "patch is which would be a guess. Choose another model.",
        stack=stack,
        layer=layer,
        found=found[layer] if layer < len(found) else "no layer",
        told=told[layer] if layer < len(told) else "no layer",
    )


def _lengths(sides: Sides) -> tuple[int, int]:
    if sides.windows is None:
        return len(sides.queries), len(sides.keys)
    slots = max(map(len, sides.windows.where))
    return slots, slots
