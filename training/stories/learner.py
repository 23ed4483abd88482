"""What the Stories model is, and the rows of text it learns from."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM

from training.course import Stage
from training.stories.tales import PIECES, tokens
from training.trainer import Batch

POSITIONS = 512
BEGIN_ID, END_ID = 0, 1
SPAN = (12, 64)  # tokens of a span that is said again and again


def model(settings: dict[str, Any]) -> LlamaForCausalLM:
    """Make the model."""
    return LlamaForCausalLM(
        LlamaConfig(
            **settings,
            vocab_size=PIECES,
            max_position_embeddings=POSITIONS,
            tie_word_embeddings=True,
            bos_token_id=BEGIN_ID,
            eos_token_id=END_ID,
            pad_token_id=END_ID,
        )
    )


def material(rng: np.random.Generator, stage: Stage) -> Batch:
    """Draw rows of text from the training pages."""
    told = stage.material
    return {
        "tokens": torch.from_numpy(rows(rng, tokens(held_out=False), stage.batch, told["tokens"], told["repeated"]))
    }


def rows(rng: np.random.Generator, text: np.ndarray, count: int, length: int, repeated: float) -> np.ndarray:
    """Cut rows from anywhere in a text, each after a beginning; a share of them says one span again and again.

    Shape   text (token,); result (count, length).
    """
    cut = np.empty((count, length), np.int64)
    cut[:, 0] = BEGIN_ID
    for row in cut:
        start = int(rng.integers(len(text) - length))
        span = int(rng.integers(*SPAN)) if rng.random() < repeated else length
        row[1:] = np.resize(text[start : start + span], length - 1)
    return cut


def lesson(model: nn.Module, batch: Batch) -> Tensor:
    """Score every next token."""
    logits = model(input_ids=batch["tokens"], use_cache=False).logits
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), batch["tokens"][:, 1:].flatten())
