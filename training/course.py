"""How a model is taught, as its course.toml says."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Stage:
    """A stretch of training on one kind of material; `material` is what the model's own code makes of it."""

    steps: int
    batch: int
    material: dict[str, Any]


@dataclass(frozen=True)
class Course:
    """Everything a training run depends on besides its data.

    The learning rate rises over `warmup` steps, stays, and falls to nothing over the last `cooldown` steps: a run can
    be made longer or shorter by its configuration alone and taken up where it stopped.

    Unit    steps: updates of the weights; batch: examples an update.
    """

    seed: int
    learning_rate: float
    weight_decay: float
    warmup: int
    cooldown: int
    checkpoint_every: int
    stages: tuple[Stage, ...]
    model: dict[str, Any]

    @property
    def steps(self) -> int:
        """Count the steps of all stages."""
        return sum(stage.steps for stage in self.stages)

    def rate(self, step: int) -> float:
        """Say how fast to learn at a step."""
        rising = (step + 1) / self.warmup if self.warmup else 1.0
        falling = (self.steps - step) / self.cooldown if self.cooldown else 1.0
        return self.learning_rate * min(1.0, rising, falling)

    def stage(self, step: int) -> Stage:
        """Find the stage that a step belongs to."""
        for stage in self.stages:
            if step < stage.steps:
                return stage
            step -= stage.steps
        return self.stages[-1]


def read(path: Path) -> Course:
    """Read a course.toml: `[course]`, `[model]` and one `[[stages]]` a stage."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    stages = tuple(Stage(each.pop("steps"), each.pop("batch"), each) for each in told["stages"])
    return Course(**told["course"], stages=stages, model=told["model"])
