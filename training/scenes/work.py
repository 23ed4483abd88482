"""Train, export and measure Scenes."""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from transformers import ViTImageProcessor

from training import trainer
from training.places import RUNS, WEIGHTS
from training.scenes.compose import Scene, scene
from training.scenes.emoji import NAMES, sprites
from training.scenes.evaluate import evaluate
from training.scenes.learner import Learner, lesson, material
from training.shipping import save_half, tell

COURSE = Path(__file__).with_name("course.toml")
RUN = RUNS / "scenes"
FOLDER = WEIGHTS / "scenes"
SAMPLES = 24
SAMPLES_SEED = 24  # of the scenes that are shipped; no training step draws from it


def train() -> None:
    """Teach the model to the end of its course, from where the last run stopped."""
    trainer.teach(Learner, COURSE, material, lesson, RUN)


def export() -> None:
    """Write the model as it is shipped, the patches' question left out, and a few scenes to look at."""
    learner = trainer.learnt(Learner, COURSE, RUN)
    save_half(learner.vit, FOLDER)
    side = learner.vit.config.image_size
    half = [0.5, 0.5, 0.5]
    ViTImageProcessor(size={"height": side, "width": side}, image_mean=half, image_std=half).save_pretrained(FOLDER)
    _write_samples(FOLDER / "samples", side)


def measure() -> None:
    """Measure the shipped weights on held-out scenes, and put the numbers in the card."""
    tell(FOLDER, evaluate(FOLDER))


def _write_samples(folder: Path, side: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    told = {}
    for number in range(SAMPLES):
        shown = scene(np.random.default_rng([SAMPLES_SEED, number]), sprites(), side, most=4, apart=False)
        name = f"scene-{number:02}.png"
        Image.fromarray(shown.pixels).save(folder / name, optimize=True)
        told[name] = _contents(shown)
    (folder / "scenes.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _contents(shown: Scene) -> list[dict[str, object]]:
    return [{"label": NAMES[placed.thing], "box": list(placed.box)} for placed in shown.placed]
