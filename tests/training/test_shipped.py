"""Models that training shipped still do what their cards say, on the small samples beside them.

Each bound is what these very samples gave, less a little for other machines' arithmetic.
"""

import json

import numpy as np
import pytest

from attnviz.capture import capture
from attnviz.inputs import Sound, SoundAndText, TextPair
from attnviz.models import embedded, load
from training.digits.clips import RATE
from training.digits.evaluate import looked, opened, pointing, right, samples, timing
from training.shipping import MEASURED
from training.translator import evaluate as translators
from training.translator.evaluate import aligning

LANGUAGES = ("fr", "zh")
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translator_links_words_as_its_card_says(language: str):
    folder = embedded.folder(f"translator-{language}")
    told = json.loads((folder / MEASURED).read_text(encoding="utf-8"))
    found = aligning(*translators.opened(folder), language)
    assert found == pytest.approx({name: told[name] for name in found}, abs=0.03)


def test_french_puts_an_adjective_after_its_noun_and_the_picture_crosses():
    pair = TextPair("I gave a red book to my sister.", "J'ai donné un livre rouge à ma sœur.")
    layer = capture(load("translator-fr"), pair).layer("cross", 1)
    read = {str(layer.queries[row]): str(layer.keys[at]) for row, at in enumerate(layer.weights()[0].argmax(axis=1))}
    said = {"donné": "gave", "un": "a", "livre": "book", "rouge": "red", "à": "to", "ma": "my", "sœur": "sister"}
    assert read | said == read
