"""What the two towers are, and the pictures and names they learn from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import CLIPConfig, CLIPModel

from training.course import Stage
from training.letters import BEGIN_ID, END_ID, PADDING_ID
from training.pairs.names import Drawings, names, tokenizer
from training.scenes.compose import Placed, compose
from training.trainer import Batch

PIXELS, PATCH = 64, 8
POSITIONS = 24


@dataclass(frozen=True)
class Shown:
    """A picture of one or two emoji, and what is said of it: their names.

    Shape   pixels (rows, cols, 3), uint8.
    """

    pixels: np.ndarray
    names: tuple[str, ...]
    placed: tuple[Placed, ...]

    @property
    def text(self) -> str:
        """The names, joined."""
        return " and ".join(self.names)


def model(settings: dict[str, Any]) -> CLIPModel:
    """Make the model."""
    width = settings["width"]
    alike = {"hidden_size": width, "num_attention_heads": settings["heads"], "intermediate_size": 4 * width}
    text = {
        **alike,
        "num_hidden_layers": settings["text_layers"],
        "vocab_size": len(tokenizer()),
        "max_position_embeddings": POSITIONS,
        "bos_token_id": BEGIN_ID,
        "eos_token_id": END_ID,
        "pad_token_id": PADDING_ID,
    }
    vision = {**alike, "num_hidden_layers": settings["picture_layers"], "image_size": PIXELS, "patch_size": PATCH}
    return CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=width))


def material(rng: np.random.Generator, stage: Stage) -> Batch:
    """Draw the pictures of one step; no emoji is in two of them, so that each picture has one right name."""
    chosen = names(held_out=False)
    order = rng.permutation(len(chosen)).tolist()
    shown = []
    for _ in range(stage.batch):
        count = int(rng.integers(1, stage.material["most"] + 1))
        shown.append(draw(rng, chosen, [order.pop() for _ in range(count)]))
    return tensors(shown)


def draw(rng: np.random.Generator, chosen: tuple[str, ...], things: list[int]) -> Shown:
    """Draw some emoji; one for which there is no room is not named."""
    scene = compose(rng, Drawings(chosen), PIXELS, things)
    return Shown(scene.pixels, tuple(chosen[each.thing] for each in scene.placed), scene.placed)


def tensors(shown: list[Shown]) -> Batch:
    """Turn pictures and names into what the towers read.

    Shape   pixels (pair, 3, rows, cols), -1 to 1; texts, seen (pair, word)
    """
    pixels = np.stack([each.pixels for each in shown]).transpose(0, 3, 1, 2).astype(np.float32)
    read = tokenizer()([each.text for each in shown], padding=True, return_tensors="pt")
    return {
        "pixels": torch.from_numpy(pixels / 127.5 - 1),
        "texts": read["input_ids"],
        "seen": read["attention_mask"],
    }


def lesson(model: nn.Module, batch: Batch) -> Tensor:
    """Score both ways: which name belongs to each picture, and which picture to each name.

    Source  Radford et al. 2021, arXiv:2103.00020, figure 3.
    """
    out = model(input_ids=batch["texts"], attention_mask=batch["seen"], pixel_values=batch["pixels"])
    right = torch.arange(len(batch["pixels"]), device=out.logits_per_image.device)
    return (F.cross_entropy(out.logits_per_image, right) + F.cross_entropy(out.logits_per_text, right)) / 2
