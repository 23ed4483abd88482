"""Encoder-decoders of text: one stack reads a source, one what is written so far, and one looks from that to it."""

from collections.abc import Iterable

from attnviz.families.family import Family, Part
from attnviz.families.places import CROSS, DECODER, ENCODER
from attnviz.families.text_encoder import TEXT_ENCODER
from attnviz.inputs import Generated, TextPair

_ATTENTION = {  # model type -> the module that attends, in all three stacks
    "t5": "T5Attention",
    "mt5": "MT5Attention",
    "umt5": "UMT5Attention",
    "switch_transformers": "SwitchTransformersAttention",
    "bart": "BartAttention",
    "mbart": "MBartAttention",
    "plbart": "PLBartAttention",
    "marian": "MarianAttention",
    "m2m_100": "M2M100Attention",  # NLLB too
    "pegasus": "PegasusAttention",
    "blenderbot": "BlenderbotAttention",
    "blenderbot-small": "BlenderbotSmallAttention",
}
_WEIGHED = {
    "fsmt": "Attention",
    "mvp": "MvpAttention",
    "nllb-moe": "NllbMoeAttention",  # chooses its experts by the mask that eager attention makes
}
_SELVES = (*sorted(TEXT_ENCODER.modules), "GPT2Attention")
_CROSSES = tuple(name.replace("SelfAttention", "CrossAttention") for name in _SELVES)

WRITES = (TextPair, Generated)
OPENED_BY = ("AutoModelForSeq2SeqLM",)


def three(modules: Iterable[str], *, crosses: Iterable[str] = (), weighs: bool = False) -> dict[str, Part]:
    """Tell three stacks apart by where their modules are; the third may have modules of its own."""
    own = tuple(dict.fromkeys(modules))
    return {
        "encoder": Part(own, ENCODER, weighs),
        "decoder": Part(own, DECODER, weighs),
        "cross": Part(tuple(crosses) or own, CROSS, weighs),
    }


ENCODER_DECODER = Family("encoder-decoder", tuple(_ATTENTION), three(_ATTENTION.values()), WRITES, doors=OPENED_BY)

WEIGHED_ENCODER_DECODER = Family(
    "encoder-decoder that shows weights",
    tuple(_WEIGHED),
    three(_WEIGHED.values(), weighs=True),
    WRITES,
    doors=OPENED_BY,
)

T5GEMMA = Family(
    "T5Gemma",
    ("t5gemma",),
    three(("T5GemmaSelfAttention",), crosses=("T5GemmaCrossAttention",)),
    WRITES,
    doors=OPENED_BY,
)

T5GEMMA2 = Family(  # a decoder's layer shares one row between what is written and the source
    "T5Gemma 2",
    ("t5gemma2",),
    {"encoder": Part(("T5Gemma2SelfAttention",)), "decoder": Part(("T5Gemma2MergedAttention",))},
    WRITES,
    doors=OPENED_BY,
)

JOINED = Family(  # an encoder and a decoder of any of these types, as bert2bert
    "encoder and decoder",
    ("encoder-decoder",),
    three(_SELVES, crosses=_CROSSES),
    WRITES,
    doors=OPENED_BY,
)

ENCODER_DECODERS = (ENCODER_DECODER, WEIGHED_ENCODER_DECODER, T5GEMMA, T5GEMMA2, JOINED)
