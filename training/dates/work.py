"""Train, export and measure Dates."""

from pathlib import Path

from training import trainer
from training.dates.evaluate import evaluate
from training.dates.learner import lesson, material, model, tokenizer
from training.places import RUNS, WEIGHTS
from training.shipping import save_half, save_words, tell

COURSE = Path(__file__).with_name("course.toml")
RUN = RUNS / "dates"
FOLDER = WEIGHTS / "dates"


def train() -> None:
    """Teach the model to the end of its course, from where the last run stopped."""
    trainer.teach(model, COURSE, material, lesson, RUN)


def export() -> None:
    """Write the model as it is shipped."""
    learnt = trainer.learnt(model, COURSE, RUN)
    save_half(learnt, FOLDER)
    save_words(tokenizer(), FOLDER)


def measure() -> None:
    """Measure the shipped weights on held-out dates, and put the numbers in the card."""
    tell(FOLDER, evaluate(FOLDER))
