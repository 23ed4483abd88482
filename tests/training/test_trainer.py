from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from training.course import Course, Stage
from training.trainer import Batch, restore, train

COURSE = Course(
    seed=3,
    learning_rate=0.05,
    weight_decay=0.01,
    warmup=2,
    cooldown=4,
    checkpoint_every=3,
    stages=(Stage(12, 16, {}),),
    model={},
)


class Stopped(Exception):
    pass


def line() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(2, 1)


def points(rng: np.random.Generator, stage: Stage) -> Batch:
    given = torch.from_numpy(rng.normal(size=(stage.batch, 2)).astype(np.float32))
    return {"given": given, "wanted": given @ torch.tensor([[2.0], [-1.0]])}


def squares(model: nn.Module, batch: Batch) -> Tensor:
    return ((model(batch["given"]) - batch["wanted"]) ** 2).mean()


def trained(folder: Path, course: Course = COURSE) -> dict[str, Tensor]:
    model = line()
    train(model, course, points, squares, folder)
    return model.state_dict()


def test_it_learns(tmp_path: Path):
    course = replace(COURSE, stages=(Stage(150, 16, {}),), cooldown=50)
    np.testing.assert_allclose(trained(tmp_path, course)["weight"], [[2, -1]], atol=0.02)


def test_a_run_that_was_stopped_ends_where_an_unbroken_one_does(tmp_path: Path):
    def stops(rng: np.random.Generator, stage: Stage) -> Batch:
        nonlocal left
        left -= 1
        if left < 0:
            raise Stopped
        return points(rng, stage)

    left = 7
    with pytest.raises(Stopped):
        train(line(), COURSE, stops, squares, tmp_path / "broken")
    assert restore(line(), tmp_path / "broken") == 6  # the last multiple of 3
    whole, broken = trained(tmp_path / "whole"), trained(tmp_path / "broken")
    assert torch.equal(whole["weight"], broken["weight"])
    assert torch.equal(whole["bias"], broken["bias"])


def test_a_run_that_is_over_stays_as_it_is(tmp_path: Path):
    first = trained(tmp_path)
    assert torch.equal(trained(tmp_path)["weight"], first["weight"])
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.pt"]
