"""Arithmetic on records: maps go in, numbers and maps come out. Knows nothing of models, pages or colours."""

from attnviz.measures.average import average, heads_of
from attnviz.measures.character import Character, character
from attnviz.measures.distance import distance
from attnviz.measures.entropy import entropy
from attnviz.measures.heads import HeadScores
from attnviz.measures.hide import Hidden, hide
from attnviz.measures.reading import Reading, Share, TopKey, reading
from attnviz.measures.rollout import rollout

# Each of these is called with a record and the name of one of its stacks.
MEASURES = ("average", "character", "distance", "entropy", "rollout")

__all__ = [
    "MEASURES",
    "Character",
    "HeadScores",
    "Hidden",
    "Reading",
    "Share",
    "TopKey",
    "average",
    "character",
    "distance",
    "entropy",
    "heads_of",
    "hide",
    "reading",
    "rollout",
]
