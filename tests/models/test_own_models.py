"""The models attnviz trained: they load offline, their cards say what was measured, and they still do it.

Each bound is what was measured on the small sample here, less a little for other machines' arithmetic.
"""

import json

import numpy as np
import pytest

from attnviz.capture import capture
from attnviz.inputs import Picture, Text
from attnviz.models import embedded, load
from attnviz.models.embedded import BESIDE, OWN, WEIGHTS
from training.additive import work as additive
from training.dates import evaluate as dates
from training.dates.learner import tokenizer
from training.repeats import evaluate as repeats
from training.scenes import evaluate as pictures
from training.shipping import CARD, MEASURED, table

NAMES = [kept.provenance.name for kept in (*OWN, *BESIDE)]
MEGABYTE = 10**6


def card(name: str) -> str:
    return (embedded.folder(name) / CARD).read_text(encoding="utf-8")


def measured(name: str) -> dict[str, float]:
    return json.loads((embedded.folder(name) / MEASURED).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_card_shows_every_number_that_was_measured(name: str):
    assert table(measured(name)) in card(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_names_its_data_its_licence_and_its_weaknesses(name: str):
    assert all(f"| {answer} |" in card(name) for answer in ("made of", "reads", "data", "training", "licence"))
    assert "* Badly:" in card(name)


def test_together_they_are_small():
    assert sum((embedded.folder(name) / WEIGHTS).stat().st_size for name in NAMES) < 40 * MEGABYTE


@pytest.mark.parametrize("name", ["repeats-1", "repeats-2"])
def test_repeats_does_what_its_card_says(name: str):
    found = repeats.evaluate(embedded.folder(name), count=60)
    assert found == pytest.approx(measured(name), abs=0.05)


def test_dates_does_what_its_card_says():
    found = dates.evaluate(embedded.folder("dates"), count=200)
    assert found == pytest.approx(measured("dates"), abs=0.06)


def test_the_additive_model_of_dates_does_what_its_card_says():
    found = dates.measured(additive.opened(embedded.folder("dates-additive")), tokenizer(), count=200)
    assert found == pytest.approx(measured("dates-additive"), abs=0.06)


def test_an_induction_head_reads_what_followed_the_letter_before():
    record = capture(load("repeats-2"), Text("k q x b m k q"))  # after <s>, k is 1 and 6, q is 2 and 7
    heads = record.layer("self", 1).weights()
    assert (heads[:, 7, 3] > 0.9).all()  # the second q reads the x that followed the first
    assert (heads[:, 6, 2] > 0.9).all()  # the second k reads the q


def test_one_head_of_the_layer_below_reads_the_letter_before():
    weights = capture(load("repeats-2"), Text("k q x b m k q")).layer("self", 0).weights()
    along = weights[:, np.arange(1, 8), np.arange(7)].mean(axis=1)
    assert (along > 0.8).sum() == 1


def test_scenes_does_what_its_card_says():
    """24 scenes are few: the bounds are what these very scenes gave, less one or two things."""
    scenes = pictures.samples(embedded.folder("scenes"))
    found = pictures.answers(pictures.opened(embedded.folder("scenes")), scenes)
    named = found.named()
    assert named["recall"] >= 0.9
    assert named["precision"] >= 0.95
    assert found.points_together() >= 0.95 > 2 * found.chance


def test_the_class_token_looks_at_things_in_the_app_as_in_the_measurement():
    shown = pictures.samples(embedded.folder("scenes"))[0]
    height, width, _ = shown.pixels.shape
    record = capture(load("scenes"), Picture((height, width), shown.pixels.tobytes()))
    measured = pictures.answers(pictures.opened(embedded.folder("scenes")), [shown])
    for layer, looked in enumerate(measured.looked[0]):
        np.testing.assert_allclose(record.layer("self", layer).weights()[:, 0, 1:], looked, atol=1e-4)
