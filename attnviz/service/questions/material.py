"""What is asked about: sentences and series of our own, and the scenes that come with attnviz."""

from collections.abc import Mapping

from attnviz.service.pictures import SCENES
from attnviz.service.questions.question import Topic
from attnviz.share.view import EXAMPLE, View

SENTENCES = (
    EXAMPLE,
    "The old bridge shook when the heavy train rolled over it.",
    "She gave her brother the red kite because he had lost his own.",
    "The chef burned the soup, so the guests ordered pizza instead.",
    "A small boat drifted past the island while its crew slept.",
    "The teacher thanked the girl who had carried the books upstairs.",
    "Rain fell all night, and in the morning the river had left its bed.",
    "The doctor called the nurse after she had read the letter.",
    "When the clock struck twelve, the birds flew out of the tower.",
    "The key did not fit the door until he turned it around.",
)
SERIES = (
    "k q x b m k q x b m k q x",
    "a f t r a f t r a f t r a",
    "p z d h w n p z d h w n p z",
    "o c s l v g e o c s l v g e o",
    "m b y j t x m b y j t x m",
    "u r k a h u r k a h u r k a",
)

TEXT_VIEWS = tuple(View(text=sentence) for sentence in SENTENCES)
SERIES_VIEWS = tuple(View(model="repeats-2", text=series) for series in SERIES)
ONE_LAYER_VIEWS = tuple(View(model="repeats-1", text=series) for series in SERIES)  # beside each of those
SCENE_VIEWS = tuple(View(page="image", model="scenes", image=name) for name in SCENES)

SUBJECTS: Mapping[Topic, tuple[View, ...]] = {"text": TEXT_VIEWS, "series": SERIES_VIEWS, "picture": SCENE_VIEWS}


def about(*topics: Topic) -> Mapping[Topic, tuple[View, ...]]:
    """The subjects of some topics."""
    return {topic: SUBJECTS[topic] for topic in topics}
