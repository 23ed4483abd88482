"""Pairs: pictures of emoji and their names, matched by two small towers."""

from training.pairs.work import export, measure, train

__all__ = ["export", "measure", "train"]
