"""Train, export and measure Captions."""

from pathlib import Path

from transformers import AutoImageProcessor

from training import trainer
from training.captions.evaluate import evaluate
from training.captions.learner import lesson, material, model
from training.captions.words import tokenizer
from training.places import RUNS, WEIGHTS
from training.shipping import save_half, save_words, tell

COURSE = Path(__file__).with_name("course.toml")
RUN = RUNS / "captions"
FOLDER = WEIGHTS / "captions"


def train() -> None:
    """Teach the model to the end of its course, from where the last run stopped."""
    trainer.teach(model, COURSE, material, lesson, RUN)


def export() -> None:
    """Write the model as it is shipped; the pictures it reads are the scenes that come with its encoder."""
    learnt = trainer.learnt(model, COURSE, RUN)
    save_half(learnt, FOLDER)
    save_words(tokenizer(), FOLDER)
    AutoImageProcessor.from_pretrained(WEIGHTS / "scenes", local_files_only=True).save_pretrained(FOLDER)


def measure() -> None:
    """Measure the shipped weights on held-out scenes, and put the numbers in the card."""
    tell(FOLDER, evaluate(FOLDER))
