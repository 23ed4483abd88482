"""Train, export and measure Pairs."""

from pathlib import Path

from transformers import CLIPImageProcessorPil

from training import trainer
from training.pairs.evaluate import evaluate
from training.pairs.learner import PIXELS, lesson, material, model
from training.pairs.names import tokenizer
from training.places import RUNS, WEIGHTS
from training.shipping import save_half, save_words, tell

COURSE = Path(__file__).with_name("course.toml")
RUN = RUNS / "pairs"
FOLDER = WEIGHTS / "pairs"


def train() -> None:
    """Teach the model to the end of its course, from where the last run stopped."""
    trainer.teach(model, COURSE, material, lesson, RUN)


def export() -> None:
    """Write the model as it is shipped."""
    learnt = trainer.learnt(model, COURSE, RUN)
    save_half(learnt, FOLDER)
    save_words(tokenizer(), FOLDER)
    side, half = {"height": PIXELS, "width": PIXELS}, [0.5, 0.5, 0.5]
    CLIPImageProcessorPil(size=side, do_center_crop=False, image_mean=half, image_std=half).save_pretrained(FOLDER)


def measure() -> None:
    """Measure the shipped weights on new pictures, and put the numbers in the card."""
    tell(FOLDER, evaluate(FOLDER))
