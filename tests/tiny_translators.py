"""Tiny encoder-decoders with random weights, one of each type that a family lists, and tokenizers of two languages."""

import copy
from functools import cache
from typing import Any

import torch
from tokenizers import processors
from transformers import (
    CONFIG_MAPPING,
    AutoModelForSeq2SeqLM,
    MBart50Tokenizer,
    MBartTokenizer,
    NllbTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from transformers.models.mbart.tokenization_mbart import FAIRSEQ_LANGUAGE_CODES

from attnviz.models.loading import LoadedModel, wrap
from tests import tiny
from tests.tiny_sizes import BERT, HEADS, LAYERS, OWN_DIM, WINDOW

_STARTS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 0}
_BART = _STARTS | {"d_model": 32, "max_position_embeddings": 64, "init_std": 0.3}
for _side in ("encoder", "decoder"):
    _BART |= {f"{_side}_layers": LAYERS, f"{_side}_attention_heads": HEADS, f"{_side}_ffn_dim": 40}
_PROPHETNET = _STARTS | {"hidden_size": 32, "max_position_embeddings": 64, "init_std": 0.3, "ngram": 2}
for _side in ("encoder", "decoder"):
    _PROPHETNET |= {f"num_{_side}_layers": LAYERS, f"num_{_side}_attention_heads": HEADS, f"{_side}_ffn_dim": 40}
_T5 = _STARTS | {"d_model": 32, "d_kv": 8, "d_ff": 40, "num_layers": LAYERS, "num_heads": HEADS}
_T5 |= {"num_decoder_layers": LAYERS}
_GEMMA = OWN_DIM | {"query_pre_attn_scalar": 8, "layer_types": ["sliding_attention", "full_attention"]}
_GEMMA |= {"sliding_window": WINDOW, "attn_logit_softcapping": 5.0}
_GEMMA2 = _GEMMA | {"attn_logit_softcapping": None}
_TOWER = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4, "intermediate_size": 40}

MODELS: dict[str, dict[str, Any]] = {
    "t5": _T5,
    "mt5": _T5,
    "umt5": _T5,
    "switch_transformers": _T5 | {"num_experts": 4, "num_sparse_encoder_layers": 1, "num_sparse_decoder_layers": 1},
    "bart": _BART,
    "mbart": _BART,
    "plbart": _BART,
    "marian": _BART | {"init_std": 2.0},
    "m2m_100": _BART,
    "nllb-moe": _BART | {"num_experts": 4, "encoder_sparse_step": 2, "decoder_sparse_step": 2, "expert_capacity": 64},
    "pegasus": _BART,
    "blenderbot": _BART,
    "blenderbot-small": _BART,
    "mvp": _BART,
    "fsmt": _BART | {"langs": ["en", "de"]},
    "led": {name: value for name, value in _BART.items() if name != "max_position_embeddings"}
    | {"attention_window": WINDOW, "max_encoder_position_embeddings": 64, "max_decoder_position_embeddings": 64},
    "bigbird_pegasus": _BART | {"block_size": 2, "num_random_blocks": 1},
    "longt5": _T5 | {"local_radius": 3, "global_block_size": 4, "encoder_attention_type": "local"},
    "prophetnet": _PROPHETNET,
    "t5gemma": _STARTS | {"encoder": _GEMMA, "decoder": _GEMMA},
    "t5gemma2": _STARTS
    | {
        "encoder": {"text_config": _GEMMA2, "vision_config": _TOWER | {"image_size": 28, "patch_size": 14}},
        "decoder": _GEMMA2,
    },
    "encoder-decoder": _STARTS
    | {
        "encoder": BERT | {"model_type": "bert"},
        "decoder": BERT | {"model_type": "bert", "is_decoder": True, "add_cross_attention": True},
    },
}


@cache
def tokenizer() -> PreTrainedTokenizerFast:
    """Take Llama's kind, and let it end each text as T5's does."""
    own = copy.deepcopy(tiny.tokenizer("fallback"))
    own.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 2)]
    )
    return own


@cache
def model(kind: str) -> PreTrainedModel:
    """Make a model of one type, the same at every call and in every run."""
    return made(kind, len(tokenizer()))


def made(kind: str, words: int, **settings: Any) -> PreTrainedModel:
    """Make a model of one type that knows so many words."""
    sizes = MODELS[kind] | settings
    named = [each for each in ("encoder", "decoder") if each in sizes]
    own = {each: _knowing(sizes[each], words) for each in named}
    counts = {"src_vocab_size": words, "tgt_vocab_size": words} if kind == "fsmt" else {"vocab_size": words}
    torch.manual_seed(0)
    config = CONFIG_MAPPING[kind](**(sizes | ({} if kind == "encoder-decoder" else counts) | own))
    return AutoModelForSeq2SeqLM.from_config(config, attn_implementation="eager").eval()


def _knowing(part: dict[str, Any], words: int) -> dict[str, Any]:
    if "text_config" in part:
        return part | {"text_config": part["text_config"] | {"vocab_size": words}}
    return part | {"vocab_size": words}


@cache
def loaded(kind: str) -> LoadedModel:
    """Wrap the model of one type."""
    return wrap(model(kind), tokenizer())


_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def mbart(source: str = "en_XX", target: str | None = "fr_XX") -> MBartTokenizer:
    """Make mBART's tokenizer, which ends a text with its language, over single letters."""
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    pieces += (
        [(letter, -3.0) for letter in _LETTERS] + [(code, 0.0) for code in FAIRSEQ_LANGUAGE_CODES] + [("<mask>", 0.0)]
    )
    return MBartTokenizer(vocab=pieces, src_lang=source, tgt_lang=target)


def mbart50(source: str = "en_XX", target: str | None = "fr_XX") -> MBart50Tokenizer:
    """Make mBART-50's tokenizer, which begins a text with its language, over single letters."""
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    return MBart50Tokenizer(vocab=pieces + [(letter, -3.0) for letter in _LETTERS], src_lang=source, tgt_lang=target)


def nllb(source: str = "eng_Latn", target: str | None = "fra_Latn") -> NllbTokenizer:
    """Make NLLB's tokenizer, which begins a text with its language, over single letters."""
    names = ["<s>", "<pad>", "</s>", "<unk>", "▁", *_LETTERS]
    return NllbTokenizer(
        vocab={name: number for number, name in enumerate(names)}, merges=[], src_lang=source, tgt_lang=target
    )
