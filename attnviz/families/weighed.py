"""Families whose attention is written out by hand, so that it shows its weights and no queries and keys."""

from attnviz.families.family import Family
from attnviz.inputs import Text

_ENCODERS = {  # model type -> the module that attends
    "convbert": "ConvBertSelfAttention",
    "deberta": "DisentangledSelfAttention",
    "deberta-v2": "DisentangledSelfAttention",
    "flaubert": "MultiHeadAttention",
    "luke": "LukeSelfAttention",
    "megatron-bert": "MegatronBertSelfAttention",
    "mpnet": "MPNetSelfAttention",
    "rembert": "RemBertSelfAttention",
    "roformer": "RoFormerSelfAttention",
    "xlm": "MultiHeadAttention",
}
_DECODERS = {
    "bloom": "BloomAttention",
    "codegen": "CodeGenAttention",
    "deepseek_v32": "DeepseekV32Attention",
    "falcon": "FalconAttention",
    "glm_moe_dsa": "GlmMoeDsaAttention",
    "gpt_neo": "GPTNeoSelfAttention",
    "gpt_neox_japanese": "GPTNeoXJapaneseAttention",
    "gptj": "GPTJAttention",
    "mpt": "MptAttention",
    "openai-gpt": "Attention",
    "xglm": "XGLMAttention",
}

WEIGHED_ENCODER = Family(
    name="text encoder that shows weights",
    reads=Text,
    model_types=tuple(_ENCODERS),
    stacks={"self": tuple(dict.fromkeys(_ENCODERS.values()))},
    causal=False,
    weighs=True,
)

WEIGHED_DECODER = Family(
    name="decoder that shows weights",
    reads=Text,
    model_types=tuple(_DECODERS),
    stacks={"self": tuple(dict.fromkeys(_DECODERS.values()))},
    causal=True,
    weighs=True,
)

XLNET = Family(
    name="XLNet",
    reads=Text,
    model_types=("xlnet",),
    stacks={"self": ("XLNetRelativeAttention",)},
    causal=False,
    weighs=True,
    layout=(2, 3, 0, 1),  # (query, key, batch, head) as it comes
)
