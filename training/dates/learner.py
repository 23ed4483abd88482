"""What the Dates model is, and what it learns from."""

import string
from typing import Any

import numpy as np
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast

from training.course import Stage
from training.dates.calendar import Written, draw
from training.letters import BEGIN_ID, END, END_ID, PADDING_ID, SPECIAL, character_tokenizer
from training.trainer import Batch
from training.writers import asked, moved_on

CHARACTERS = string.digits + string.ascii_letters + " ,./-"
POSITIONS = 40


def tokenizer() -> PreTrainedTokenizerFast:
    """Read dates, one character a token, and an end."""
    return character_tokenizer(CHARACTERS, f"$A {END}")


def model(settings: dict[str, Any]) -> BartForConditionalGeneration:
    """Make the model."""
    made = BartForConditionalGeneration(
        BartConfig(
            **settings,
            vocab_size=len(SPECIAL) + len(CHARACTERS),
            max_position_embeddings=POSITIONS,
            dropout=0.0,
            bos_token_id=BEGIN_ID,
            eos_token_id=END_ID,
            pad_token_id=PADDING_ID,
            decoder_start_token_id=BEGIN_ID,
            forced_eos_token_id=None,
            is_encoder_decoder=True,
        )
    )
    made.generation_config.update(max_length=12, num_beams=1, early_stopping=False)
    return made


def material(rng: np.random.Generator, stage: Stage) -> Batch:
    """Draw the dates of one step."""
    return tensors(tokenizer(), [draw(rng, held_out=False) for _ in range(stage.batch)])


def tensors(words: PreTrainedTokenizerFast, dates: list[Written]) -> Batch:
    """Turn dates into what the encoder and the decoder read, and what the decoder should write.

    Shape   texts, seen (date, character); before, answers (date, 11): before is answers moved on by the beginning.
    """
    read = words([each.text for each in dates], padding=True, return_tensors="pt")
    answers = words([each.iso for each in dates], return_tensors="pt")["input_ids"]
    before = moved_on(answers, BEGIN_ID)
    return {"texts": read["input_ids"], "seen": read["attention_mask"], "before": before, "answers": answers}


def lesson(model: nn.Module, batch: Batch) -> Tensor:
    """Score every character of what is written."""
    logits = asked(model, batch).logits
    return F.cross_entropy(logits.flatten(0, 1), batch["answers"].flatten())
