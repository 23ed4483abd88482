"""Pictures are found by name: samples always, what a visitor brought while there is room for it."""

import numpy as np
import pytest

from attnviz.errors import InputError, Unreadable
from attnviz.inputs import Picture, Sound, Text
from attnviz.service.pictures import SAMPLES, Pictures
from attnviz.service.records import digest


def noise(seed: int, side: int = 8) -> Picture:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return Picture((side, side), pixels.tobytes())


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_a_picture(name: str):
    picture = Pictures().find(name)
    assert picture.pixels.shape == (*picture.size, 3)
    assert min(picture.size) >= (96 if name.startswith("scene") else 300)
    assert picture.pixels.std() > 20


def test_what_was_brought_is_found_by_the_digest_of_its_pixels():
    pictures = Pictures()
    first, second = pictures.bring(noise(1)), pictures.bring(noise(2))
    assert (pictures.find(first), pictures.find(second)) == (noise(1), noise(2))
    assert first == pictures.bring(noise(1)) != second
    assert len(first) == 32


def test_the_picture_least_looked_at_makes_room():
    pictures = Pictures(max_bytes=3 * 8 * 8 * 2)
    first, second = pictures.bring(noise(1)), pictures.bring(noise(2))
    pictures.find(first)
    pictures.bring(noise(3))
    assert pictures.find(first) == noise(1)
    with pytest.raises(InputError, match="Choose the file again"):
        pictures.find(second)


def test_a_picture_that_nobody_brought_is_refused_with_the_way_out():
    with pytest.raises(InputError, match="or one of the samples"):
        Pictures().find("0" * 32)


def test_two_inputs_that_differ_never_share_a_digest():
    wide = Picture((2, 8), bytes(48))
    inputs = [Text("a"), Text("b"), Text(""), noise(1), noise(2), wide, Picture((8, 2), bytes(48))]
    assert len({digest(each) for each in inputs}) == len(inputs)


def test_an_input_that_no_screen_takes_has_no_digest():
    with pytest.raises(Unreadable, match="takes Sound yet"):
        digest(Sound(16_000, b""))
