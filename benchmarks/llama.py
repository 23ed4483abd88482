"""A Llama of 135 million random numbers, with a tokenizer of one token a word; nothing of it is fetched."""

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

import attnviz
from attnviz.models.loading import LoadedModel
from benchmarks.material import WORDS

LAYERS, HEADS, KEY_HEADS, HEAD_DIM = 30, 9, 3, 64


def llama(positions: int) -> LoadedModel:
    """Make the model, in float32, for texts of so many tokens."""
    config = LlamaConfig(
        vocab_size=49152,
        hidden_size=HEADS * HEAD_DIM,
        intermediate_size=1536,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KEY_HEADS,
        max_position_embeddings=positions,
        tie_word_embeddings=True,
    )
    torch.manual_seed(0)
    return attnviz.wrap(LlamaForCausalLM(config).eval(), _tokenizer())


def _tokenizer() -> PreTrainedTokenizerFast:
    own = Tokenizer(models.WordLevel({word: number for number, word in enumerate(sorted(set(WORDS)))}, WORDS[0]))
    own.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=own)
