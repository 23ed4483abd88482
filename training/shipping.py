"""From a trained model to the folder that is shipped: half precision, and a card with the measured numbers."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerFast

WEIGHTS_FILE = "model.safetensors"
READABLE = 0o644
MEASURED = "measured.json"
CARD = "README.md"
TABLE = re.compile(r"(<!-- measured -->\n).*?(<!-- /measured -->)", re.DOTALL)


def save_half(model: PreTrainedModel, folder: Path) -> None:
    """Write a model's configuration and its weights in float16."""
    folder.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(folder)
    model.float()
    (folder / WEIGHTS_FILE).chmod(READABLE)  # transformers writes them for their owner alone


def save_words(words: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write a tokenizer."""
    words.save_pretrained(folder)


def tell(folder: Path, numbers: Mapping[str, float]) -> None:
    """Print what was measured, keep it beside the model, and put it in the table of its card.

    Unit    numbers: by their line in the table; a share of 1, unless the line names a unit.
    """
    print("\n".join([folder.name, *(f"  {line:80} {number:.3f}" for line, number in numbers.items())]))
    (folder / MEASURED).write_text(json.dumps(numbers, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    card = folder / CARD
    if card.is_file():
        text = card.read_text(encoding="utf-8")
        card.write_text(TABLE.sub(lambda found: found[1] + table(numbers) + found[2], text), encoding="utf-8")


def table(numbers: Mapping[str, float]) -> str:
    """Set numbers as the rows of a table in Markdown."""
    rows = (f"| {name} | {number:.3f} |" for name, number in numbers.items())
    return "\n".join(["| measured | |", "| --- | ---: |", *rows, ""])
