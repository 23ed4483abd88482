"""Families whose attention is written out by hand, so that it shows its weights and no queries and keys."""

from attnviz.families.family import Family, Part

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
    model_types=tuple(_ENCODERS),
    stacks={"self": Part(tuple(dict.fromkeys(_ENCODERS.values())), weighs=True)},
)

WEIGHED_DECODER = Family(
    name="decoder that shows weights",
    model_types=tuple(_DECODERS),
    stacks={"self": Part(tuple(dict.fromkeys(_DECODERS.values())), weighs=True)},
    causal=True,
    doors=("AutoModelForCausalLM",),
)

XLNET = Family(
    name="XLNet",
    model_types=("xlnet",),
    stacks={
        "self": Part(
            ("XLNetRelativeAttention",),
            weighs=True,
            layout=(2, 3, 0, 1),  # (query, key, batch, head) as it comes
        )
    },
)
