"""Google's ViT-Ti/16 on real photographs: classes, slopes, artefacts, and whether what is drawn matters."""

from pathlib import Path

import numpy as np
import pytest

from attnviz import measures
from attnviz.capture import Trial, capture, deletion, gradients, norms, predict
from attnviz.models.loading import LoadedModel, load_folder
from attnviz.record import AttentionRecord, Gradients
from attnviz.service.pictures import sample


@pytest.fixture(scope="module")
def model(shared: Path) -> LoadedModel:
    return load_folder(shared / "weights/vit-tiny-patch16-224", "vit-tiny")


@pytest.fixture(scope="module")
def record(model: LoadedModel) -> AttentionRecord:
    return capture(model, sample("cat"))


@pytest.fixture(scope="module")
def slopes(model: LoadedModel) -> Gradients:
    return gradients(model, sample("cat"))


def test_the_cat_is_a_cat_and_the_coffee_an_espresso(model: LoadedModel):
    assert [each.label for each in predict(model, sample("cat"), 3)] == ["Egyptian cat", "tiger cat", "tabby"]
    assert predict(model, sample("cat"))[0].probability == pytest.approx(0.742, abs=1e-3)
    assert [each.label for each in predict(model, sample("coffee"), 2)] == ["espresso", "cup"]


def test_gradients_are_of_the_weights_that_are_drawn(record: AttentionRecord, slopes: Gradients):
    assert (slopes.target, slopes.value) == ("Egyptian cat", pytest.approx(13.609, abs=1e-2))
    for layer, own in enumerate(slopes.stack("self")):
        np.testing.assert_allclose(own.weights, record.layer("self", layer).weights(), atol=1e-5)


@pytest.mark.parametrize("name", ["cat", "coffee"])
def test_the_four_corners_became_notes_and_no_patches_any_more(model: LoadedModel, name: str):
    """Where the photograph holds nothing of use the model writes its own notes, as Darcet et al. 2023 found."""
    found = measures.artefacts(norms(model, sample(name)))
    assert found.positions == (1, 14, 183, 196)
    assert all(6 <= layer <= 7 for layer in found.since)
    assert found.median < 23 < 40 < found.cut < 60


def test_in_the_last_layer_the_class_token_reads_the_notes(record: AttentionRecord):
    row = measures.patch_row_of(record.layer("self", 11), (0, 1, 2), (0,))
    assert {each.position for each in measures.patch_reading(row, top=2).top} <= {1, 14, 183, 196}


def test_every_lens_gives_numbers_over_the_same_patches(record: AttentionRecord, slopes: Gradients):
    maps = [measures.rollout(record, "self", fuse=fuse, discard=0.5).weights for fuse in ("mean", "max", "min")]
    maps += [measures.gradient_rollout(slopes).weights, measures.relevance(slopes).scores]
    maps += [
        measures.rollout_as_published(record, "self").scores,
        measures.gradient_rollout_as_published(slopes).scores,
    ]
    for each in maps:
        assert each.shape == (197, 197)
        assert np.isfinite(each).all()
        assert each.min() >= 0


def test_what_relevance_names_matters_more_than_chance(model: LoadedModel, record: AttentionRecord, slopes: Gradients):
    axis = record.layer("self", 0).queries
    row = measures.PatchRow(measures.relevance(slopes).scores[0], (0,), axis, axis)
    found = deletion(model, sample("cat"), axis, measures.patch_order(row), trial=Trial(steps=8, draws=3))
    assert found.label == "Egyptian cat"
    assert found.most.probabilities[0] == pytest.approx(0.742, abs=1e-3)
    assert found.most.area < min(found.random_areas) < found.least.area
