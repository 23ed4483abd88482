"""Dates: a tiny encoder-decoder that writes "3 May 2021" as "2021-05-03", the classic picture of an alignment."""

from training.dates.work import export, measure, train

__all__ = ["export", "measure", "train"]
