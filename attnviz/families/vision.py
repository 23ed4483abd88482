"""Towers that read one picture: sequences of patches, stages of windows, grids that shrink, queries that find."""

from attnviz.families.family import Family, Part
from attnviz.inputs import Picture

_ATTENTION = {  # model type -> the module that attends
    "vit": "ViTAttention",
    "deit": "DeiTAttention",
    "beit": "BeitAttention",
    "vit_mae": "ViTMAEAttention",
    "vit_msn": "ViTMSNAttention",
    "ijepa": "IJepaAttention",
    "dinov2": "Dinov2Attention",
    "dinov2_with_registers": "Dinov2WithRegistersAttention",
    "dinov3_vit": "DINOv3ViTAttention",
    "yolos": "YolosSelfAttention",
    "dpt": "DPTSelfAttention",
    "mlcd_vision_model": "MLCDAttention",
    "clip_vision_model": "CLIPAttention",
    "chinese_clip_vision_model": "ChineseCLIPVisionAttention",
    "altclip_vision_model": "AltCLIPAttention",
    "metaclip_2_vision_model": "MetaClip2Attention",
    "clipseg_vision_model": "CLIPSegAttention",
    "git_vision_model": "GitVisionAttention",
    "blip_2_vision_model": "Blip2Attention",
    "instructblip_vision_model": "InstructBlipAttention",
    "internvl_vision": "InternVLVisionAttention",
    "janus_vision_model": "JanusVisionAttention",
    "pixtral": "PixtralAttention",
    "segformer": "SegformerAttention",
}
_WEIGHED = {
    "data2vec-vision": "Data2VecVisionSelfAttention",
    "flava_image_model": "FlavaSelfAttention",
    "blip_vision_model": "BlipAttention",
    "pvt": "PvtEfficientSelfAttention",
    "pvt_v2": "PvtV2SelfAttention",
}
_POOLED = {"siglip_vision_model": "SiglipAttention", "siglip2_vision_model": "Siglip2Attention"}
_WEIGHED_WINDOWS = {"swinv2": "Swinv2SelfAttention", "donut-swin": "DonutSwinSelfAttention"}
_FINDERS = {"detr": "Detr", "conditional_detr": "ConditionalDetr"}

SEES = (Picture,)
CLASSIFIES = ("AutoModelForImageClassification", "AutoModelForObjectDetection", "AutoModel")

VISION = Family("vision", tuple(_ATTENTION), {"self": Part(tuple(_ATTENTION.values()))}, SEES, doors=CLASSIFIES)

WEIGHED_VISION = Family(
    "vision that shows weights",
    tuple(_WEIGHED),
    {"self": Part(tuple(_WEIGHED.values()), weighs=True)},
    SEES,
    doors=CLASSIFIES,
)

POOLED_VISION = Family(
    "vision with a probe that sums up",
    tuple(_POOLED),
    {"self": Part(tuple(_POOLED.values())), "pool": Part(("MultiheadAttention",), weighs=True)},
    SEES,
)

SWIN = Family("Swin", ("swin",), {"self": Part(("SwinAttention",), windows=True)}, SEES, doors=CLASSIFIES)

WEIGHED_SWIN = Family(
    "Swin that shows weights",
    tuple(_WEIGHED_WINDOWS),
    {"self": Part(tuple(_WEIGHED_WINDOWS.values()), weighs=True, windows=True)},
    SEES,
    doors=CLASSIFIES,
)

DETR = Family(
    "DETR",
    tuple(_FINDERS),
    {
        "encoder": Part(("DetrSelfAttention", "ConditionalDetrSelfAttention"), r"encoder\."),
        "decoder": Part(("DetrSelfAttention", "ConditionalDetrDecoderSelfAttention"), r"decoder\."),
        "cross": Part(("DetrCrossAttention", "ConditionalDetrDecoderCrossAttention")),
    },
    SEES,
    doors=CLASSIFIES,
)

TABLE_DETR = Family(
    "table DETR",
    ("table-transformer",),
    {
        "encoder": Part(("TableTransformerAttention",), r"encoder\.", weighs=True),
        "decoder": Part(("TableTransformerAttention",), r"decoder\..*self_attn", weighs=True),
        "cross": Part(("TableTransformerAttention",), r"encoder_attn", weighs=True),
    },
    SEES,
    doors=CLASSIFIES,
)

VISIONS = (VISION, WEIGHED_VISION, POOLED_VISION, SWIN, WEIGHED_SWIN, DETR, TABLE_DETR)
