"""What a translator is, and the pairs it learns from."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import GenerationConfig, MarianConfig, MarianMTModel, PreTrainedTokenizerFast

from training.course import Stage
from training.trainer import Batch
from training.translator.pairs import Pair, pairs
from training.translator.words import END_ID, PADDING_ID, tokenizer
from training.writers import asked, moved_on

POSITIONS = 64
LONGEST = 40  # tokens that it writes
UNASKED = -100
SMOOTHED = 0.1  # of the answer is shared among all words
ALIKE = 16  # batches are cut from as many, sorted by length, so that little of a batch is padding


def model(settings: dict[str, Any], words: PreTrainedTokenizerFast) -> MarianMTModel:
    """Make the model."""
    made = MarianMTModel(
        MarianConfig(
            **settings,
            vocab_size=len(words),
            max_position_embeddings=POSITIONS,
            activation_function="swish",
            attention_dropout=0.0,
            activation_dropout=0.0,
            scale_embedding=True,
            share_encoder_decoder_embeddings=True,
            tie_word_embeddings=True,
            pad_token_id=PADDING_ID,
            eos_token_id=END_ID,
            decoder_start_token_id=PADDING_ID,
            forced_eos_token_id=None,
        )
    )
    made.generation_config = GenerationConfig(
        decoder_start_token_id=PADDING_ID, eos_token_id=END_ID, pad_token_id=PADDING_ID, max_length=LONGEST
    )
    return made


def material(language: str) -> Callable[[np.random.Generator, Stage], Batch]:
    """Make what draws the pairs of one step, of about one length."""

    def drawn(rng: np.random.Generator, stage: Stage) -> Batch:
        own = pairs(language, held_out=False)
        pool = rng.integers(len(own), size=stage.batch * ALIKE)
        pool = pool[np.argsort(lengths(language)[pool], kind="stable")]
        first = int(rng.integers(ALIKE)) * stage.batch
        return tensors(tokenizer(language), [own[number] for number in pool[first : first + stage.batch]])

    return drawn


@cache
def lengths(language: str) -> np.ndarray:
    """Say how long each training pair is.

    Unit    characters, of both sentences together.
    """
    return np.array([len(each.source) + len(each.target) for each in pairs(language, held_out=False)])


def tensors(words: PreTrainedTokenizerFast, chosen: list[Pair]) -> Batch:
    """Turn pairs into what the encoder and the decoder read, and what the decoder should write.

    Shape   texts, seen (pair, token); before, answers (pair, token): before is answers moved on by the start.
    """
    read = words([each.source for each in chosen], padding=True, return_tensors="pt")
    written = words([each.target for each in chosen], padding=True, return_tensors="pt")
    ids = written["input_ids"]
    before = moved_on(ids, PADDING_ID)
    answers = ids.masked_fill(written["attention_mask"] == 0, UNASKED)
    return {"texts": read["input_ids"], "seen": read["attention_mask"], "before": before, "answers": answers}


def lesson(model: nn.Module, batch: Batch) -> Tensor:
    """Score every token of what is written."""
    logits = asked(model, batch).logits
    answers = batch["answers"].flatten()
    return F.cross_entropy(logits.flatten(0, 1), answers, ignore_index=UNASKED, label_smoothing=SMOOTHED)
