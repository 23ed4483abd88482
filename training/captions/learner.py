"""What the captioner is, and the scenes it learns from."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import (
    GenerationConfig,
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
    VisionEncoderDecoderModel,
    ViTModel,
)

from training.captions.words import Caption, caption, is_held_out, tokenizer
from training.course import Stage
from training.letters import BEGIN_ID, END_ID, PADDING_ID
from training.places import WEIGHTS
from training.scenes.compose import Scene, scene
from training.scenes.emoji import sprites
from training.scenes.learner import tensors as pictures
from training.trainer import Batch

LONGEST = 20  # words that it writes, the beginning and the end counted
UNASKED = -100


def model(settings: dict[str, Any]) -> VisionEncoderDecoderModel:
    """Make the model: the encoder of Scenes as it is shipped, which learns no more, and a new decoder."""
    encoder = ViTModel.from_pretrained(
        WEIGHTS / "scenes", add_pooling_layer=False, dtype=torch.float32, local_files_only=True
    )
    encoder.requires_grad_(False)
    decoder = GPT2LMHeadModel(
        GPT2Config(
            **settings,
            vocab_size=len(tokenizer()),
            n_positions=LONGEST,
            add_cross_attention=True,
            bos_token_id=BEGIN_ID,
            eos_token_id=END_ID,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
        )
    )
    made = VisionEncoderDecoderModel(encoder=encoder, decoder=decoder)
    told = {"decoder_start_token_id": BEGIN_ID, "eos_token_id": END_ID, "pad_token_id": PADDING_ID}
    made.config.update(told)
    made.generation_config = GenerationConfig(**told, bos_token_id=BEGIN_ID, max_length=LONGEST)
    return made


def material(rng: np.random.Generator, stage: Stage) -> Batch:
    """Compose the scenes of one step, none of a layout that is kept out, and say what is in them."""
    scenes = [draw(rng, held_out=False, **stage.material) for _ in range(stage.batch)]
    return tensors(tokenizer(), scenes, [caption(each.placed) for each in scenes])


def draw(rng: np.random.Generator, held_out: bool, pixels: int, most: int, least: int = 1) -> Scene:
    """Compose a scene of a layout that training sees, or of one that it never sees."""
    while True:
        drawn = scene(rng, sprites(), pixels, most=most, least=least, apart=False)
        if drawn.placed and is_held_out(drawn.placed, pixels) == held_out:
            return drawn


def tensors(words: PreTrainedTokenizerFast, scenes: list[Scene], captions: list[Caption]) -> Batch:
    """Turn scenes and captions into what the encoder and the decoder read, and what the decoder should write.

    Shape   pixels (scene, 3, rows, cols); before, answers (scene, word): before begins each caption, answers ends it,
            UNASKED after that.
    """
    ids = words([each.text for each in captions], padding=True, return_tensors="pt")
    answers = ids["input_ids"].masked_fill(ids["attention_mask"] == 0, UNASKED)
    return {"pixels": pictures(scenes)["pixels"], "before": ids["input_ids"][:, :-1], "answers": answers[:, 1:]}


def lesson(model: nn.Module, batch: Batch) -> Tensor:
    """Score every word of what is said."""
    logits = model(pixel_values=batch["pixels"], decoder_input_ids=batch["before"], use_cache=False).logits
    return F.cross_entropy(logits.flatten(0, 1), batch["answers"].flatten(), ignore_index=UNASKED)
