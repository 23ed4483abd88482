"""Train, export and measure Additive."""

import json
from pathlib import Path

from safetensors.torch import load_file, save_file

from training import trainer
from training.additive.learner import Additive
from training.course import read
from training.dates.evaluate import measured
from training.dates.learner import CHARACTERS, lesson, material, tokenizer
from training.letters import BEGIN_ID, END_ID, SPECIAL
from training.places import RUNS, WEIGHTS
from training.shipping import READABLE, WEIGHTS_FILE, tell

COURSE = Path(__file__).with_name("course.toml")
RUN = RUNS / "dates-additive"
FOLDER = WEIGHTS / "dates-additive"


def train() -> None:
    """Teach the model to the end of its course, from where the last run stopped."""
    trainer.teach(Additive, COURSE, material, lesson, RUN)


def export() -> None:
    """Write the model as it is shipped."""
    learnt = trainer.learnt(Additive, COURSE, RUN)
    ship(learnt, FOLDER)


def ship(learnt: Additive, folder: Path) -> None:
    """Write a model's numbers in float16, and what its tokens stand for."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: each.half().contiguous() for name, each in learnt.state_dict().items()}, folder / WEIGHTS_FILE)
    (folder / WEIGHTS_FILE).chmod(READABLE)
    tokens = {"characters": CHARACTERS, "first": len(SPECIAL), "begin": BEGIN_ID, "end": END_ID}
    (folder / "tokens.json").write_text(json.dumps(tokens, indent=2) + "\n", encoding="utf-8")


def opened(folder: Path) -> Additive:
    """Open the shipped files."""
    numbers = load_file(folder / WEIGHTS_FILE)
    learnt = Additive(read(COURSE).model)
    learnt.load_state_dict({name: each.float() for name, each in numbers.items()})
    return learnt.eval()


def measure() -> None:
    """Measure the shipped weights on held-out dates, and put the numbers in the card."""
    tell(FOLDER, measured(opened(FOLDER), tokenizer()))
