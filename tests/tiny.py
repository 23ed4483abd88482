"""Tiny models with random weights and small tokenizers, made in memory: one of each type that a family lists."""

from functools import cache
from typing import Any

import torch
import transformers
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from attnviz.models.loading import LoadedModel, wrap

LAYERS, HEADS, KV_HEADS, WINDOW = 2, 4, 2, 4
SENTENCES = ["The cat sat on the mat because it was tired.", "A dog chased the mouse; the mouse ran under the mat."] * 4
TEXT = "The cat sat on the mat because 猫 was tired."

_SIZES = {"hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": 40}
_SPREAD = {"initializer_range": 0.3}  # wide enough for rows that are far from even
_BERT = _SIZES | _SPREAD
_ROBERTA = _BERT | {"max_position_embeddings": 514, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
_ENDS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
_DECODER = _SIZES | _SPREAD | _ENDS | {"num_key_value_heads": KV_HEADS, "max_position_embeddings": 64}
_OWN_DIM = _DECODER | {"head_dim": 8}

MODELS: dict[str, tuple[str, str, dict[str, Any]]] = {  # model type -> classes, tokenizer, configuration
    "bert": ("Bert Model", "word pieces", _BERT),
    "roberta": ("Roberta Model", "bytes", _ROBERTA),
    "xlm-roberta": ("XLMRoberta Model", "fallback", _ROBERTA),
    "camembert": ("Camembert Model", "fallback", _ROBERTA),
    "distilbert": (
        "DistilBert Model",
        "word pieces",
        {"dim": 32, "n_layers": LAYERS, "n_heads": HEADS, "hidden_dim": 40} | _SPREAD,
    ),
    "albert": ("Albert Model", "fallback", _BERT | {"embedding_size": 16}),
    "electra": ("Electra Model", "word pieces", _BERT | {"embedding_size": 16}),
    "gpt2": (
        "GPT2 LMHeadModel",
        "bytes",
        {"n_embd": 32, "n_layer": LAYERS, "n_head": HEADS, "n_positions": 64} | _SPREAD,
    ),
    "gpt_neox": ("GPTNeoX ForCausalLM", "bytes", _BERT | {"max_position_embeddings": 64}),
    "opt": (
        "OPT ForCausalLM",
        "bytes",
        {"hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "ffn_dim": 40}
        | {"word_embed_proj_dim": 32, "init_std": 0.3, "max_position_embeddings": 64},
    ),
    "llama": ("Llama ForCausalLM", "fallback", _DECODER),
    "mistral": ("Mistral ForCausalLM", "fallback", _DECODER | {"sliding_window": WINDOW}),
    "qwen2": ("Qwen2 ForCausalLM", "bytes", _DECODER),
    "qwen3": ("Qwen3 ForCausalLM", "bytes", _OWN_DIM),
    "gemma": ("Gemma ForCausalLM", "fallback", _OWN_DIM),
    "gemma2": ("Gemma2 ForCausalLM", "fallback", _OWN_DIM | {"sliding_window": WINDOW, "attn_logit_softcapping": 5.0}),
    "gemma3_text": ("Gemma3 ForCausalLM", "fallback", _OWN_DIM | {"sliding_window": WINDOW}),
    "phi3": ("Phi3 ForCausalLM", "fallback", _DECODER),
    "olmo2": ("Olmo2 ForCausalLM", "bytes", _DECODER),
    "gpt_oss": (
        "GptOss ForCausalLM",
        "bytes",
        _OWN_DIM | {"sliding_window": WINDOW, "num_local_experts": 4, "num_experts_per_tok": 2},
    ),
}
_CONFIGS = {"gemma3_text": "Gemma3TextConfig"}


@cache
def model(kind: str) -> PreTrainedModel:
    """Make a model of one type, the same at every call and in every run."""
    classes, tokenizer_kind, sizes = MODELS[kind]
    stem, head = classes.split()
    settings = {"vocab_size": len(tokenizer(tokenizer_kind)), **sizes}
    config = getattr(transformers, _CONFIGS.get(kind, f"{stem}Config"))(**settings)
    torch.manual_seed(0)
    made = getattr(transformers, stem + head)._from_config(config, attn_implementation="eager").eval()
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if "sinks" in name:
                parameter.normal_()
    return made


@cache
def loaded(kind: str) -> LoadedModel:
    """Wrap the model of one type, with a tokenizer of the kind its relatives use."""
    return wrap(model(kind), tokenizer(MODELS[kind][1]))


@cache
def tokenizer(kind: str) -> PreTrainedTokenizerFast:
    """Train a small tokenizer: uncased "word pieces", "bytes" as GPT-2's, or pieces with byte "fallback" as Llama's."""
    return {"word pieces": _word_pieces, "bytes": _bytes, "fallback": _fallback}[kind]()


def _word_pieces() -> PreTrainedTokenizerFast:
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    own = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    own.normalizer = normalizers.BertNormalizer(lowercase=True)
    own.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    own.train_from_iterator(
        SENTENCES, trainers.WordPieceTrainer(vocab_size=120, special_tokens=special, show_progress=False)
    )
    ends = [(name, own.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    own.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    own.decoder = decoders.WordPiece()
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return PreTrainedTokenizerFast(tokenizer_object=own, mask_token="[MASK]", **names)


def _bytes() -> PreTrainedTokenizerFast:
    own = Tokenizer(models.BPE())
    own.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    own.post_processor = processors.ByteLevel(trim_offsets=False)
    own.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    settings = {"special_tokens": ["<|endoftext|>"], "initial_alphabet": alphabet, "show_progress": False}
    trainer = trainers.BpeTrainer(vocab_size=330, **settings)
    own.train_from_iterator(SENTENCES, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=own, eos_token="<|endoftext|>")


def _fallback() -> PreTrainedTokenizerFast:
    special = ["<pad>", "<s>", "</s>", "<unk>"]
    byte_names = [f"<0x{value:02X}>" for value in range(256)]
    own = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    own.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    own.pre_tokenizer = pre_tokenizers.Split(Regex("▁"), "merged_with_next")
    own.train_from_iterator(
        SENTENCES, trainers.BpeTrainer(vocab_size=400, special_tokens=[*special, *byte_names], show_progress=False)
    )
    own.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    parts = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    own.decoder = decoders.Sequence(parts)
    names = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    return PreTrainedTokenizerFast(tokenizer_object=own, **names)
