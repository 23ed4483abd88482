"""How often a picture finds its name among all names, and where the picture's class token looks."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import CLIPModel

from training.pairs.learner import PIXELS, Shown, draw, tensors
from training.pairs.names import names
from training.scenes.evaluate import middles_inside

ALONE, KEPT_OUT, TWO = 131, 132, 133  # seeds
PICTURES = 1000
BATCH = 100


def evaluate(folder: Path, count: int = PICTURES) -> dict[str, float]:
    """Measure the model in a folder, on new pictures of emoji that it was taught and of those that it was not."""
    towers = opened(folder)
    taught, kept = names(held_out=False), names(held_out=True)
    every = (*taught, *kept)
    alone = drawn(ALONE, taught, 1, count)
    unseen = drawn(KEPT_OUT, kept, 1, count)
    two = drawn(TWO, taught, 2, count)
    ranks, strange = (ranked(towers, pictures, every) for pictures in (alone, unseen))
    looked, chance = pointing(towers, two)
    return {
        f"one emoji: its name comes first of {len(every):,}": float((ranks == 0).mean()),
        f"one emoji: its name is among the first five of {len(every):,}": float((ranks < 5).mean()),
        "an emoji that training kept out: its name comes first": float((strange == 0).mean()),
        "an emoji that training kept out: its name is among the first five": float((strange < 5).mean()),
        "two emoji: both names come before any other": both(towers, two, every),
        "two emoji: mean of the picture's last layer, peak patch of the class token in a box": looked,
        "two emoji: a blind patch in a box (chance)": chance,
    }


def opened(folder: Path) -> CLIPModel:
    """Open the shipped weights as any reader of them does, with attention that shows its weights."""
    return CLIPModel.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", local_files_only=True
    ).eval()


def drawn(seed: int, chosen: tuple[str, ...], most: int, count: int) -> list[Shown]:
    """Draw pictures of a seed, each of so many emoji where there is room."""
    pictures = []
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        pictures.append(draw(rng, chosen, rng.choice(len(chosen), most, replace=False).tolist()))
    return pictures


def agreeing(towers: CLIPModel, pictures: Sequence[Shown], texts: Sequence[str]) -> np.ndarray:
    """Say how well pictures and texts agree.

    Shape   (picture, text)
    Unit    cosine
    """
    blank = np.zeros((PIXELS, PIXELS, 3), np.uint8)
    spoken = tensors([Shown(blank, (text,), ()) for text in texts])
    seen = tensors(list(pictures))
    with torch.inference_mode():
        words = towers.get_text_features(input_ids=spoken["texts"], attention_mask=spoken["seen"]).pooler_output
        looks = towers.get_image_features(pixel_values=seen["pixels"]).pooler_output
    sides = (each / each.norm(dim=-1, keepdim=True) for each in (looks, words))
    first, second = sides
    return (first @ second.T).numpy()


def ranked(towers: CLIPModel, pictures: Sequence[Shown], texts: Sequence[str]) -> np.ndarray:
    """Say how many names agree better with each picture than its own does.

    Shape   (picture,)
    """
    found = agreeing(towers, pictures, texts)
    own = found[np.arange(len(pictures)), [texts.index(each.names[0]) for each in pictures]]
    return (found > own[:, None]).sum(axis=1)


def both(towers: CLIPModel, pictures: Sequence[Shown], texts: Sequence[str]) -> float:
    """Say how often the two names of a picture are the two that agree best with it."""
    pairs = [each for each in pictures if len(each.names) == 2]
    best = np.argsort(-agreeing(towers, pairs, texts), axis=1)[:, :2]
    return float(np.mean([{texts[at] for at in row} == set(each.names) for row, each in zip(best, pairs, strict=True)]))


def pointing(towers: CLIPModel, pictures: Sequence[Shown]) -> tuple[float, float]:
    """Say how often the patch that the class token reads most lies in an emoji's box, and how often a blind one."""
    with torch.inference_mode():
        out = towers.vision_model(pixel_values=tensors(list(pictures))["pixels"], output_attentions=True)
    peaks = out.attentions[-1][:, :, 0, 1:].mean(dim=1).argmax(dim=-1).numpy()
    inside = np.stack([middles_inside(each.placed, PIXELS) for each in pictures])
    return float(inside[np.arange(len(peaks)), peaks].mean()), float(inside.mean())
