"""One loop for every model: seeded, resumable, with a progress bar. Knows nothing of what is learnt."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from training.course import Course, Stage, read

Batch = dict[str, Tensor]
Material = Callable[[np.random.Generator, Stage], Batch]
Lesson = Callable[[nn.Module, Batch], Tensor]
Make = Callable[[dict[str, Any]], nn.Module]  # of the settings under [model]
Learnt = TypeVar("Learnt", bound=nn.Module)

CHECKPOINT = "checkpoint.pt"
GRADIENT_NORM = 1.0
SMOOTHED = 0.98  # of the loss that the progress bar shows


def train(model: nn.Module, course: Course, material: Material, lesson: Lesson, folder: Path) -> None:
    """Teach a model to the end of its course, from the folder's checkpoint if there is one.

    The material of a step depends on the seed and the step alone: a run that was interrupted and taken up sees what an
    unbroken one sees.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device).train()
    optimizer = _optimizer(model, course)
    start = _resume(folder / CHECKPOINT, model, optimizer)
    torch.manual_seed(course.seed + start)
    with tqdm(total=course.steps, initial=start, mininterval=5, desc=folder.name) as bar:
        shown = None
        for step in range(start, course.steps):
            stage = course.stage(step)
            batch = material(np.random.default_rng([course.seed, step]), stage)
            loss = _step(model, optimizer, course.rate(step), lesson, {k: v.to(device) for k, v in batch.items()})
            shown = loss if shown is None else SMOOTHED * shown + (1 - SMOOTHED) * loss
            bar.update()
            bar.set_postfix(loss=f"{shown:.4f}", refresh=False)
            if (step + 1) % course.checkpoint_every == 0 or step + 1 == course.steps:
                _keep(folder / CHECKPOINT, step + 1, model, optimizer)
    model.to("cpu").eval()


def teach(make: Make, described: Path, material: Material, lesson: Lesson, folder: Path) -> None:
    """Make the model that a course.toml describes, its first weights drawn by the seed, and teach it to the end."""
    course = read(described)
    torch.manual_seed(course.seed)
    train(make(course.model), course, material, lesson, folder)


def learnt(make: Callable[[dict[str, Any]], Learnt], described: Path, folder: Path) -> Learnt:
    """Make the model that a course.toml describes, with the weights of the folder's checkpoint."""
    model = make(read(described).model)
    restore(model, folder)
    return model


def restore(model: nn.Module, folder: Path) -> int:
    """Give a model the weights of its folder's checkpoint, and say after how many steps they were kept."""
    kept = torch.load(folder / CHECKPOINT, map_location="cpu", weights_only=True)
    model.load_state_dict(kept["model"])
    model.eval()
    return kept["step"]


def _optimizer(model: nn.Module, course: Course) -> torch.optim.Optimizer:
    """AdamW that decays matrices and leaves biases, norms and embeddings of one row alone."""
    matrices = [each for each in model.parameters() if each.ndim >= 2]
    rest = [each for each in model.parameters() if each.ndim < 2]
    groups = [{"params": matrices, "weight_decay": course.weight_decay}, {"params": rest, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=course.learning_rate, betas=(0.9, 0.98))


def _step(model: nn.Module, optimizer: torch.optim.Optimizer, rate: float, lesson: Lesson, batch: Batch) -> float:
    for group in optimizer.param_groups:
        group["lr"] = rate
    loss = lesson(model, batch)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_NORM)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(loss.detach())


def _keep(path: Path, step: int, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Write a checkpoint beside the last one, then put it in its place: a kill never leaves half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(".new")
    torch.save({"step": step, "model": model.state_dict(), "optimizer": optimizer.state_dict()}, written)
    written.replace(path)


def _resume(path: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    if not path.is_file():
        return 0
    kept: dict[str, Any] = torch.load(path, weights_only=True)
    model.load_state_dict(kept["model"])
    optimizer.load_state_dict(kept["optimizer"])
    return kept["step"]
