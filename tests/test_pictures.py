"""Every type of model that reads one picture: what is drawn is what the model computes, in its place."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    BitImageProcessorPil,
    DetrImageProcessorPil,
    Siglip2ImageProcessorPil,
    ViTImageProcessorPil,
)

from attnviz.capture import capture, proof
from attnviz.encode import encode
from attnviz.errors import InputError, WeightsUnavailable
from attnviz.families import FAMILIES
from attnviz.families.grids import blocks_of
from attnviz.inputs import Picture
from attnviz.models.backbone import backbone_of
from attnviz.models.loading import LoadedModel, wrap
from attnviz.models.twin import twin
from attnviz.record import AttentionRecord, WindowedLayer
from tests import pictures

LISTED = sorted(name for family in FAMILIES if family.reads == (Picture,) for name in family.model_types)
SIZE = (64, 96)
SQUARE = {"pvt"}  # all others stretch their positions, or turn them, or have none


def processor(kind: str) -> Any:
    """The image processor of a kind's relatives, made to give a picture that is wider than the model was made for."""
    if kind in ("detr", "conditional_detr", "table-transformer"):
        return DetrImageProcessorPil(size={"shortest_edge": 64, "longest_edge": 128})
    if kind == "siglip2_vision_model":
        return Siglip2ImageProcessorPil(patch_size=16, max_num_patches=16)
    if kind.startswith("dinov2"):
        return BitImageProcessorPil(size={"shortest_edge": 64}, crop_size={"height": 64, "width": 96})
    return ViTImageProcessorPil(size={"height": 64, "width": 64 if kind in SQUARE else 96})


@cache
def loaded(kind: str) -> LoadedModel:
    return wrap(pictures.tower(kind), processor(kind))


@cache
def given() -> Picture:
    pixels = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    return Picture(SIZE, pixels.tobytes())


@pytest.fixture(scope="module", params=LISTED)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def record(kind: str) -> AttentionRecord:
    return capture(loaded(kind), given())


def test_every_layer_of_every_stack_is_the_models_own(kind: str, record: AttentionRecord):
    for stack, layers in record.stacks.items():
        for layer in range(layers):
            for head in (0, record.layer(stack, layer).heads - 1):
                shown = proof(loaded(kind), record, stack, layer, head)
                assert max(shown.row_sum_error, shown.difference) <= 1e-5


def test_what_the_model_reports_is_among_what_is_drawn(kind: str, record: AttentionRecord):
    slow = twin(backbone_of(pictures.tower(kind)), "eager")
    with torch.no_grad():
        told = slow(**encode(loaded(kind), given()).tensors, output_attentions=True)
    names = {
        "attentions": "self",
        "encoder_attentions": "encoder",
        "decoder_attentions": "decoder",
        "cross_attentions": "cross",
    }
    reported = {stack: told.get(name) or () for name, stack in names.items()}
    assert any(reported.values())
    for stack, tables in reported.items():
        flat = [each for table in tables for each in (table if isinstance(table, list | tuple) else [table])]
        drawn = [record.layer(stack, layer) for layer in range(record.stacks.get(stack, 0))]
        for table in flat:
            assert any(_same(layer, table.numpy()) for layer in drawn)


def _same(layer: Any, table: np.ndarray) -> bool:
    own = layer.kept if isinstance(layer, WindowedLayer) else layer.weights()[None]
    return own.shape == table.shape and bool(np.abs(own - table).max() <= 1e-5)


def test_the_output_of_the_model_is_unchanged(kind: str):
    tensors = encode(loaded(kind), given()).tensors
    with torch.no_grad():
        ours = loaded(kind).forward(**tensors)[0]
        plain = twin(backbone_of(pictures.tower(kind)), "eager")(**tensors)[0]
    np.testing.assert_allclose(ours, plain, rtol=1e-5, atol=1e-5)


def test_a_record_opens_as_it_was_saved(record: AttentionRecord, tmp_path: Path):
    record.save(tmp_path / "picture.attn.safetensors")
    opened = AttentionRecord.open(tmp_path / "picture.attn.safetensors")
    assert (opened.model, opened.given, opened.stacks) == (record.model, record.given, record.stacks)
    for stack, layers in record.stacks.items():
        for layer in range(layers):
            first, second = record.layer(stack, layer), opened.layer(stack, layer)
            assert (first.queries, first.keys) == (second.queries, second.keys)
            np.testing.assert_array_equal(first.weights(), second.weights())


def test_a_stack_of_windows_names_the_grid_and_not_the_windows():
    layers = capture(loaded("swin"), given()).layers["self"]
    assert [len(layer.queries) for layer in layers] == [16 * 24, 16 * 24, 8 * 12, 8 * 12]
    assert [layer.queries.patch for layer in layers] == [(4, 4), (4, 4), (8, 8), (8, 8)]


@pytest.mark.parametrize(
    ("kind", "told", "count"),
    [
        ("dinov2_with_registers", "num_register_tokens", 3),
        ("dinov3_vit", "num_register_tokens", 4),
        ("vit", "patch_size", 8),
        ("segformer", "sr_ratios", [8, 4, 2, 2]),
    ],
)
def test_a_model_whose_tokens_are_not_those_of_its_configuration_is_refused(kind: str, told: str, count: Any):
    model = wrap(pictures.tower(kind), processor(kind))
    own, kept = model.model.config, getattr(model.model.config, told)
    try:
        setattr(own, told, count)  # after the model was made
        with pytest.raises(WeightsUnavailable, match="which patch is which would be a guess"):
            capture(model, given())
    finally:
        setattr(own, told, kept)


@pytest.mark.parametrize("kind", ["swin", "donut-swin"])
def test_a_picture_too_small_for_swin_is_refused_and_the_next_one_is_read_as_ever(kind: str):
    model = wrap(pictures.tower(kind), ViTImageProcessorPil(size={"height": 24, "width": 96}))
    before = blocks_of(model.backbone.modules())
    with pytest.raises(InputError, match=r"\(24, 96\) pixels .* reads 25 or more a side"):
        capture(model, given())
    assert blocks_of(model.backbone.modules()) == before
    again = replace(model, pictures=processor(kind))
    for layer, own in enumerate(capture(loaded(kind), given()).layers["self"]):
        np.testing.assert_array_equal(capture(again, given()).layer("self", layer).weights(), own.weights())


def test_pvt_reads_one_size_and_says_which():
    model = wrap(pictures.tower("pvt"), ViTImageProcessorPil(size={"height": 64, "width": 96}))
    with pytest.raises(InputError, match=r"\(64, 96\) pixels \(height, width\), and pvt reads \(64, 64\) alone"):
        capture(model, given())
