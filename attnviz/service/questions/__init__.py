"""Questions made of real maps: predict, then see. Functions of records; nothing of pages, and nothing is stored."""

from attnviz.service.questions.asked import Asked, asked
from attnviz.service.questions.kinds import KINDS
from attnviz.service.questions.question import LEVELS, TIE, TOPICS, Find, Kind, Maps, Question, Scene, Shown, Words
from attnviz.service.questions.quiz import ABOUT, COUNTS, MOST_SEED, Quiz, read, written

__all__ = [
    "ABOUT",
    "COUNTS",
    "KINDS",
    "LEVELS",
    "MOST_SEED",
    "TIE",
    "TOPICS",
    "Asked",
    "Find",
    "Kind",
    "Maps",
    "Question",
    "Quiz",
    "Scene",
    "Shown",
    "Words",
    "asked",
    "read",
    "written",
]
