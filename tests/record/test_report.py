"""The ingredients of a record, told from the record alone."""

import dataclasses

import numpy as np
import pytest

from attnviz.axes import Windows
from attnviz.inputs import Text
from attnviz.record import (
    AttentionRecord,
    Grouped,
    Ingredients,
    KeptLayer,
    ModelFacts,
    Visibility,
    WindowedLayer,
    with_sink,
)
from attnviz.record.report import ingredients
from tests.record.conftest import random_layer, tokens

COUNT = 8
QUERY, KEY = np.indices((COUNT, COUNT))
MASKS = {
    "full": (QUERY >= 0, ("full", None)),
    "causal": (KEY <= QUERY, ("causal", None)),
    "three back": ((KEY <= QUERY) & (KEY > QUERY - 3), ("window", 3)),
    "two to each side": (abs(KEY - QUERY) <= 2, ("window", 5)),
    "chunks of four": ((KEY <= QUERY) & (KEY // 4 == QUERY // 4), ("chunks", 4)),
    "a prefix": ((KEY <= QUERY) | (KEY < 3), ("prefix", 3)),
    "padding": (KEY < 5, ("padded", None)),
    "padding before": (KEY >= 2, ("padded", None)),
    "causal, then padding": ((KEY <= QUERY) & (KEY < 5), ("causal", None)),
    "a prefix, then padding": (((KEY <= QUERY) | (KEY < 3)) & (KEY < 6), ("prefix", 3)),
    "two windows of different sizes": ((KEY < 3) == (QUERY < 3), ("windows", 5)),
    "windows of scattered positions": (KEY % 2 == QUERY % 2, ("other", None)),
    "stretches that overlap": ((KEY < 4) & (QUERY < 3) | (KEY >= 3) & (QUERY >= 3), ("other", None)),
    "holes": ((KEY + QUERY) % 2 == 0, ("other", None)),
}


def layer(**rest):
    return random_layer(COUNT, COUNT, **rest)


@pytest.mark.parametrize("mask", MASKS)
def test_a_mask_is_named_by_what_it_does(mask: str):
    seen, expected = MASKS[mask]
    told = ingredients(layer(visible=Visibility.from_mask(seen[None])))
    assert (told.mask, told.window) == expected


@pytest.mark.parametrize(("kv_heads", "sharing"), [(4, "own"), (2, "grouped"), (1, "one")])
def test_heads_share_keys_or_do_not(kv_heads: int, sharing: str):
    told = ingredients(layer(kv_heads=kv_heads))
    assert (told.kept, told.heads, told.key_heads, told.width) == ("queries and keys", 4, kv_heads, 3)
    assert told.sharing == sharing


@pytest.mark.parametrize(
    ("bias", "kind"),
    [(-0.5 * abs(KEY - QUERY), "by distance"), (0.3 * KEY**2, "by key"), (np.sin(QUERY * KEY), "by pair")],
)
def test_a_bias_is_named_by_what_it_depends_on(bias: np.ndarray, kind: str):
    assert ingredients(layer(bias=bias[None].astype(np.float32))).bias == kind


def test_a_cap_and_a_sink_are_told():
    told = ingredients(layer(softcap=5.0, sinks=np.zeros(4, np.float32)))
    assert (told.softcap, told.sink, told.bias) == (5.0, True, "none")


def test_kept_weights_tell_neither_keys_nor_width():
    weights = np.full((2, 3, 3), 1 / 3, np.float32)
    told = ingredients(KeptLayer(tokens(3), tokens(3), weights, Visibility.full(3, 3)))
    assert told == Ingredients("weights", "float32", 2, "full")
    assert told.sharing is None


def test_layers_that_are_alike_are_told_together():
    causal = Visibility.causal(COUNT, COUNT)
    facts = dataclasses.replace(ModelFacts("toy"), rotary=True, left_out=((0, "conv"),))
    record = AttentionRecord(facts, Text("a"), {"self": (layer(), layer(visible=causal), layer())})
    assert (record.report.rotary, record.report.left_out) == (True, ((0, "conv"),))
    assert list(record.report.kinds["self"].values()) == [(0, 2), (1,)]


def test_what_a_model_left_out_is_saved_with_its_record(tmp_path):
    facts = dataclasses.replace(ModelFacts("toy"), rotary=False, left_out=((0, "conv"), (2, "linear_attention")))
    AttentionRecord(facts, Text("a"), {"self": (layer(),)}).save(tmp_path / "toy")
    assert AttentionRecord.open(tmp_path / "toy").model == facts


def test_windows_are_told_with_their_slots_and_their_padding():
    chunk = np.full((2, 4, 4), 0.25, np.float32)
    padded = WindowedLayer.laid(tokens(3), tokens(3), [chunk], Windows(((2, None, 0, 1),)))
    whole = WindowedLayer.laid(tokens(4), tokens(4), [chunk], Windows(((0, 1, 2, 3),)))
    assert ingredients(padded) == Ingredients("weights", "float32", 2, "windows", 4, padding=True)
    assert ingredients(whole) == Ingredients("weights", "float32", 2, "windows", 4)
    assert ingredients(layer(visible=Grouped(8, np.array([0, 1, 0, 1, 1, 2, 2, 0], np.int32)))).mask == "windows"


def test_keys_of_another_axis_are_told():
    crossed = random_layer(3, COUNT)
    own = dataclasses.replace(layer(), keys=tokens(COUNT))
    assert (ingredients(crossed).mask, ingredients(crossed).cross, ingredients(own).cross) == ("full", True, False)
    sunk = random_layer(COUNT, COUNT, sinks=np.zeros(4, np.float32))
    sunk = dataclasses.replace(sunk, keys=with_sink(tokens(COUNT)))
    assert (ingredients(sunk).sink, ingredients(sunk).cross) == (True, False)


def test_one_query_and_one_key_see_each_other():
    assert ingredients(random_layer(1, 1)).mask == "full"


def test_rows_that_see_nothing_but_a_sink_are_named_too():
    blind = random_layer(3, 3, sinks=np.zeros(4, np.float32), visible=Visibility.from_mask(np.zeros((1, 3, 3), bool)))
    assert ingredients(blind).mask == "other"
