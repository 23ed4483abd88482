"""Train, export and measure Stories."""

from pathlib import Path

from training import trainer
from training.places import RUNS, WEIGHTS
from training.shipping import save_half, save_words, tell
from training.stories.evaluate import evaluate
from training.stories.learner import lesson, material, model
from training.stories.tales import tokenizer

COURSE = Path(__file__).with_name("course.toml")
RUN = RUNS / "stories"
FOLDER = WEIGHTS / "stories"


def train() -> None:
    """Teach the model to the end of its course, from where the last run stopped."""
    trainer.teach(model, COURSE, material, lesson, RUN)


def export() -> None:
    """Write the model as it is shipped."""
    learnt = trainer.learnt(model, COURSE, RUN)
    save_half(learnt, FOLDER)
    save_words(tokenizer(), FOLDER)


def measure() -> None:
    """Measure the shipped weights on pages that training never read, and put the numbers in the card."""
    tell(FOLDER, evaluate(FOLDER))
