"""How many digits of the official test clips come out right, and how well attention says when each was said."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from transformers import AutoTokenizer, PreTrainedTokenizerBase, WhisperForConditionalGeneration

from training.digits.clips import RATE, clips, speakers
from training.digits.learner import COLUMN, tensors
from training.digits.strings import Spoken, draw
from training.digits.warping import beginnings

CHOOSING, HELD_OUT = 109, 110  # seeds; a training step draws from [17, step]
STRINGS = 500
BATCH = 50
POSITION = 2 * COLUMN / RATE  # seconds
QUIET = RATE // 5  # samples before and after a clip that is heard alone
GOOD = 0.9  # of the best head's share, for a head to be among the best


@dataclass(frozen=True)
class Moments:
    """Where each head looks while it writes each digit of some strings.

    Shape   inside (digit, layer, head), bool: whether the peak lies in the digit; chance (digit,).
    """

    inside: np.ndarray
    chance: np.ndarray

    def best(self) -> list[tuple[int, int]]:
        """Name the heads that point best, the best first."""
        shares = self.inside.mean(axis=0)
        ranked = sorted(np.ndindex(shares.shape), key=lambda head: -shares[head])
        return [(layer, head) for layer, head in ranked if shares[layer, head] >= GOOD * shares.max()]


@dataclass(frozen=True)
class Timed:
    """When digits were found to begin, and when they do: every digit but the first of each string.

    Shape   begun, ended, started (digit,); ended is when the digit before ends.
    Unit    seconds.
    """

    begun: np.ndarray
    ended: np.ndarray
    started: np.ndarray

    @property
    def off(self) -> np.ndarray:
        """Say by how much each beginning is wrong.

        Unit    milliseconds.
        """
        return np.abs(self.begun - self.started) * 1000

    @property
    def cut(self) -> np.ndarray:
        """Say how far each lies inside a digit, where it should part two; 0 in the silence between them.

        Unit    milliseconds.
        """
        return np.maximum(0, np.maximum(self.ended - self.begun, self.begun - self.started)) * 1000


def evaluate(folder: Path, count: int = STRINGS) -> dict[str, float]:
    """Measure the model in a folder; the heads that point best are chosen on other strings, of training's clips."""
    model, words = opened(folder)
    heads = pointing(model, drawn(CHOOSING, count, held_out=False)).best()
    strings = drawn(HELD_OUT, count, held_out=True)
    alone = [quietly(clip.samples, clip.digit) for clip in clips(held_out=True)[:: max(1, STRINGS // count)]]
    found, named = pointing(model, strings), ", ".join(f"L{layer} H{head}" for layer, head in heads)
    return {
        "test clips heard alone: the digit right, and nothing else": float(right(model, words, alone).mean()),
        "strings of 2 to 5 test clips: every digit right": float(right(model, words, strings).mean()),
        f"cross-attention, {named[:5]}: peak inside the digit that is written": float(
            found.inside[:, *heads[0]].mean()
        ),
        "a blind moment inside it (chance)": float(found.chance.mean()),
        **timed(f"warped along {named}", timing(model, strings, heads)),
        **timed("digits spread evenly", even(strings)),
    }


def timed(way: str, found: Timed) -> dict[str, float]:
    """Lay out how well beginnings were found one way."""
    return {
        f"{way}: error of a beginning, median, in ms": float(np.median(found.off)),
        f"{way}: error of a beginning, mean, in ms": float(found.off.mean()),
        f"{way}: how far it cuts into a digit, mean, in ms": float(found.cut.mean()),
        f"{way}: parts two digits in the silence between them": float((found.cut == 0).mean()),
    }


def opened(folder: Path) -> tuple[WhisperForConditionalGeneration, PreTrainedTokenizerBase]:
    """Open the shipped files as any reader of them does, with attention that shows its weights."""
    model = WhisperForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", local_files_only=True
    ).eval()
    return model, AutoTokenizer.from_pretrained(folder, local_files_only=True)


def drawn(seed: int, count: int, held_out: bool) -> list[Spoken]:
    """Draw strings of a seed, of two digits or more."""
    own = speakers(held_out)
    return [draw(np.random.default_rng([seed, each]), own, varied=False, least=2) for each in range(count)]


def samples(folder: Path) -> list[Spoken]:
    """Read the strings that are shipped beside the model."""
    told = json.loads((folder / "samples" / "digits.json").read_text(encoding="utf-8"))
    return [_sample(folder / "samples" / name, each) for name, each in told.items()]


def _sample(path: Path, told: dict[str, Any]) -> Spoken:
    heard, _ = soundfile.read(path, dtype="float32")
    return Spoken(heard, tuple(map(int, told["text"].split())), tuple((start, end) for start, end in told["spans"]))


def quietly(samples: np.ndarray, digit: int) -> Spoken:
    """Hear one clip alone, with a moment of silence before and after it."""
    start, end = QUIET / RATE, (QUIET + len(samples)) / RATE
    return Spoken(np.pad(samples, QUIET), (digit,), ((start, end),))


def right(
    model: WhisperForConditionalGeneration, words: PreTrainedTokenizerBase, strings: Sequence[Spoken]
) -> np.ndarray:
    """Say of each string whether every digit is written right, and none besides.

    Shape   (string,), bool.
    """
    said = []
    for part in _parts(strings):
        with torch.inference_mode():
            written = model.generate(input_features=tensors(part)["sounds"])
        said += words.batch_decode(written, skip_special_tokens=True)
    return np.array([text.split() == each.text.split() for text, each in zip(said, strings, strict=True)])


def pointing(model: WhisperForConditionalGeneration, strings: Sequence[Spoken]) -> Moments:
    """Say whether each head's peak lies in the digit while that digit is written."""
    inside, chance = [], []
    for each, weights in zip(strings, looked(model, strings), strict=True):
        middles = (np.arange(weights.shape[-1]) + 0.5) * POSITION
        for place, (start, end) in enumerate(each.spans):
            within = (middles >= start) & (middles < end)
            inside.append(within[weights[:, :, place].argmax(axis=-1)])
            chance.append(within.mean())
    return Moments(np.array(inside), np.array(chance))


def timing(
    model: WhisperForConditionalGeneration, strings: Sequence[Spoken], heads: Sequence[tuple[int, int]]
) -> Timed:
    """Warp along some heads, and see when each digit begins that way; the first always begins at once."""
    begun = []
    for each, weights in zip(strings, looked(model, strings), strict=True):
        heard = weights[..., : int(np.ceil(len(each.samples) / RATE / POSITION))]
        begun.append(beginnings(np.stack([heard[head] for head in heads]))[1 : len(each.digits)] * POSITION)
    return against(strings, begun)


def even(strings: Sequence[Spoken]) -> Timed:
    """See when each digit begins if all of a sound are as long."""
    return against(
        strings,
        [np.arange(1, len(each.digits)) * len(each.samples) / RATE / len(each.digits) for each in strings],
    )


def against(strings: Sequence[Spoken], begun: Sequence[np.ndarray]) -> Timed:
    """Put what was found beside what is known.

    Shape   begun: for each string, a moment for every digit but the first.
    """
    ended = [end for each in strings for _, end in each.spans[:-1]]
    started = [start for each in strings for start, _ in each.spans[1:]]
    return Timed(np.concatenate(begun), np.array(ended), np.array(started))


def looked(model: WhisperForConditionalGeneration, strings: Sequence[Spoken]) -> list[np.ndarray]:
    """Let the model write what was said, and keep its cross-attention while it writes each digit and the end.

    Shape   for each string (layer, head, 1 + digits, position).
    """
    kept = []
    for part in _parts(strings):
        batch = tensors(list(part))
        with torch.inference_mode():
            out = model(
                input_features=batch["sounds"],
                decoder_input_ids=batch["before"],
                output_attentions=True,
                use_cache=False,
            )
        weights = torch.stack(list(out.cross_attentions), dim=1).numpy()
        kept += [own[:, :, 1 : len(each.digits) + 2] for own, each in zip(weights, part, strict=True)]
    return kept


def _parts(strings: Sequence[Spoken]) -> list[list[Spoken]]:
    return [list(strings[start : start + BATCH]) for start in range(0, len(strings), BATCH)]
