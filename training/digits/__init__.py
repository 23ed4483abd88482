"""Digits: a small Whisper that writes down the digits it hears, spoken one after the other."""

from training.digits.work import export, measure, train

__all__ = ["export", "measure", "train"]
