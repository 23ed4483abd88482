"""Scenes: one to four things on a ground of its own, with the box and the pixels of each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.scenes.emoji import Sprites

APART = 6  # two things whose numbers add up to a multiple of it can be kept apart
TRIES = 20  # places tried for a thing before the scene does without it
SEEN = 128  # of 255: a pixel belongs to a thing that covers this much of it


@dataclass(frozen=True)
class Placed:
    """A thing in a scene.

    Unit    box: left, top, right, bottom in pixels, right and bottom not included.
    """

    thing: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class Scene:
    """A picture whose content is known.

    Shape   pixels (rows, cols, 3) of uint8; owner (rows, cols): 0 for the ground, else 1 + the thing's number.
    """

    pixels: np.ndarray
    owner: np.ndarray
    placed: tuple[Placed, ...]


def kept_apart(one: int, other: int) -> bool:
    """Say whether two things are of those that stages can keep apart."""
    return one != other and (one + other) % APART == 0


def scene(
    rng: np.random.Generator, sprites: Sprites, pixels: int, most: int, least: int = 1, apart: bool = True
) -> Scene:
    """Compose a scene of so many things; where it is so wanted, no two of them are kept apart."""
    wanted = int(rng.integers(least, most + 1))
    things: list[int] = []
    for thing in rng.permutation(len(sprites)).tolist():
        if len(things) < wanted and not (apart and any(kept_apart(thing, other) for other in things)):
            things.append(thing)
    return compose(rng, sprites, pixels, things)


def late_pair(rng: np.random.Generator, sprites: Sprites, pixels: int) -> Scene:
    """Compose a scene of two things that are kept apart until the last stage of training."""
    first = int(rng.integers(len(sprites)))
    partners = [other for other in range(len(sprites)) if kept_apart(first, other)]
    return compose(rng, sprites, pixels, [first, int(rng.choice(partners))])


def compose(
    rng: np.random.Generator, sprites: Sequence[Sequence[np.ndarray]], pixels: int, things: Sequence[int]
) -> Scene:
    """Lay things on a ground, at random places that hardly overlap."""
    picture = ground(rng, pixels)
    owner = np.zeros((pixels, pixels), np.uint16)
    placed: list[Placed] = []
    for thing in things:
        choices = sprites[thing]
        sprite = choices[int(rng.integers(len(choices)))]
        box = _place(rng, pixels, sprite.shape[0], sprite.shape[1], [each.box for each in placed])
        if box:
            _lay(picture, owner, sprite, thing, box, rng)
            placed.append(Placed(thing, box))
    return Scene(picture.round().astype(np.uint8), owner, tuple(placed))


def ground(rng: np.random.Generator, pixels: int) -> np.ndarray:
    """Paint a ground: plain, a gradient, cloudy noise or stripes, of two random colours, with a little grain.

    Shape   (pixels, pixels, 3), float32, 0 to 255.
    """
    first, second = rng.uniform(0, 255, (2, 3)).astype(np.float32)
    blend = GROUNDS[rng.integers(len(GROUNDS))](rng, pixels)[..., None]
    grain = rng.normal(0, rng.uniform(0, 8), (pixels, pixels, 1)).astype(np.float32)
    return np.clip(first + (second - first) * blend + grain, 0, 255).astype(np.float32)


def _plain(rng: np.random.Generator, pixels: int) -> np.ndarray:
    return np.zeros((pixels, pixels), np.float32)


def _ramp(rng: np.random.Generator, pixels: int) -> np.ndarray:
    """Distance along a random direction, in pictures."""
    angle = rng.uniform(0, 2 * np.pi)
    along = np.arange(pixels, dtype=np.float32) / pixels
    return np.cos(angle) * along[None, :] + np.sin(angle) * along[:, None]


def _gradient(rng: np.random.Generator, pixels: int) -> np.ndarray:
    ramp = _ramp(rng, pixels)
    return (ramp - ramp.min()) / np.ptp(ramp)


def _stripes(rng: np.random.Generator, pixels: int) -> np.ndarray:
    return (np.sin(2 * np.pi * (rng.uniform(3, 10) * _ramp(rng, pixels) + rng.uniform())) > 0).astype(np.float32)


def _clouds(rng: np.random.Generator, pixels: int) -> np.ndarray:
    coarse = rng.uniform(0, 1, (int(rng.integers(3, 9)),) * 2)
    places = np.linspace(0, len(coarse) - 1.001, pixels)
    low, share = places.astype(int), (places % 1).astype(np.float32)
    rows = coarse[low] * (1 - share[:, None]) + coarse[low + 1] * share[:, None]
    return (rows[:, low] * (1 - share) + rows[:, low + 1] * share).astype(np.float32)


GROUNDS = (_plain, _gradient, _stripes, _clouds)


def _place(
    rng: np.random.Generator, pixels: int, rows: int, cols: int, taken: list[tuple[int, int, int, int]]
) -> tuple[int, int, int, int] | None:
    for _ in range(TRIES):
        top, left = int(rng.integers(pixels - rows + 1)), int(rng.integers(pixels - cols + 1))
        box = (left, top, left + cols, top + rows)
        if all(_shared(box, other) <= 0.1 * rows * cols for other in taken):
            return box
    return None


def _shared(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> int:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0, wide) * max(0, high)


def _lay(
    picture: np.ndarray,
    owner: np.ndarray,
    sprite: np.ndarray,
    thing: int,
    box: tuple[int, int, int, int],
    rng: np.random.Generator,
) -> None:
    left, top, right, bottom = box
    cover = sprite[..., 3:].astype(np.float32) / 255
    paint = np.clip(sprite[..., :3] * np.float32(rng.uniform(0.8, 1.1)), 0, 255)
    under = picture[top:bottom, left:right]
    under += cover * (paint - under)
    owner[top:bottom, left:right][sprite[..., 3] >= SEEN] = thing + 1
