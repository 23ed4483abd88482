"""What the Scenes model is, and the two questions its training asks."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import ViTConfig, ViTForImageClassification

from training.course import Stage
from training.scenes.compose import Scene, scene
from training.scenes.emoji import NAMES, sprites
from training.trainer import Batch

PATCH = 8
UNSURE = -100  # a patch that a thing merely touches is asked nothing
HELD = 0.25  # of a patch, for it to show the thing


class Learner(nn.Module):
    """The model, and beside it a question to every patch that is asked in training alone: what do you show?

    The second question teaches patches to carry what they show, as 144 answers a scene teach more than one. It is left
    out of the weights that are shipped.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self.vit = ViTForImageClassification(config(settings))
        self.patches = nn.Linear(self.vit.config.hidden_size, len(NAMES) + 1)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Answer both questions.

        Shape   pixels (picture, 3, rows, cols); result (picture, thing) and (picture, patch, 1 + thing), logits.
        """
        smaller = pixels.shape[-1] != self.vit.config.image_size
        hidden = self.vit.vit(pixel_values=pixels, interpolate_pos_encoding=smaller).last_hidden_state
        return self.vit.classifier(hidden[:, 0]), self.patches(hidden[:, 1:])


def config(settings: dict[str, Any]) -> ViTConfig:
    """Describe the model to transformers."""
    return ViTConfig(
        **settings,
        patch_size=PATCH,
        id2label=dict(enumerate(NAMES)),
        label2id={name: number for number, name in enumerate(NAMES)},
        problem_type="multi_label_classification",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )


def material(rng: np.random.Generator, stage: Stage) -> Batch:
    """Compose the scenes of one step, as tensors."""
    return tensors([scene(rng, sprites(), **stage.material) for _ in range(stage.batch)])


def tensors(scenes: list[Scene]) -> Batch:
    """Turn scenes into what the model reads and what it should answer.

    Shape   pixels (scene, 3, rows, cols), -1 to 1; things (scene, thing), 0 or 1; patches (scene, patch), 0 for ground,
            1 + the thing's number, or UNSURE.
    """
    pixels = np.stack([each.pixels for each in scenes]).transpose(0, 3, 1, 2).astype(np.float32)
    things = np.zeros((len(scenes), len(NAMES)), np.float32)
    for row, each in zip(things, scenes, strict=True):
        row[[placed.thing for placed in each.placed]] = 1
    return {
        "pixels": torch.from_numpy(pixels / 127.5 - 1),
        "things": torch.from_numpy(things),
        "patches": torch.from_numpy(np.stack([shown(each.owner) for each in scenes])),
    }


def shown(owner: np.ndarray) -> np.ndarray:
    """Say what each patch shows.

    Shape   owner (rows, cols); result (patch,), row by row, of int64.
    """
    rows, cols = owner.shape[0] // PATCH, owner.shape[1] // PATCH
    patches = owner.reshape(rows, PATCH, cols, PATCH).transpose(0, 2, 1, 3).reshape(rows * cols, -1)
    share = (patches > 0).mean(axis=1)
    answer = np.where(share >= HELD, patches.max(axis=1).astype(np.int64), UNSURE)
    return np.where(share == 0, 0, answer)


def lesson(model: nn.Module, batch: Batch) -> Tensor:
    """Score both answers: which things are there, and what each patch shows."""
    things, patches = model(batch["pixels"])
    whole = F.binary_cross_entropy_with_logits(things, batch["things"]) * len(NAMES) / 4
    each = F.cross_entropy(patches.flatten(0, 1), batch["patches"].flatten(), ignore_index=UNSURE)
    return whole + each
