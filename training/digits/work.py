"""Train, export and measure Digits."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from training import trainer
from training.digits.clips import RATE, Clip, speakers
from training.digits.evaluate import evaluate
from training.digits.learner import Learner, extractor, lesson, material, tokenizer
from training.digits.strings import Spoken, draw
from training.places import RUNS, WEIGHTS
from training.shipping import save_half, save_words, tell

COURSE = Path(__file__).with_name("course.toml")
RUN = RUNS / "digits"
FOLDER = WEIGHTS / "digits"
SAMPLES = 12
SAMPLES_SEED = 25  # of the strings that are shipped; no training step draws from it


def train() -> None:
    """Teach the model to the end of its course, from where the last run stopped."""
    trainer.teach(Learner, COURSE, material, lesson, RUN)


def export() -> None:
    """Write the model as it is shipped, the moments' question left out, and a few strings to listen to."""
    learner = trainer.learnt(Learner, COURSE, RUN)
    ship(learner, FOLDER)
    write_samples(FOLDER / "samples", speakers(held_out=True))


def ship(learner: Learner, folder: Path) -> None:
    """Write a model with what reads its words and its sounds."""
    save_half(learner.whisper, folder)
    save_words(tokenizer(), folder)
    extractor().save_pretrained(folder)


def measure() -> None:
    """Measure the shipped weights on the official test clips, and put the numbers in the card."""
    tell(FOLDER, evaluate(FOLDER))


def write_samples(folder: Path, own: Sequence[Sequence[Clip]]) -> None:
    """Draw strings of some speakers' clips, and write them with what is said when."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {}
    for number in range(SAMPLES):
        said = draw(np.random.default_rng([SAMPLES_SEED, number]), own, varied=False, least=2)
        name = f"digits-{number:02}.wav"
        soundfile.write(folder / name, said.samples, RATE, subtype="PCM_16")
        told[name] = _contents(said)
    (folder / "digits.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _contents(said: Spoken) -> dict[str, object]:
    return {"text": said.text, "spans": [[round(moment, 4) for moment in span] for span in said.spans]}
