"""Stories: a small Llama that goes on with an English tale."""

from training.stories.work import export, measure, train

__all__ = ["export", "measure", "train"]
