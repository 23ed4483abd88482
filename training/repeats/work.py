"""Train, export and measure both models of Repeats."""

from functools import partial
from pathlib import Path

from training import trainer
from training.places import RUNS, WEIGHTS
from training.repeats.evaluate import evaluate
from training.repeats.learner import lesson, material, model, tokenizer
from training.shipping import save_half, save_words, tell

COURSE = Path(__file__).with_name("course.toml")
LAYERS = {"repeats-1": 1, "repeats-2": 2}


def train() -> None:
    """Teach each model to the end of its course, from where the last run stopped."""
    for name, layers in LAYERS.items():
        trainer.teach(partial(model, layers=layers), COURSE, material, lesson, RUNS / name)


def export() -> None:
    """Write the models as they are shipped."""
    for name, layers in LAYERS.items():
        save_half(trainer.learnt(partial(model, layers=layers), COURSE, RUNS / name), WEIGHTS / name)
        save_words(tokenizer(), WEIGHTS / name)


def measure() -> None:
    """Measure the shipped weights, and put the numbers in the cards."""
    for name in LAYERS:
        tell(WEIGHTS / name, evaluate(WEIGHTS / name))
