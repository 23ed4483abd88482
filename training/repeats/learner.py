"""What the models of Repeats are, and the series they learn from."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Regex, normalizers
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from training.course import Stage
from training.letters import BEGIN, SPECIAL, character_tokenizer
from training.trainer import Batch

LETTERS = "abcdefghijklmnopqrstuvwxyz"
FIRST = len(SPECIAL)  # the number of "a"
POSITIONS = 49  # as many as were taught: beyond them a model of this kind guesses
UNASKED = -100


def tokenizer() -> PreTrainedTokenizerFast:
    """Read letters, one a token, whatever stands between them left out."""
    only_letters = normalizers.Sequence([normalizers.Lowercase(), normalizers.Replace(Regex("[^a-z]"), "")])
    return character_tokenizer(LETTERS, f"{BEGIN} $A", only_letters)


def model(settings: dict[str, Any], layers: int) -> LlamaForCausalLM:
    """Make a Llama whose feed-forward parts are zero and stay so: nothing but attention moves and mixes tokens."""
    made = LlamaForCausalLM(config(settings, layers))
    for name, weights in made.named_parameters():
        if ".mlp." in name or "post_attention_layernorm" in name:
            weights.requires_grad_(False)
        if ".mlp." in name:
            weights.data.zero_()
    return made


def config(settings: dict[str, Any], layers: int) -> LlamaConfig:
    """Describe a model to transformers; one unit is the least that a feed-forward part can have."""
    told = dict(settings)
    rotary = {"rope_type": "default", "rope_theta": told.pop("rotary_base")}
    special = dict(zip(("bos_token_id", "eos_token_id", "pad_token_id"), range(3), strict=True))
    return LlamaConfig(
        **told,
        **special,
        vocab_size=FIRST + len(LETTERS),
        num_hidden_layers=layers,
        intermediate_size=1,
        max_position_embeddings=POSITIONS,
        rope_parameters=rotary,
        tie_word_embeddings=False,
    )


def material(rng: np.random.Generator, stage: Stage) -> Batch:
    """Draw series of different letters, each said again and again."""
    told = stage.material
    periods = rng.integers(told["shortest"], told["longest"] + 1, stage.batch)
    return series(rng, periods, told["letters"])


def series(rng: np.random.Generator, periods: np.ndarray, letters: int) -> Batch:
    """Draw one series a period.

    Shape   tokens (series, 1 + letters), the beginning first; answers, the same: the next token where the series says
            it again, UNASKED elsewhere.
    """
    tokens = np.zeros((len(periods), 1 + letters), np.int64)
    for row, period in zip(tokens, periods, strict=True):
        row[1:] = np.resize(FIRST + rng.permutation(len(LETTERS))[:period], letters)
    answers = np.full_like(tokens, UNASKED)
    answers[:, :-1] = tokens[:, 1:]
    places = np.arange(1 + letters)
    answers[places[None, :] <= periods[:, None]] = UNASKED  # place `period` holds the last letter of the first time
    answers[:, -1] = UNASKED
    return {"tokens": torch.from_numpy(tokens), "answers": torch.from_numpy(answers)}


def lesson(model: nn.Module, batch: Batch) -> Tensor:
    """Score the next letter, wherever it can be known."""
    logits = model(input_ids=batch["tokens"], use_cache=False).logits
    return F.cross_entropy(logits.flatten(0, 1), batch["answers"].flatten(), ignore_index=UNASKED)
