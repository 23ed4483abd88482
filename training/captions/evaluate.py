"""How often a scene is said right, and whether a word is written while the decoder reads the thing that it names."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import AutoTokenizer, PreTrainedTokenizerFast, VisionEncoderDecoderModel

from training.captions.learner import draw, tensors
from training.captions.words import Caption, caption
from training.scenes.compose import Placed, Scene
from training.scenes.evaluate import middles_inside

CHOOSING, SEEN, UNSEEN, CROWDS = 121, 122, 123, 124  # seeds
SCENES = 500  # of each kind
BATCH = 50


def evaluate(folder: Path, count: int = SCENES) -> dict[str, float]:
    """Measure the model in a folder; the head that points best is chosen on other scenes than it is measured on."""
    model, words = opened(folder)
    side = model.config.encoder.image_size
    found, _ = pointing(model, words, drawn(CHOOSING, count, side, held_out=False))
    layer, head = divmod(int(found.argmax()), found.shape[1])
    numbers = {}
    for name, scenes in {
        "1 to 4 things, layouts as in training": drawn(SEEN, count, side, held_out=False),
        "2 to 4 things, layouts that training never saw": drawn(UNSEEN, count, side, held_out=True, least=2),
        "5 things, as no training scene holds": drawn(CROWDS, count, side, held_out=False, least=5, most=5),
    }.items():
        whole, named = said(model, words, scenes)
        points, chance = pointing(model, words, scenes)
        numbers[f"{name}: said word by word as it is"] = whole
        numbers[f"{name}: things that are named"] = named
        numbers[f"{name}: L{layer} H{head}, peak patch in the box of the thing being named"] = float(
            points[layer, head]
        )
        numbers[f"{name}: a blind patch in that box (chance)"] = chance
    return numbers


def opened(folder: Path) -> tuple[VisionEncoderDecoderModel, PreTrainedTokenizerFast]:
    """Open the shipped files as any reader of them does, with attention that shows its weights."""
    model = VisionEncoderDecoderModel.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", local_files_only=True
    ).eval()
    return model, AutoTokenizer.from_pretrained(folder, local_files_only=True)


def drawn(seed: int, count: int, side: int, held_out: bool, most: int = 4, least: int = 1) -> list[Scene]:
    """Draw scenes of a seed."""
    return [draw(np.random.default_rng([seed, number]), held_out, side, most, least) for number in range(count)]


def said(
    model: VisionEncoderDecoderModel, words: PreTrainedTokenizerFast, scenes: Sequence[Scene]
) -> tuple[float, float]:
    """Let the model speak: the share of scenes said word by word as they are, and of things that are named."""
    whole, named, there = 0, 0, 0
    for part in _batches(scenes):
        told = [caption(each.placed) for each in part]
        with torch.inference_mode():
            written = model.generate(pixel_values=tensors(words, part, told)["pixels"])
        for text, each in zip(words.batch_decode(written, skip_special_tokens=True), told, strict=True):
            things = {word for word, thing in zip(each.words, each.things, strict=True) if thing}
            whole += text == each.text
            named += len(things & set(text.split()))
            there += len(things)
    return whole / len(scenes), named / there


def pointing(
    model: VisionEncoderDecoderModel, words: PreTrainedTokenizerFast, scenes: Sequence[Scene]
) -> tuple[np.ndarray, float]:
    """Say how often the patch that a head reads most, when a thing is about to be named, lies in the box of that thing.

    Shape   (layer, head) of the cross-attention; and how often a patch taken blindly does.
    """
    hits, blind, count = np.zeros(()), 0.0, 0
    for part in _batches(scenes):
        told = [caption(each.placed) for each in part]
        batch = tensors(words, part, told)
        with torch.inference_mode():
            out = model(
                pixel_values=batch["pixels"], decoder_input_ids=batch["before"], output_attentions=True, use_cache=False
            )
        peaks = torch.stack(out.cross_attentions, dim=1)[..., 1:].argmax(dim=-1).numpy()  # (scene, layer, head, word)
        for row, place, thing, side in _named(part, told):
            inside = middles_inside([thing], side)
            hits = hits + inside[peaks[row, :, :, place]]
            blind += float(inside.mean())
            count += 1
    return hits / count, blind / count


def _named(scenes: Sequence[Scene], told: Sequence[Caption]) -> Iterator[tuple[int, int, Placed, int]]:
    """The words that name a thing: the scene, the place that writes the word, the thing, and the picture's side."""
    for row, (each, shown) in enumerate(zip(told, scenes, strict=True)):
        for place, thing in enumerate(each.things):
            if thing:
                yield row, place, thing, len(shown.pixels)


def _batches(scenes: Sequence[Scene]) -> Iterator[list[Scene]]:
    yield from (list(scenes[start : start + BATCH]) for start in range(0, len(scenes), BATCH))
