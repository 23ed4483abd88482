"""Arithmetic on records: maps go in, numbers and maps come out. Knows nothing of models, pages or colours."""

from attnviz.measures.artefacts import Artefacts, artefacts
from attnviz.measures.average import average, heads_of
from attnviz.measures.character import Character, character
from attnviz.measures.distance import PixelDistance, distance, pixel_distance
from attnviz.measures.entropy import entropy
from attnviz.measures.gradient_rollout import gradient_rollout, gradient_rollout_as_published
from attnviz.measures.heads import HeadScores
from attnviz.measures.hide import Hidden, hide
from attnviz.measures.mass import mass, most
from attnviz.measures.patches import (
    PatchReading,
    PatchRow,
    PatchShare,
    patch_order,
    patch_readers,
    patch_reading,
    patch_row,
    patch_row_of,
)
from attnviz.measures.reading import Reading, Share, TopKey, reading
from attnviz.measures.relevance import cross_relevance, relevance
from attnviz.measures.rollout import rollout, rollout_as_published

# Each of these is called with a record and the name of one of its stacks.
MEASURES = ("average", "character", "distance", "entropy", "mass", "rollout", "rollout_as_published")
PICTURE_MEASURES = ("pixel_distance",)  # so are these, where patches read patches

# These are called with the gradients of a pass, and the name of one of its stacks where they do not need several.
GRADIENT_MEASURES = ("cross_relevance", "gradient_rollout", "gradient_rollout_as_published", "relevance")

__all__ = [
    "GRADIENT_MEASURES",
    "MEASURES",
    "PICTURE_MEASURES",
    "Artefacts",
    "Character",
    "HeadScores",
    "Hidden",
    "PatchReading",
    "PatchRow",
    "PatchShare",
    "PixelDistance",
    "Reading",
    "Share",
    "TopKey",
    "artefacts",
    "average",
    "character",
    "cross_relevance",
    "distance",
    "entropy",
    "gradient_rollout",
    "gradient_rollout_as_published",
    "heads_of",
    "hide",
    "mass",
    "most",
    "patch_order",
    "patch_readers",
    "patch_reading",
    "patch_row",
    "patch_row_of",
    "pixel_distance",
    "reading",
    "relevance",
    "rollout",
    "rollout_as_published",
]
