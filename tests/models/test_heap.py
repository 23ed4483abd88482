import gc
import weakref
from collections.abc import Iterator

import pytest

from attnviz.models.heap import settle


class Ring:
    """Garbage that only a collection frees."""

    def __init__(self) -> None:
        self.ring = self


@pytest.fixture(autouse=True)
def thaw() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_there_is_frozen():
    gc.unfreeze()
    settle()
    assert gc.get_freeze_count() > 10_000


def test_what_was_frozen_and_put_away_is_freed_by_the_next_time():
    ring = Ring()
    gone = weakref.ref(ring)
    settle()
    del ring
    gc.collect()
    assert gone() is not None
    settle()
    assert gone() is None
