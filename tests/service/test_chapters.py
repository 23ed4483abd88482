"""The chapters' figures are made of real numbers, and each is what its chapter says."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import attnviz
from attnviz.service import chapters
from attnviz.service.chapters import PARTS, POSITIONS, Panel, cosines, figure, induction, sinusoids
from attnviz.service.engine import Engine
from attnviz.service.limits import Limits
from attnviz.share.view import CHOICES


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = Engine(Limits(folder=Path(tmp_path_factory.mktemp("models"))))
    yield made
    made.close()


@pytest.fixture(scope="module")
def panels(engine):
    def found(chapter: str) -> dict[str, Panel]:
        with figure(engine, chapter) as ticket:
            return {each.name: each for each in ticket.result()}

    return found


def test_every_chapter_has_a_figure():
    assert tuple(PARTS) == CHOICES["chapter"]


def test_it_reads_the_cat(panels):
    panel = panels("why")["sentence"]
    row = panel.tables["weights"][panel.told["at"]]
    assert panel.told["names"][panel.told["at"]] == "it"
    assert panel.told["names"][int(row.argmax())] == "cat"
    assert row.max() == pytest.approx(0.545, abs=1e-3)


def test_the_products_of_a_query_and_a_key_add_up_to_the_models_own_weights(panels):
    panel = panels("vectors")["vectors"].tables
    record = attnviz.capture(attnviz.load("minilm"), attnviz.Text(chapters.SENTENCE.text))
    np.testing.assert_allclose(panel["products"].sum(axis=1) / np.sqrt(32), panel["scores"], atol=1e-5)
    np.testing.assert_allclose(panel["weights"], record.row("self", 3, 1, query=8), atol=1e-5)


def test_what_the_head_hands_on_is_what_the_model_hands_on(panels):
    model = attnviz.load("minilm")
    attended = model.backbone.encoder.layer[3].attention.self
    seen = []
    handle = attended.register_forward_hook(lambda module, given, result: seen.append(result[0]))
    try:
        attnviz.capture(model, attnviz.Text(chapters.SENTENCE.text))
    finally:
        handle.remove()
    own = seen[0][0, 8].unflatten(-1, (12, 32))[1].numpy()
    np.testing.assert_allclose(panels("vectors")["vectors"].tables["output"], own, atol=1e-5)


def test_a_row_is_shared_out_at_each_temperature(panels):
    panel = panels("softmax")["temperatures"]
    weights, bits = panel.tables["weights"], panel.tables["bits"]
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-12)
    assert weights[panel.told["start"]].max() == pytest.approx(0.545, abs=1e-3)
    assert (np.diff(bits) > 0).all()
    assert weights[0].max() > 0.99
    assert bits[-1] == pytest.approx(np.log2(17), abs=0.05)


def test_every_head_of_the_layer_is_there(panels):
    panel = panels("heads")["heads"]
    assert panel.tables["weights"].shape == (12, 17, 17)
    assert panel.tables["weights"][1, 8].argmax() == 2


def test_a_causal_model_reads_nothing_that_comes_later_and_knows_the_series_once_it_was_there(panels):
    panel = panels("masks")["writing"]
    assert not np.triu(panel.tables["weights"], 1).any()
    likeliest = [row[0] for row in panel.told["next"]]
    assert likeliest[5:12] == ["q", "x", "b", "k", "q", "x", "b"]
    assert panel.tables["chances"][5:, 0].min() > 0.99
    assert likeliest[1:4] != ["q", "x", "b"]


def test_digits_of_the_year_are_read_where_the_year_stands(panels):
    found = panels("translation")
    assert {name: each.tables["weights"].shape for name, each in found.items()} == {
        "cross": (11, 11),
        "encoder": (11, 11),
        "decoder": (11, 11),
    }
    cross = found["cross"]
    most = [cross.told["cols"][key] for key in cross.tables["weights"].argmax(axis=1)]
    assert (most[0], most[2], most[3], most[9]) == ("2", "2", "1", "3")


def test_the_class_token_reads_things(panels):
    panel = panels("patches")["patches"]
    assert panel.told["grid"] == (12, 12)
    assert panel.tables["weights"].shape == (145, 145)
    assert panel.tables["pixels"].shape == (96, 96, 3)


def test_each_digit_is_heard_when_it_is_said(panels):
    panel = panels("speech")["speech"]
    assert panel.told["names"] == ["2", "8", "5", "7"]
    assert min(panel.told["inside"]) > 0.98
    peaks = panel.tables["weights"].argmax(axis=1) * panel.told["step"]
    assert all(start <= peak < end for peak, (start, end) in zip(peaks, panel.told["spans"], strict=True))
    assert panel.tables["mel"].shape == (32, 283)


def test_waves_are_those_of_the_paper():
    np.testing.assert_allclose(sinusoids(2, 4), [[0, 1, 0, 1], [0.841471, 0.540302, 0.0099998, 0.99995]], atol=1e-6)


def test_two_waves_know_only_how_far_apart_they_are():
    alike = cosines(sinusoids(20, 16))
    np.testing.assert_allclose([alike[place, place + 3] for place in range(17)], alike[0, 3], atol=1e-12)


def test_positions_three_ways(panels):
    found = panels("positions")
    assert list(found) == ["waves", "learnt", "turned"]
    turned = found["turned"].tables["weights"]
    assert found["learnt"].tables["weights"].shape == (POSITIONS, POSITIONS)
    assert np.isnan(turned[0, 1])
    steps = [turned[place, place - 1] for place in range(5, 30)]
    np.testing.assert_allclose(steps, steps[0], atol=1e-3)
    assert turned[20, :21].argmax() == 19


def test_heads_that_do_one_thing_do_it_far_above_chance(panels):
    found = panels("found")
    assert set(found) == {"previous", "sink", "induction"}
    assert found["previous"].told["share"] > 0.95
    assert found["sink"].told["share"] > 0.8
    assert found["induction"].told["share"] > 0.99
    assert max(each.told["chance"] for each in found.values()) < 0.2


def test_induction_is_the_share_of_what_followed():
    weights = np.array([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0.75, 0.25, 0], [0, 0.2, 0.5, 0.3]])
    share, chance = induction(weights, ["a", "b", "a", "b"])
    assert share == pytest.approx((0.75 + 0.5) / 2)
    assert chance == pytest.approx((1 / 3 + 1 / 4) / 2)


def test_four_ways_to_ask_differ_and_only_two_know_the_class(panels):
    panel = panels("care")["care"]
    assert panel.told["classes"] == ["cake", "tree", "apple"]
    raw, rollout = panel.tables["raw"], panel.tables["rollout"]
    relevance, drop = panel.tables["relevance"], panel.tables["drop"]
    assert (raw.shape, rollout.shape, relevance.shape, drop.shape) == ((144,), (144,), (3, 144), (3, 36))
    assert np.corrcoef(raw, rollout)[0, 1] < 0.99
    assert len({int(row.argmax()) for row in relevance}) == 3
    for at, (left, top, right, bottom) in enumerate(panel.told["boxes"]):
        row, col = divmod(int(drop[at].argmax()), 6)
        assert left - 16 <= col * 16 <= right
        assert top - 16 <= row * 16 <= bottom
