"""Additive: the dates once more, written as the first model that attended wrote, to be set beside the transformer."""

from training.additive.work import export, measure, train

__all__ = ["export", "measure", "train"]
