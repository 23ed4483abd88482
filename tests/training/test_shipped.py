"""Models that training shipped still do what their cards say, on the small samples beside them.

Each bound is what these very samples gave, less a little for other machines' arithmetic.
"""

import numpy as np
import pytest

from attnviz.capture import capture
from attnviz.inputs import Sound, SoundAndText
from attnviz.models import embedded, load
from training.digits.clips import RATE
from training.digits.evaluate import looked, opened, pointing, right, samples, timing

HEARD = samples(embedded.folder("digits"))


def test_digits_writes_what_is_said():
    assert right(*opened(embedded.folder("digits")), HEARD).sum() >= 9


def test_digits_points_at_each_digit_and_warping_parts_them():
    model, _ = opened(embedded.folder("digits"))
    found = pointing(model, HEARD)
    assert found.inside.mean(axis=0).max() >= 0.95 > 5 * found.chance.mean()
    assert timing(model, HEARD, found.best()).cut.mean() < 40  # ms


def test_digits_looks_in_the_app_where_it_does_in_the_measurement():
    said = HEARD[0]
    record = capture(load("digits"), SoundAndText(Sound(RATE, said.samples.tobytes()), said.text))
    model, _ = opened(embedded.folder("digits"))
    for layer, weights in enumerate(looked(model, [said])[0]):
        shown = record.layer("cross", layer).weights()  # the first row writes what the model is told
        np.testing.assert_allclose(shown[:, 1:], weights, atol=1e-4)


@pytest.mark.parametrize("said", HEARD, ids=lambda said: said.text)
def test_a_sample_says_when_each_digit_is_said(said):
    assert len(said.digits) == len(said.spans) >= 2
    assert all(end <= start for (_, end), (start, _) in zip(said.spans, said.spans[1:], strict=False))
    assert said.spans[-1][1] <= len(said.samples) / RATE
