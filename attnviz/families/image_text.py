"""Models that read a picture and words: two towers, one stack for both, a language model that is shown patches."""

from attnviz.families.decoder import DECODER
from attnviz.families.family import TEXTS, Family, Part
from attnviz.families.vision import POOLED_VISION, VISION
from attnviz.inputs import Generated, Input, PictureAndText

_PAIRS = {  # model type -> the modules that attend in its towers of words and of pictures
    "clip": ("CLIPAttention", "CLIPAttention"),
    "altclip": ("AltRobertaSelfAttention", "AltCLIPAttention"),
    "chinese_clip": ("ChineseCLIPTextSelfAttention", "ChineseCLIPVisionAttention"),
    "metaclip_2": ("MetaClip2Attention", "MetaClip2Attention"),
    "clipseg": ("CLIPSegAttention", "CLIPSegAttention"),
    "owlvit": ("OwlViTAttention", "OwlViTAttention"),
    "owlv2": ("Owlv2Attention", "Owlv2Attention"),
}
_POOLED = {"siglip": "SiglipAttention", "siglip2": "Siglip2Attention"}
_READERS = {  # model type -> the module that attends in its tower of pictures; None where that may be any
    "llava": None,
    "vipllava": None,
    "gemma3": None,
    "idefics3": "Idefics3VisionAttention",
    "smolvlm": "SmolVLMVisionAttention",
    "qwen2_vl": "VisionAttention",
}
_LANGUAGE = (*DECODER.stacks["self"].modules, "Qwen2VLAttention", "Qwen2_5_VLAttention")
_TOWERS = (*VISION.stacks["self"].modules, *POOLED_VISION.stacks["self"].modules)

BOTH: tuple[type[Input], ...] = (PictureAndText,)
GOES_ON: tuple[type[Input], ...] = (PictureAndText, *TEXTS)
CAPTIONS: tuple[type[Input], ...] = (PictureAndText, Generated)
WRITES = ("AutoModelForImageTextToText",)

_TEXT_TOWER, _IMAGE_TOWER, _WORDS = r"^text_model\.", r"^vision_model\.", r"^(?:language_model|text_model)\."
_PATCHES = r"^(?:vision_tower|vision_model|visual)\."

TWO_TOWERS = Family(
    "two towers",
    tuple(_PAIRS),
    {
        "text": Part(tuple(dict.fromkeys(text for text, _ in _PAIRS.values())), _TEXT_TOWER),
        "image": Part(tuple(dict.fromkeys(image for _, image in _PAIRS.values())), _IMAGE_TOWER),
    },
    BOTH,
)

POOLED_TOWERS = Family(
    "two towers with a probe that sums up",
    tuple(_POOLED),
    {
        "text": Part(tuple(_POOLED.values()), _TEXT_TOWER),
        "image": Part(tuple(_POOLED.values()), _IMAGE_TOWER),
        "pool": Part(("MultiheadAttention",), _IMAGE_TOWER, weighs=True),
    },
    BOTH,
)

BLIP = Family(
    "BLIP",
    ("blip",),
    {
        "text": Part(("BlipTextSelfAttention",), r"\.attention\.", weighs=True),
        "image": Part(("BlipAttention",), weighs=True),
        "cross": Part(("BlipTextSelfAttention",), r"\.crossattention\.", weighs=True),
    },
    CAPTIONS,
    doors=WRITES,
)

BLIP_2 = Family(
    "BLIP-2",
    ("blip-2",),
    {
        "text": Part(_LANGUAGE, r"^language_model\."),
        "image": Part(("Blip2Attention",)),
        "queries": Part(("Blip2QFormerMultiHeadAttention",), r"\.attention\."),
        "cross": Part(("Blip2QFormerMultiHeadAttention",), r"\.crossattention\."),
    },
    CAPTIONS,
    causal=True,
    doors=WRITES,
)

VILT = Family("ViLT", ("vilt",), {"self": Part(("ViltSelfAttention",), weighs=True)}, BOTH)

READER = Family(
    "language model that reads pictures",
    tuple(_READERS),
    {
        "text": Part(_LANGUAGE, _WORDS),
        "image": Part((*_TOWERS, *(module for module in _READERS.values() if module)), _PATCHES),
    },
    GOES_ON,
    causal=True,
    doors=WRITES,
)

PREFIX_READER = Family(  # whose prompt reads itself both ways; sdpa without a mask would take that for all that follows
    "language model that reads pictures and prompt both ways",
    ("paligemma",),
    {"text": Part(_LANGUAGE, _WORDS), "image": Part(_TOWERS, _PATCHES)},
    GOES_ON,
    causal=True,
    doors=WRITES,
    explicit=True,
)

WINDOWED_READER = Family(
    "language model that reads pictures in windows",
    ("qwen2_5_vl",),
    {
        "text": Part(_LANGUAGE, _WORDS),
        "image": Part(("Qwen2_5_VLVisionAttention",), _PATCHES, windows=True),
    },
    GOES_ON,
    causal=True,
    doors=WRITES,
)

CAPTIONER = Family("captioner", ("vision-encoder-decoder",), {}, CAPTIONS, doors=WRITES)  # two models of many kinds

IMAGE_TEXTS = (TWO_TOWERS, POOLED_TOWERS, BLIP, BLIP_2, VILT, READER, PREFIX_READER, WINDOWED_READER, CAPTIONER)
