"""Families that compare each token with some of the others: a band and a few tokens everywhere, or blocks."""

from attnviz.families.encoder_decoder import OPENED_BY, WRITES
from attnviz.families.family import Family, Part
from attnviz.families.places import CROSS, DECODER, ENCODER

_ENCODERS = {  # model type -> the module that attends
    "longformer": "LongformerSelfAttention",
    "big_bird": "BigBirdAttention",
}

SPARSE_ENCODER = Family(
    "text encoder that compares some pairs",
    tuple(_ENCODERS),
    {"self": Part(tuple(_ENCODERS.values()), by_hand=True)},
)

LED = Family(
    "LED",
    ("led",),
    {
        "encoder": Part(("LEDEncoderSelfAttention",), ENCODER, by_hand=True),
        "decoder": Part(("LEDDecoderAttention",), DECODER, by_hand=True),
        "cross": Part(("LEDDecoderAttention",), CROSS, by_hand=True),
    },
    WRITES,
    doors=OPENED_BY,
)

BIGBIRD_PEGASUS = Family(  # its encoder is written out by hand and adds its masks to scores, so they are spelled out
    "BigBird-Pegasus",
    ("bigbird_pegasus",),
    {
        "encoder": Part(("BigBirdPegasusEncoderAttention",), ENCODER, by_hand=True),
        "decoder": Part(("BigBirdPegasusDecoderAttention",), DECODER),
        "cross": Part(("BigBirdPegasusDecoderAttention",), CROSS),
    },
    WRITES,
    doors=OPENED_BY,
    explicit=True,
)

LONG_T5 = Family(
    "LongT5",
    ("longt5",),
    {
        "encoder": Part(("LongT5LocalAttention", "LongT5TransientGlobalAttention"), ENCODER, by_hand=True),
        "decoder": Part(("LongT5Attention",), DECODER),
        "cross": Part(("LongT5Attention",), CROSS),
    },
    WRITES,
    doors=OPENED_BY,
)

PROPHETNET = Family(  # whose decoder holds a text and, beside it, what is to be written one and more tokens ahead
    "ProphetNet",
    ("prophetnet",),
    {
        "encoder": Part(("ProphetNetAttention",), ENCODER, by_hand=True),
        "decoder": Part(("ProphetNetNgramSelfAttention",), DECODER, weighs=True, by_hand=True),
        "cross": Part(("ProphetNetAttention",), CROSS, by_hand=True),
    },
    WRITES,
    doors=OPENED_BY,
)

SPARSES = (SPARSE_ENCODER, LED, BIGBIRD_PEGASUS, LONG_T5, PROPHETNET)
