"""The pictures at hand: samples by name, and what visitors brought, by the digest of its pixels. Bounded in bytes."""

from functools import cache
from importlib.resources import files
from threading import Lock

from cachetools import LRUCache

from attnviz.errors import InputError
from attnviz.inputs import Picture, read_picture
from attnviz.service.records import digest

MOST_BYTES = 256_000_000  # of visitors' pictures, which leave in the order in which they were last looked at

# From scikit-image's own data, all free of rights: NASA, CC0.
PHOTOS = {
    "astronaut": "astronaut.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "galaxies": "hubble_deep_field.jpg",
}
# Of those that come with the model "scenes", which its training never drew.
SCENES = {
    "scene-cake": "scene-02.png",
    "scene-bicycle": "scene-05.png",
    "scene-frog": "scene-09.png",
    "scene-dog": "scene-15.png",
}
SAMPLES = (*SCENES, *PHOTOS)


class Pictures:
    """The pictures of the process. Safe to use from every thread.

    Who knows a picture's digest has seen the picture: nobody guesses it, and a link that holds it is for sharing.
    """

    def __init__(self, max_bytes: int = MOST_BYTES) -> None:
        self._brought: LRUCache[str, Picture] = LRUCache(max_bytes, getsizeof=lambda picture: len(picture.rgb))
        self._lock = Lock()

    def bring(self, picture: Picture) -> str:
        """Keep a visitor's picture, and name it."""
        name = digest(picture)
        with self._lock:
            if len(picture.rgb) <= self._brought.maxsize:
                self._brought[name] = picture
        return name

    def find(self, name: str) -> Picture:
        """Give a picture by its name.

        Raises  InputError  when it is no sample, and nobody brought it here, or it had to make room.
        """
        if name in SAMPLES:
            return sample(name)
        with self._lock:
            picture: Picture | None = self._brought.get(name)
        if picture is None:
            raise InputError(
                "The picture of this link is not on this server: pictures that are brought here are kept for a while "
                "only. Choose the file again, or one of the samples."
            )
        return picture


@cache
def sample(name: str) -> Picture:
    """Read a sample, once in the process."""
    if name in SCENES:
        return read_picture((files("attnviz.models") / "weights/scenes/samples" / SCENES[name]).read_bytes())
    return read_picture((files("skimage.data") / PHOTOS[name]).read_bytes())


@cache
def pictures() -> Pictures:
    """The pictures of this process."""
    return Pictures()
