"""A model is held where and as precisely as it is asked for, and its maps are its own there too."""

from pathlib import Path

import numpy as np
import pytest
import torch

from attnviz.capture import capture, proof
from attnviz.errors import ModelRefused
from attnviz.inputs import Text
from attnviz.models.loading import load, load_folder
from attnviz.models.placement import Placement, best_device
from tests import tiny

GIVEN = Text(tiny.TEXT)
ROUNDING = {"float32": 1e-5, "bfloat16": 2e-2, "float16": 4e-3}  # of eager attention, which rounds each weight


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("llama")
    tiny.model("llama").save_pretrained(place)
    tiny.tokenizer("fallback").save_pretrained(place)
    return place


@pytest.mark.parametrize("dtype", ROUNDING)
def test_a_model_is_opened_in_the_type_that_is_asked_for(folder: Path, dtype: str):
    model = load(folder, dtype=dtype)
    record = capture(model, GIVEN)
    assert (model.facts.dtype, record.report.stacks["self"][0].dtype) == (dtype, dtype)
    assert proof(model, record, "self", 1, 3).difference <= ROUNDING[dtype]
    assert proof(model, record, "self", 1, 3).row_sum_error <= 1e-5


@pytest.mark.parametrize("bits", [8, 4])
def test_packed_weights_are_read_as_the_packed_model_reads(folder: Path, bits: int):
    model = load(folder, bits=bits)
    kinds = {type(module).__name__ for module in model.model.modules()}
    assert {8: "Linear8bitLt", 4: "Linear4bit"}[bits] in kinds
    record = capture(model, GIVEN)
    assert proof(model, record, "self", 0, 0).difference <= 1e-3
    whole = capture(load(folder), GIVEN).map("self", 0, 0).weights
    assert np.abs(record.map("self", 0, 0).weights - whole).max() > 0


def test_a_model_spread_over_devices_is_captured_as_on_one(folder: Path):
    model = load(folder, device="spread")
    assert {parameter.device.type for parameter in model.model.parameters()} == {best_device()}
    spread, alone = (capture(each, GIVEN).map("self", 1, 2).weights for each in (model, load(folder)))
    np.testing.assert_allclose(spread, alone, rtol=0, atol=1e-6)


def test_the_best_device_that_is_here_is_taken(folder: Path):
    assert load_folder(folder, "llama").model.device.type == best_device()
    assert load(folder, device="cpu").model.device == torch.device("cpu")


@pytest.mark.parametrize(
    ("asked", "says"),
    [({"dtype": "int8"}, "'int8' is no type .* float32, float16, bfloat16"), ({"bits": 3}, "4 or 8 bits; 3 were")],
)
def test_what_no_model_is_opened_in_is_refused(asked: dict, says: str):
    with pytest.raises(ModelRefused, match=says):
        Placement(**asked)
