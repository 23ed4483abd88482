"""Tiny models with random weights and small tokenizers, made in memory: one of each type that a family lists."""

from functools import cache

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import CONFIG_MAPPING, AutoModel, AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerFast

from attnviz.families import family_for
from attnviz.models.loading import LoadedModel, wrap
from tests.tiny_sizes import HEADS, KV_HEADS, LAYERS, MODELS, WINDOW

__all__ = ["HEADS", "KV_HEADS", "LAYERS", "MODELS", "WINDOW", "loaded", "model", "tokenizer"]

SENTENCES = ["The cat sat on the mat because it was tired.", "A dog chased the mouse; the mouse ran under the mat."] * 4
TEXT = "The cat sat on the mat because 猫 was tired."


@cache
def model(kind: str) -> PreTrainedModel:
    """Make a model of one type, the same at every call and in every run."""
    tokenizer_kind, sizes = MODELS[kind]
    config = CONFIG_MAPPING[kind](**({"vocab_size": len(tokenizer(tokenizer_kind))} | sizes))
    torch.manual_seed(0)
    door = AutoModelForCausalLM if family_for(kind).causal else AutoModel
    made = door.from_config(config, attn_implementation="eager").eval()
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if "sink" in name:
                parameter.normal_()
    return made


@cache
def loaded(kind: str) -> LoadedModel:
    """Wrap the model of one type, with a tokenizer of the kind its relatives use."""
    return wrap(model(kind), tokenizer(MODELS[kind][0]))


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
