import json
from pathlib import Path

import numpy as np
import pytest

import attnviz
from attnviz.capture import capture, proof
from attnviz.errors import TooLong, WeightsUnavailable
from attnviz.inputs import Text
from attnviz.models.loading import LoadedModel, load_folder
from attnviz.record import AttentionRecord
from tests import tiny

CAT = Text("The cat sat on the mat because it was tired.")
CAT_TOKENS = ["[CLS]", "the", "cat", "sat", "on", "the", "mat", "because", "it", "was", "tired", ".", "[SEP]"]
# From facts/fixtures_minilm.json, made with eager attention of transformers 5.23.
CAT_L0H0_ROW0 = [
    0.268543, 0.056026, 0.011733, 0.029086, 0.041667, 0.047745, 0.014844, 0.066054, 0.022663, 0.033629, 0.057654,
    0.026802, 0.323555,
]  # fmt: skip
CAT_SHARE_TO_SEP = [0.0926, 0.0211, 0.0111, 0.0343, 0.0217, 0.0299]


@pytest.fixture(scope="module")
def minilm() -> LoadedModel:
    return attnviz.load("minilm")


@pytest.fixture(scope="module")
def cat(minilm: LoadedModel) -> AttentionRecord:
    return capture(minilm, CAT)


def test_minilm_reads_as_the_fixtures_say(cat: AttentionRecord):
    assert cat.stacks == {"self": 6}
    assert cat.heads("self") == 12
    assert list(cat.layer("self", 0).queries) == CAT_TOKENS
    np.testing.assert_allclose(cat.row("self", 0, 0, query=0), CAT_L0H0_ROW0, rtol=0, atol=1e-6)
    shares = [float(cat.layer("self", layer).weights()[:, :, -1].mean()) for layer in range(6)]
    np.testing.assert_allclose(shares, CAT_SHARE_TO_SEP, rtol=0, atol=5e-5)


def test_the_landmarks_of_minilm_are_where_they_were(cat: AttentionRecord):
    previous = cat.map("self", 0, 2).weights.diagonal(offset=-1).mean()
    following = cat.map("self", 1, 8).weights.diagonal(offset=1).mean()
    to_cls = cat.map("self", 2, 7).weights[:, 0].mean()
    assert [round(float(share), 4) for share in (previous, following, to_cls)] == [0.9997, 0.5791, 0.8965]


def test_every_head_of_minilm_is_proved(minilm: LoadedModel, cat: AttentionRecord):
    for layer in range(6):
        for head in range(12):
            shown = proof(minilm, cat, "self", layer, head)
            assert max(shown.row_sum_error, shown.difference) <= 1e-5


def test_a_record_knows_its_model_and_its_input(cat: AttentionRecord):
    assert cat.given == CAT
    assert (cat.model.name, cat.model.layers, cat.model.heads, cat.model.dtype) == ("minilm", 6, 12, "float32")
    assert cat.model.sha256 == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@pytest.mark.parametrize(("name", "tokens"), [("stories260k", 17), ("babyllama-105", 46)])
def test_real_decoders_are_drawn_exactly(shared: Path, name: str, tokens: int):
    model = load_folder(shared / "weights" / name, name)
    record = capture(model, Text("Once upon a time, there was a little girl 猫."))
    assert (record.stacks, record.heads("self")) == ({"self": 5}, 8)
    assert len(record.layer("self", 0).k) == 4  # eight query heads share four key heads
    assert record.layer("self", 0).queries[0] == "<s>"
    for layer in range(5):
        assert proof(model, record, "self", layer, layer).difference <= 1e-5
        assert not np.triu(record.map("self", layer, 0).weights, 1).any()


def test_the_numbers_here_are_those_of_the_facts(shared: Path):
    facts = json.loads((shared / "facts" / "fixtures_minilm.json").read_text())
    assert (facts["text"], facts["tokens"]) == (CAT.text, CAT_TOKENS)
    assert facts["L0H0_row0"] == CAT_L0H0_ROW0
    assert facts["share_to_SEP_by_weight"] == CAT_SHARE_TO_SEP


def test_each_layer_is_announced_before_it_runs(minilm: LoadedModel):
    told: list[int] = []
    capture(minilm, CAT, on_layer=told.append)
    assert told == [0, 1, 2, 3, 4, 5]


def test_an_error_of_the_listener_stops_the_pass_there(minilm: LoadedModel, monkeypatch: pytest.MonkeyPatch):
    ran: list[int] = []
    for index, layer in enumerate(minilm.model.encoder.layer):
        monkeypatch.setattr(layer, "forward", _watched(layer.forward, ran, index))

    def stop(layer: int) -> None:
        if layer == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        capture(minilm, CAT, on_layer=stop)
    assert ran == [0, 1]


def _watched(forward, ran, index):
    def run(*given, **named):
        result = forward(*given, **named)
        ran.append(index)
        return result

    return run


def test_a_model_that_was_not_wrapped_shows_nothing_and_is_refused():
    import dataclasses

    bare = dataclasses.replace(tiny.loaded("bert"), model=tiny.model("bert"))
    with pytest.raises(WeightsUnavailable, match="has 2 layers and 0 showed"):
        capture(bare, CAT)


def test_a_text_too_long_never_reaches_the_model():
    with pytest.raises(TooLong):
        capture(tiny.loaded("gpt2"), Text("猫" * 99), on_layer=lambda layer: pytest.fail("the model ran"))
