"""Scenes: a small vision transformer that says which things are in a picture made of emoji."""

from training.scenes.work import export, measure, train

__all__ = ["export", "measure", "train"]
