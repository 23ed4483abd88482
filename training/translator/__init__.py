"""Translator: two small Marians, from English to French and from English to Chinese."""

from training.translator.work import export, measure, train

__all__ = ["export", "measure", "train"]
