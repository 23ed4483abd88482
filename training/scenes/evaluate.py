"""How good Scenes is: what it names, and where its class token looks, on scenes that training never drew."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers import ViTForImageClassification

from training.scenes.compose import Placed, Scene, late_pair, scene
from training.scenes.emoji import NAMES, sprites
from training.scenes.learner import PATCH, tensors

CHOOSING, HELD_OUT, CROWDS, PAIRS = 101, 102, 103, 108  # seeds; a training step draws from [5, step]
SCENES = 1000  # of each kind
BATCH = 50
SURE = 0.5  # a thing more likely than not is named

Drawn = Callable[[np.random.Generator], Scene]


@dataclass(frozen=True)
class Answers:
    """What the model said of some scenes, and where its class token looked.

    Shape   likely, there (scene, thing): probability, and whether it is there; looked (scene, layer, head, patch),
            attention of the class token to patches; inside (scene, patch): whether a patch's middle lies in a box.
    """

    likely: np.ndarray
    there: np.ndarray
    looked: np.ndarray
    inside: np.ndarray

    def named(self) -> dict[str, float]:
        """Compare the things the model names with those that are there."""
        said, there = self.likely > SURE, self.there > 0
        right = (said & there).sum()
        return {
            "all": float((said == there).all(axis=1).mean()),
            "precision": float(right / max(1, said.sum())),
            "recall": float(right / there.sum()),
        }

    def points(self) -> np.ndarray:
        """Say how often the patch that the class token reads most lies in the box of a thing.

        Shape   (layer, head)
        """
        peak = self.looked.argmax(axis=3)
        return np.take_along_axis(self.inside[:, None, None, :], peak[..., None], axis=3)[..., 0].mean(axis=0)

    def points_together(self) -> float:
        """Say the same of the mean of the last layer's heads."""
        peak = self.looked[:, -1].mean(axis=1).argmax(axis=1)
        return float(self.inside[np.arange(len(peak)), peak].mean())

    @property
    def chance(self) -> float:
        """How often a patch taken blindly lies in a box."""
        return float(self.inside.mean())


def evaluate(folder: Path) -> dict[str, float]:
    """Measure the model in a folder; the head that points best is chosen on other scenes than it is measured on."""
    model = opened(folder)
    side = model.config.image_size
    best = best_head(answers(model, drawn(CHOOSING, lambda rng: scene(rng, sprites(), side, most=4, apart=False))))
    held = answers(model, drawn(HELD_OUT, lambda rng: scene(rng, sprites(), side, most=4, apart=False)))
    crowds = answers(model, drawn(CROWDS, lambda rng: scene(rng, sprites(), side, most=6, least=5, apart=False)))
    pairs = answers(model, drawn(PAIRS, lambda rng: late_pair(rng, sprites(), side)))
    return {
        **report("1 to 4 things", held, best),
        **report("5 or 6 things, as no training scene holds", crowds, best),
        "pairs that only the last stage showed: both named, nothing else": pairs.named()["all"],
    }


def report(scenes: str, found: Answers, best: tuple[int, int]) -> dict[str, float]:
    """Lay out what was measured on scenes of a kind, by the lines of the card's table."""
    named, points, (layer, head) = found.named(), found.points(), best
    return {
        f"{scenes}: all named, nothing else": named["all"],
        f"{scenes}: named things that are there (precision)": named["precision"],
        f"{scenes}: things there that are named (recall)": named["recall"],
        f"{scenes}: L{layer} H{head}, peak patch in a box": float(points[layer, head]),
        f"{scenes}: mean of the last layer, peak patch in a box": found.points_together(),
        f"{scenes}: mean of all heads' own peaks in a box": float(points.mean()),
        f"{scenes}: a blind patch in a box (chance)": found.chance,
    }


def opened(folder: Path) -> ViTForImageClassification:
    """Open the shipped weights as any reader of them does, with attention that shows its weights."""
    return ViTForImageClassification.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", local_files_only=True
    ).eval()


def drawn(seed: int, draw: Drawn, count: int = SCENES) -> list[Scene]:
    """Draw scenes of a seed."""
    return [draw(np.random.default_rng([seed, number])) for number in range(count)]


def samples(folder: Path) -> list[Scene]:
    """Read the scenes that are shipped beside the model; whose each pixel is, they do not say."""
    told = json.loads((folder / "samples" / "scenes.json").read_text(encoding="utf-8"))
    return [_sample(folder / "samples" / name, things) for name, things in told.items()]


def _sample(path: Path, things: list[dict[str, Any]]) -> Scene:
    pixels = np.asarray(Image.open(path))
    placed = tuple(Placed(NAMES.index(each["label"]), tuple(each["box"])) for each in things)
    return Scene(pixels, np.zeros(pixels.shape[:2], np.uint8), placed)


def best_head(chosen: Answers) -> tuple[int, int]:
    """Find the layer and head whose class token points best."""
    points = chosen.points()
    layer, head = divmod(int(points.argmax()), points.shape[1])
    return layer, head


def answers(model: ViTForImageClassification, scenes: Sequence[Scene]) -> Answers:
    """Show scenes to the model."""
    parts = [_answers(model, part) for part in _batches(scenes)]
    return Answers(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _batches(scenes: Sequence[Scene]) -> Iterator[Sequence[Scene]]:
    yield from (scenes[start : start + BATCH] for start in range(0, len(scenes), BATCH))


def _answers(model: ViTForImageClassification, scenes: Sequence[Scene]) -> tuple[np.ndarray, ...]:
    batch = tensors(list(scenes))
    with torch.inference_mode():
        out = model(pixel_values=batch["pixels"], output_attentions=True)
    looked = torch.stack([weights[:, :, 0, 1:] for weights in out.attentions], dim=1)
    inside = np.stack([middles_inside(each.placed, each.pixels.shape[0]) for each in scenes])
    return out.logits.sigmoid().numpy(), batch["things"].numpy(), looked.numpy(), inside


def middles_inside(placed: Sequence[Placed], pixels: int) -> np.ndarray:
    """Say of each patch whether its middle lies in the box of a thing.

    Shape   (patch,), row by row.
    """
    middles = np.arange(PATCH / 2, pixels, PATCH)
    inside = np.zeros((len(middles), len(middles)), bool)
    for left, top, right, bottom in (each.box for each in placed):
        across, down = (middles >= left) & (middles < right), (middles >= top) & (middles < bottom)
        inside |= down[:, None] & across[None, :]
    return inside.reshape(-1)
