from pathlib import Path

import pytest

from training.course import Course, Stage, read

COURSE = Course(
    seed=1,
    learning_rate=0.1,
    weight_decay=0.0,
    warmup=4,
    cooldown=10,
    checkpoint_every=5,
    stages=(Stage(20, 8, {"most": 1}), Stage(10, 4, {"most": 2})),
    model={},
)


def test_stages_follow_one_another():
    assert COURSE.steps == 30
    assert [COURSE.stage(step).material["most"] for step in (0, 19, 20, 29, 30)] == [1, 1, 2, 2, 2]


@pytest.mark.parametrize(("step", "rate"), [(0, 0.025), (3, 0.1), (15, 0.1), (20, 0.1), (25, 0.05), (29, 0.01)])
def test_the_rate_rises_stays_and_falls(step: int, rate: float):
    assert COURSE.rate(step) == pytest.approx(rate)


@pytest.mark.parametrize(
    "path", sorted(Path("training").resolve().glob("*/course.toml")), ids=lambda path: path.parent.name
)
def test_every_model_has_a_course_that_can_be_read(path: Path):
    course = read(path)
    assert course.warmup + course.cooldown <= course.steps
    assert all(stage.batch > 0 for stage in course.stages)
