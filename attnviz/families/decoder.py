"""Decoders: one stack in which a token reads itself and what came before it, all of it or a window."""

from attnviz.families.family import Family
from attnviz.inputs import Text

DECODER = Family(
    name="decoder",
    reads=Text,
    model_types=(
        "gpt2",
        "gpt_neox",
        "opt",
        "llama",
        "mistral",
        "qwen2",
        "qwen3",
        "gemma",
        "gemma2",
        "gemma3",
        "gemma3_text",
        "phi3",
        "olmo2",
        "gpt_oss",
    ),
    stacks={
        "self": (
            "GPT2Attention",
            "GPTNeoXAttention",
            "OPTAttention",
            "LlamaAttention",
            "MistralAttention",
            "Qwen2Attention",
            "Qwen3Attention",
            "GemmaAttention",
            "Gemma2Attention",
            "Gemma3Attention",
            "Phi3Attention",
            "Olmo2Attention",
            "GptOssAttention",
        )
    },
    causal=True,
)
