"""Train, export and measure both models of Repeats."""

from pathlib import Path

import torch

from training import course, trainer
from training.places import RUNS, WEIGHTS
from training.repeats.evaluate import evaluate
from training.repeats.learner import lesson, material, model, tokenizer
from training.shipping import save_half, save_words, tell

HERE = Path(__file__).parent
LAYERS = {"repeats-1": 1, "repeats-2": 2}


def train() -> None:
    """Teach each model to the end of its course, from where the last run stopped."""
    taught = course.read(HERE / "course.toml")
    for name, layers in LAYERS.items():
        torch.manual_seed(taught.seed)
        trainer.train(model(taught.model, layers), taught, material, lesson, RUNS / name)


def export() -> None:
    """Write the models as they are shipped."""
    taught = course.read(HERE / "course.toml")
    for name, layers in LAYERS.items():
        learnt = model(taught.model, layers)
        trainer.restore(learnt, RUNS / name)
        save_half(learnt, WEIGHTS / name)
        save_words(tokenizer(), WEIGHTS / name)


def measure() -> None:
    """Measure the shipped weights, and put the numbers in the cards."""
    for name in LAYERS:
        tell(WEIGHTS / name, evaluate(WEIGHTS / name))
