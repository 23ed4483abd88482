"""How many dates that training never saw come out right, and whether the decoder looks where it should."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor
from transformers import AutoTokenizer, BartForConditionalGeneration, PreTrainedTokenizerFast

from training.dates.calendar import WAYS, Written, draw
from training.dates.learner import tensors
from training.writers import asked

CHOOSING, HELD_OUT = 105, 106  # seeds
DATES = 2000
WRITES = {"y": (0, 1, 2, 3), "m": (5, 6), "d": (8, 9)}  # the places of the parts in "2021-05-03"
PARTS = {"y": "year", "m": "month", "d": "day"}


class Writer(Protocol):
    """What reads dates and writes them, and shows what it reads meanwhile, as transformers' encoder-decoders do."""

    def __call__(self, **given: Any) -> Any: ...

    def generate(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Write a date for each that is read."""


def evaluate(folder: Path, count: int = DATES) -> dict[str, float]:
    """Measure the model in a folder."""
    return measured(*opened(folder), count)


def measured(model: Writer, words: PreTrainedTokenizerFast, count: int = DATES) -> dict[str, float]:
    """Measure a model; the head that points best is chosen on other dates than it is measured on."""
    dates = drawn(HELD_OUT, count)
    right = exact(model, words, dates)
    chosen, held = pointing(model, words, drawn(CHOOSING, count)), pointing(model, words, dates)
    head = int(np.mean([chosen[part] for part in WRITES], axis=0).argmax())
    numbers = {
        "held-out dates written right, every character": float(right.mean()),
        "the worst of the eight ways to write them": min(float(right[way :: len(WAYS)].mean()) for way in range(8)),
    }
    for part, name in PARTS.items():
        numbers[f"cross-attention, H{head}: peak in the {name} while writing the {name}"] = float(held[part][head])
        numbers[f"a blind character in the {name} (chance)"] = chance(dates, part)
    return numbers


def opened(folder: Path) -> tuple[BartForConditionalGeneration, PreTrainedTokenizerFast]:
    """Open the shipped files as any reader of them does, with attention that shows its weights."""
    model = BartForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", local_files_only=True
    ).eval()
    return model, AutoTokenizer.from_pretrained(folder, local_files_only=True)


def drawn(seed: int, count: int) -> list[Written]:
    """Draw dates of a seed, each way in turn."""
    rng = np.random.default_rng(seed)
    return [draw(rng, held_out=True, way=number % len(WAYS)) for number in range(count)]


def exact(model: Writer, words: PreTrainedTokenizerFast, dates: list[Written]) -> np.ndarray:
    """Say of each date whether it is written right.

    Shape   (date,), bool.
    """
    batch = tensors(words, dates)
    with torch.inference_mode():
        written = model.generate(input_ids=batch["texts"], attention_mask=batch["seen"])
    said = words.batch_decode(written, skip_special_tokens=True)
    return np.array([each == date.iso for each, date in zip(said, dates, strict=True)])


def pointing(model: Writer, words: PreTrainedTokenizerFast, dates: list[Written]) -> dict[str, np.ndarray]:
    """Say how often each head of the last cross-attention reads a part most while that part is written.

    Shape   by part, (head,)
    """
    batch = tensors(words, dates)
    with torch.inference_mode():
        out = asked(model, batch, output_attentions=True)
    peaks = out.cross_attentions[-1].argmax(dim=-1).numpy()  # (date, head, place written)
    starts = {part: np.array([each.spans[part][0] for each in dates])[:, None, None] for part in WRITES}
    ends = {part: np.array([each.spans[part][1] for each in dates])[:, None, None] for part in WRITES}
    return {
        part: ((peaks[:, :, places] >= starts[part]) & (peaks[:, :, places] < ends[part])).mean(axis=(0, 2))
        for part, places in WRITES.items()
    }


def chance(dates: list[Written], part: str) -> float:
    """How often a character taken blindly, the end included, lies in a part."""
    return float(np.mean([(each.spans[part][1] - each.spans[part][0]) / (len(each.text) + 1) for each in dates]))
