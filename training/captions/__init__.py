"""Captions: a small decoder that says what is in a scene and where, on the encoder of Scenes."""

from training.captions.work import export, measure, train

__all__ = ["export", "measure", "train"]
