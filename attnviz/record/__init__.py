"""Attention of one forward pass, as plain values. Knows nothing of models or pictures."""

from attnviz.record.any_layer import AnyLayer
from attnviz.record.attention_record import AttentionRecord, ModelFacts
from attnviz.record.gradients import GradientLayer, Gradients
from attnviz.record.kept import KeptLayer
from attnviz.record.layer import Layer
from attnviz.record.maps import ROW_TOLERANCE, AttentionMap, ScoreMap
from attnviz.record.norms import Norms
from attnviz.record.pool import Pool
from attnviz.record.report import CaptureReport, Ingredients
from attnviz.record.sink import PADDING, SINK, same_positions, with_sink
from attnviz.record.visibility import Bits, Grouped, Intervals, Visibility
from attnviz.record.windowed import WindowedLayer

__all__ = [
    "PADDING",
    "ROW_TOLERANCE",
    "SINK",
    "AnyLayer",
    "AttentionMap",
    "AttentionRecord",
    "Bits",
    "CaptureReport",
    "GradientLayer",
    "Gradients",
    "Grouped",
    "Ingredients",
    "Intervals",
    "KeptLayer",
    "Layer",
    "ModelFacts",
    "Norms",
    "Pool",
    "ScoreMap",
    "Visibility",
    "WindowedLayer",
    "same_positions",
    "with_sink",
]
