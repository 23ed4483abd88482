"""Train, export and measure both translators."""

import json
from functools import partial
from pathlib import Path

from training import trainer
from training.places import RUNS, WEIGHTS
from training.shipping import save_half, save_words, tell
from training.translator.aligned import Aligned, aligned
from training.translator.evaluate import evaluate
from training.translator.learner import lesson, material, model
from training.translator.pairs import LANGUAGES
from training.translator.words import tokenizer

COURSE = Path(__file__).with_name("course.toml")
NAMES = {language: f"translator-{language}" for language in LANGUAGES}


def train() -> None:
    """Teach each model to the end of its course, from where the last run stopped."""
    for language in LANGUAGES:
        teach(language)


def teach(language: str) -> None:
    """Teach one of them."""
    make = partial(model, words=tokenizer(language))
    trainer.teach(make, COURSE, material(language), lesson, RUNS / NAMES[language])


def export() -> None:
    """Write the models as they are shipped, with sentences of our own to translate."""
    for language, name in NAMES.items():
        learnt = trainer.learnt(partial(model, words=tokenizer(language)), COURSE, RUNS / name)
        save_half(learnt, WEIGHTS / name)
        save_words(tokenizer(language), WEIGHTS / name)
        write_samples(WEIGHTS / name / "samples", language)


def measure() -> None:
    """Measure the shipped weights on held-out sentences, and put the numbers in the cards."""
    for language, name in NAMES.items():
        tell(WEIGHTS / name, evaluate(WEIGHTS / name, language))


def write_samples(folder: Path, language: str) -> None:
    """Write our sentences of a language, and which word of each is said by which."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(_contents(each), ensure_ascii=False) for each in aligned(language))
    (folder / "sentences.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def _contents(each: Aligned) -> dict[str, object]:
    source, target = each.texts
    return {
        "source": source,
        "target": target,
        "words": [list(each.source), list(each.target)],
        "links": sorted(map(list, each.links)),
    }
