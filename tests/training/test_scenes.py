import numpy as np
import pytest

from training.scenes.compose import Placed, compose, ground, kept_apart, late_pair, scene
from training.scenes.emoji import NAMES
from training.scenes.evaluate import Answers, middles_inside
from training.scenes.learner import UNSURE, shown, tensors

SQUARES = tuple((np.full((12, 12, 4), 255 - 8 * thing, np.uint8),) for thing in range(len(NAMES)))


def seeded(number: int) -> np.random.Generator:
    return np.random.default_rng(number)


@pytest.mark.parametrize("number", range(20))
def test_a_box_holds_its_thing(number: int):
    drawn = scene(seeded(number), SQUARES, 48, most=4)
    for placed in drawn.placed:
        left, top, right, bottom = placed.box
        assert (right - left, bottom - top) == (12, 12)
        assert 0 <= left <= right <= 48
        assert 0 <= top <= bottom <= 48
    assert set(np.unique(drawn.owner)) <= {0, *(placed.thing + 1 for placed in drawn.placed)}
    assert 1 <= len(drawn.placed) <= 4


def test_the_same_seed_draws_the_same_scene():
    first, second = (scene(seeded(5), SQUARES, 48, most=4) for _ in range(2))
    assert np.array_equal(first.pixels, second.pixels)
    assert first.placed == second.placed


def test_pairs_are_kept_apart_until_a_stage_lets_them_meet():
    for number in range(50):
        things = [placed.thing for placed in scene(seeded(number), SQUARES, 64, most=4).placed]
        assert not any(kept_apart(one, other) for one in things for other in things)
        pair = [placed.thing for placed in late_pair(seeded(number), SQUARES, 64).placed]
        assert kept_apart(*pair)
    crowd = scene(seeded(0), SQUARES, 96, most=6, least=6, apart=False)
    assert len(crowd.placed) == 6


def test_every_thing_is_kept_apart_from_some_and_shown_with_most():
    partners = [sum(kept_apart(one, other) for other in range(len(NAMES))) for one in range(len(NAMES))]
    assert set(partners) == {3, 4}


@pytest.mark.parametrize("number", range(8))
def test_a_ground_is_a_picture(number: int):
    painted = ground(seeded(number), 32)
    assert (painted.shape, painted.dtype) == ((32, 32, 3), np.float32)
    assert painted.min() >= 0
    assert painted.max() <= 255


def test_a_patch_shows_what_covers_a_quarter_of_it():
    owner = np.zeros((16, 16), np.uint8)
    owner[:8, :8] = 3  # the first patch, whole
    owner[0, 8:] = 5  # an eighth of the second
    owner[8:12, :4] = 7  # a quarter of the third
    assert shown(owner).tolist() == [3, UNSURE, 7, 0]


def test_a_scene_becomes_what_the_model_reads_and_should_answer():
    drawn = compose(seeded(1), SQUARES, 48, [2, 9])
    batch = tensors([drawn])
    assert batch["pixels"].shape == (1, 3, 48, 48)
    assert -1 <= float(batch["pixels"].min()) <= float(batch["pixels"].max()) <= 1
    assert batch["things"].nonzero().tolist() == [[0, 2], [0, 9]]
    assert batch["patches"].shape == (1, 36)


def test_a_patch_is_inside_when_its_middle_is():
    inside = middles_inside([Placed(0, (4, 4, 13, 12))], 16).reshape(2, 2)  # middles at 4 and 12
    assert inside.tolist() == [[True, True], [False, False]]


def test_pointing_counts_peaks_inside():
    looked = np.zeros((2, 1, 2, 4), np.float32)
    looked[0, 0, 0, 1] = looked[1, 0, 0, 1] = 1  # head 1: inside in the first scene alone
    looked[0, 0, 1, 1] = looked[1, 0, 1, 2] = 0.4  # head 2: in both
    inside = np.array([[False, True, False, False], [False, False, True, False]])
    answers = Answers(np.array([[0.9, 0.2], [0.6, 0.7]]), np.array([[1, 0], [0, 1]]), looked, inside)
    assert answers.points().tolist() == [[0.5, 1.0]]
    assert answers.points_together() == 0.5
    assert answers.chance == 0.25
    assert answers.named() == {"all": 0.5, "precision": 2 / 3, "recall": 1.0}
