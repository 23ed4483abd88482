"""What is said of a scene, and of which scenes nothing is said in training."""

import numpy as np
import pytest

from training.captions.learner import UNASKED, draw, tensors
from training.captions.words import caption, is_held_out, tokenizer
from training.scenes.compose import Placed, scene
from training.scenes.emoji import NAMES

SQUARES = tuple((np.full((24, 24, 4), 255 - 8 * thing, np.uint8),) for thing in range(len(NAMES)))
SIDE = 96


@pytest.fixture(autouse=True)
def squares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Squares in the place of emoji: what is said of a scene does not hang on the font."""
    monkeypatch.setattr("training.captions.learner.sprites", lambda: SQUARES)


def thing(name: str, across: int, down: int) -> Placed:
    """A thing of 10 by 10 pixels with its middle at a place."""
    return Placed(NAMES.index(name), (across - 5, down - 5, across + 5, down + 5))


@pytest.mark.parametrize(
    ("placed", "text"),
    [
        ([thing("dog", 20, 20)], "a dog"),
        ([thing("dog", 70, 30), thing("apple", 20, 40)], "an apple left of a dog"),
        ([thing("dog", 30, 80), thing("apple", 40, 20)], "an apple above a dog"),
        ([thing("cat", 80, 10), thing("umbrella", 10, 80), thing("bus", 50, 40)], "an umbrella and a bus and a cat"),
    ],
)
def test_a_caption_says_what_is_there_and_how_two_things_lie(placed: list[Placed], text: str) -> None:
    assert caption(placed).text == text


def test_each_word_that_names_a_thing_knows_which() -> None:
    told = caption([thing("dog", 70, 30), thing("apple", 20, 40)])
    named = {word: NAMES[each.thing] for word, each in zip(told.words, told.things, strict=True) if each}
    assert named == {"apple": "apple", "dog": "dog"}


def test_a_layout_is_kept_out_whatever_lies_there() -> None:
    layouts = [[thing("dog", across, 48), thing("apple", 48, down)] for across in (10, 48, 90) for down in (10, 48, 90)]
    for first, second in layouts:
        other = [Placed(3, second.box), Placed(4, first.box)]
        assert is_held_out([first, second], SIDE) == is_held_out(other, SIDE)
    assert not is_held_out([thing("dog", 20, 20)], SIDE)


def test_training_sees_no_layout_that_is_kept_out_and_some_are() -> None:
    rng = np.random.default_rng(0)
    assert not any(is_held_out(draw(rng, False, SIDE, 4).placed, SIDE) for _ in range(40))
    assert all(is_held_out(draw(rng, True, SIDE, 4, 2).placed, SIDE) for _ in range(10))
    drawn = [scene(rng, SQUARES, SIDE, most=4, least=2, apart=False).placed for _ in range(400)]
    assert 0.05 < np.mean([is_held_out(each, SIDE) for each in drawn]) < 0.3


def test_the_decoder_has_every_word_before_the_one_that_it_is_asked() -> None:
    words = tokenizer()
    scenes = [draw(np.random.default_rng(number), False, SIDE, 1 + number) for number in range(4)]
    told = [caption(each.placed) for each in scenes]
    batch = tensors(words, scenes, told)
    assert batch["pixels"].shape == (4, 3, SIDE, SIDE)
    for row, each in enumerate(told):
        length = len(each.words)
        assert words.convert_ids_to_tokens(batch["before"][row][: length + 1]) == ["<s>", *each.words]
        assert words.convert_ids_to_tokens(batch["answers"][row][: length + 1]) == [*each.words, "</s>"]
        assert (batch["answers"][row][length + 1 :] == UNASKED).all()
