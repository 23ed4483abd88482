"""Attention on numbers small enough to be done by hand, every step kept. Knows nothing of models, records or pages."""

from attnviz.lab.arithmetic import product, quotient, share, spelled
from attnviz.lab.encoders import convolution, recurrent
from attnviz.lab.heads import Joined, attend_in_heads, joined, projected, sharing, split
from attnviz.lab.masks import causal, none, padding, window
from attnviz.lab.mistakes import MISTAKES, Mistake
from attnviz.lab.pooling import Pooled, importances, pooled
from attnviz.lab.scoring import additive, cosine, dot, general, scaled_dot
from attnviz.lab.steps import Attended, attend, softmax

__all__ = [
    "MISTAKES",
    "Attended",
    "Joined",
    "Mistake",
    "Pooled",
    "additive",
    "attend",
    "attend_in_heads",
    "causal",
    "convolution",
    "cosine",
    "dot",
    "general",
    "importances",
    "joined",
    "none",
    "padding",
    "pooled",
    "product",
    "projected",
    "quotient",
    "recurrent",
    "scaled_dot",
    "share",
    "sharing",
    "softmax",
    "spelled",
    "split",
    "window",
]
