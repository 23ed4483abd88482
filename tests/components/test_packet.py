"""Weights on their way to the browser: what travels, how many bytes, and the names both sides know maps by."""

import json

import numpy as np
import pytest

from attnviz import measures
from attnviz.components.packet import (
    answers_packet,
    is_long,
    map_packet,
    model_packet,
    no_map,
    pack,
    root_bytes,
    shown_name,
    unpack,
)
from attnviz.errors import ShapeError
from attnviz.measures.sample import sample
from attnviz.share.view import HeadWeight, View
from tests.components.conftest import Harness
from tests.components.harness.material import (
    LONG,
    SENTENCES,
    long_record,
    made,
    minilm,
    one_strong_weight,
    packed,
    tokens,
)


def words(length: int, prefix: str = "w") -> list[str]:
    return [f"{prefix}{place}" for place in range(length)]


def test_a_message_is_a_header_and_bytes_that_begin_on_a_multiple_of_eight():
    message = pack({"kind": "map", "id": "猫"}, np.array([1, 2], np.float32))
    header, payload = unpack(message)
    assert header == {"kind": "map", "id": "猫"}
    assert (len(message) - len(payload)) % 8 == 0
    assert np.frombuffer(payload, np.float32).tolist() == [1, 2]


def test_a_weight_comes_back_within_four_thousandths_and_a_small_one_is_not_lost():
    weights = np.linspace(0, 1, 10_001, dtype=np.float32)
    back = (root_bytes(weights).astype(np.float32) / 255) ** 2
    assert np.abs(back - weights).max() < 0.004
    assert root_bytes(np.float32(0.0001)) == 3


def test_up_to_128_tokens_every_head_travels():
    header, payload = unpack(packed(made(3, 4, tokens(words(128))), "whole"))
    assert (header["first"], header["held"], header["thumbnail"]) == (0, 3, None)
    assert len(payload) == 3 * 4 * 128 * 128


def test_a_longer_text_sends_the_layer_of_the_view_and_a_thumbnail_of_every_head():
    record = made(3, 4, tokens(words(129)))
    header, payload = unpack(packed(record, "one layer", layer=1))
    assert (header["first"], header["held"], header["thumbnail"]) == (1, 1, {"rows": 32, "cols": 32})
    assert len(payload) == 4 * 129 * 129 + 3 * 4 * 32 * 32
    held = np.frombuffer(payload[: 4 * 129 * 129], np.uint8).reshape(4, 129, 129)
    np.testing.assert_array_equal(held, root_bytes(record.layer("self", 1).weights()))


def test_a_thumbnail_keeps_the_single_strongest_weight():
    record = one_strong_weight(query=3, key=140, length=150, layers=2)
    _, payload = unpack(packed(record, "strong"))
    thumbnail = np.frombuffer(payload[2 * 150 * 150 :], np.uint8).reshape(4, 32, 32)[1]
    assert np.argwhere(thumbnail == 255).tolist() == [[0, 30]]  # 30 is the cell of keys 140 to 144


def test_many_heads_of_a_short_text_travel_one_layer_at_a_time_when_all_would_be_too_large(monkeypatch):
    monkeypatch.setattr("attnviz.components.packet.MOST_BYTES_WHOLE", 2 * 4 * 10 * 10 - 1)
    header, payload = unpack(packed(made(2, 4, tokens(words(10))), "heads", layer=1))
    assert (header["first"], header["held"], header["thumbnail"]) == (1, 1, {"rows": 10, "cols": 10})
    assert len(payload) == 4 * 100 + 2 * 4 * 100


def test_a_layer_that_is_too_large_stays_behind_and_its_map_comes_alone(monkeypatch):
    monkeypatch.setattr("attnviz.components.packet.MOST_BYTES_LAYER", 4 * 129 * 129 - 1)
    header, payload = unpack(packed(made(2, 4, tokens(words(129))), "none", layer=1))
    assert header["held"] == 0
    assert len(payload) == 2 * 4 * 32 * 32


def test_a_long_map_is_named_by_its_tiles_and_labelled_by_the_text():
    record = long_record()
    characters = measures.character(record, "self")
    message = model_packet(record, "self", layer=1, characters=characters, identity="far", tiles="/tiles/name")
    header, payload = unpack(message)
    assert (header["held"], header["thumbnail"]) == (0, {"rows": 32, "cols": 32})
    assert header["tiles"]["address"] == "/tiles/name"
    assert header["tiles"]["sampled"] == 128
    spans = np.frombuffer(payload[4 * 32 * 32 :], "<i4").reshape(LONG, 2)
    assert [header["tiles"]["source"][start:end] for start, end in spans[1:4]] == ["It", "was", "the"]
    assert spans[0].tolist() == [-1, -1]
    assert len(message) < 200_000  # of 36 million weights


def test_a_long_text_is_one_of_more_than_1024_tokens():
    assert not is_long(made(1, 1, tokens(words(1024))), "self")
    assert is_long(made(1, 1, tokens(words(1025))), "self")


def test_a_thumbnail_of_a_long_text_holds_the_largest_weights_of_the_sampled_queries():
    record = long_record()
    characters = measures.character(record, "self")
    _, payload = unpack(
        model_packet(record, "self", layer=0, characters=characters, identity="far", tiles="/tiles/name")
    )
    thumbnail = np.frombuffer(payload[: 32 * 32], np.uint8).reshape(32, 32)
    start, end = sample(LONG)[7]
    row = root_bytes(record.layer("self", 0).weights(slice(0, 1), slice(start, end))[0]).max(axis=0)
    cells = [row[cell * LONG // 32 : (cell + 1) * LONG // 32].max() for cell in range(32)]
    assert thumbnail[7].tolist() == cells


def test_a_map_that_does_not_travel_leaves_its_place_empty():
    assert unpack(no_map()) == ({"kind": "map", "id": "", "shown": ""}, b"")


def test_answers_follow_one_another_by_their_paths():
    header, payload = unpack(answers_packet({"a/b": b"xyz", "c": b""}))
    assert header == {"kind": "answers", "answers": [["a/b", 3], ["c", 0]]}
    assert payload == b"xyz"


def test_minilm_on_a_long_text_is_under_1_3_megabytes():
    message = packed(minilm(SENTENCES["long"]), "long", layer=2)
    header, _ = unpack(message)
    assert header["queries"] == 128
    assert header["held"] == 6
    assert len(message) < 1_300_000


def test_the_header_names_every_token_and_every_head():
    header, _ = unpack(packed(minilm(SENTENCES["words"]), "words"))
    for name in ("labels", "raw", "glued", "special", "words"):
        assert len(header[name]) == header["queries"]
    assert header["special"][0]
    assert header["glued"][:3] == [False, False, True]
    assert len(header["characters"]) == sum(header["heads"]) == 72
    assert header["characters"][2] == ["previous", pytest.approx(0.99, abs=0.02)]


def test_a_packet_names_tokens_alone():
    layer = made(1, 1, tokens(words(2))).layer("self", 0)
    object.__setattr__(layer, "keys", ["patch 0", "patch 1"])
    with pytest.raises(ShapeError, match="names tokens"):
        model_packet(_Record(layer), "self", layer=0, characters=[], identity="patches")


class _Record:
    stacks = {"self": 1}  # noqa: RUF012

    def __init__(self, layer):
        self._layer = layer

    def layer(self, stack, index):
        return self._layer


def test_a_map_travels_exactly():
    record = minilm(SENTENCES["cat"])
    exact = record.map("self", 2, 7)
    header, payload = unpack(map_packet(exact, "self 2.7", "cat"))
    assert header == {"kind": "map", "id": "cat", "shown": "self 2.7"}
    np.testing.assert_array_equal(np.frombuffer(payload, "<f4").reshape(exact.weights.shape), exact.weights)


PARTS = (HeadWeight(2, 7, 1.0), HeadWeight(3, 4, 0.285), HeadWeight(0, 11, 0.005), HeadWeight(1, 1, 0.0))
VIEWS = [
    View(layer=2, head=7),
    View(layer=5, head=11, average="heads"),
    View(layer=5, head=11, average="all"),
    View(layer=0, head=3, average="mix"),
    View(layer=0, head=3, average="mix", mix=PARTS),
    View(layer=0, head=3, average="mix", mix=PARTS[3:]),
    View(layer=0, head=3, average="none", mix=PARTS),
    *(
        View(average="mix", mix=(HeadWeight(0, 0, step / 1000), HeadWeight(1, 0, 1 / (step + 3))))
        for step in range(1000)
    ),
]


def choice_of(view: View) -> dict:
    mix = [{"layer": part.layer, "head": part.head, "weight": part.weight} for part in view.mix]
    return {"stack": view.stack, "layer": view.layer, "head": view.head, "average": view.average, "mix": mix}


def test_names_of_maps():
    assert [shown_name(view) for view in VIEWS[:7]] == [
        "self 2.7",
        "self 5.mean",
        "self mean",
        "self 0.3",
        "self 2.7*100,3.4*28,0.11*1",
        "self 0.3",
        "self 0.3",
    ]


@pytest.mark.browser
def test_the_browser_gives_every_map_the_same_name(harness: Harness):
    names = harness.page.evaluate(
        "choices => choices.map(choice => { harness.store.choose(choice); return harness.store.shown })",
        [choice_of(view) for view in VIEWS],
    )
    assert names == [shown_name(view) for view in VIEWS]


@pytest.mark.browser
def test_the_browser_reads_back_what_was_packed(cat: Harness):
    record = minilm(SENTENCES["cat"])
    seen = cat.page.evaluate("() => { const { map } = harness.store; return [map.rows, map.cols, [...map.weights]] }")
    exact = record.map("self", 2, 7).weights
    assert seen[:2] == list(exact.shape)
    np.testing.assert_allclose(np.reshape(seen[2], exact.shape), exact, atol=0.004)


@pytest.mark.browser
def test_a_mean_in_the_browser_is_the_mean_in_python(cat: Harness):
    cat.choose(average="heads", layer=3)
    expected = measures.average(minilm(SENTENCES["cat"]), "self", [(3, head, 1) for head in range(12)]).weights
    np.testing.assert_allclose(
        np.reshape(cat.page.evaluate("() => [...harness.store.map.weights]"), expected.shape), expected, atol=0.004
    )


def test_the_header_is_json_without_surprises():
    header, _ = unpack(packed(one_strong_weight(2, 5), "plain"))
    assert json.loads(json.dumps(header)) == header
