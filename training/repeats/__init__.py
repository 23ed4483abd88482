"""Repeats: two models of attention alone, with one layer and with two, that go on with a series of letters said twice.

The story of induction heads: two layers can find what followed a letter the last time, one layer cannot.
"""

from training.repeats.work import export, measure, train

__all__ = ["export", "measure", "train"]
