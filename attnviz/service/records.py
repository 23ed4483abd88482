"""Records that stay ready, bounded in bytes, the least recently asked for leaving first."""

from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock

from cachetools import LRUCache

from attnviz.errors import Unreadable
from attnviz.inputs import Input, Picture, Text
from attnviz.record import AttentionRecord


@dataclass(frozen=True)
class RecordKey:
    """What a record is of: a model at one commit, and the bytes of an input. Never an array."""

    model: str
    revision: str
    input_hash: bytes

    @classmethod
    def of(cls, model: str, revision: str, given: Input) -> "RecordKey":
        return cls(model, revision, bytes.fromhex(digest(given)))


def digest(given: Input) -> str:
    """Sum up an input, so that two that differ never share a name.

    Raises  Unreadable  when it is of a kind that no screen takes.
    """
    match given:
        case Text(text):
            return blake2b(text.encode(), digest_size=16, person=b"text").hexdigest()
        case Picture(size, rgb):
            own = blake2b(digest_size=16, person=b"picture")
            own.update(f"{size[0]}x{size[1]}\n".encode())
            own.update(rgb)
            return own.hexdigest()
        case _:
            raise Unreadable("No screen takes {kind} yet. Use attnviz in a notebook.", kind=type(given).__name__)


class Records:
    """The records of the process. Safe to use from every thread.

    Unit    max_bytes, nbytes: as the records count themselves when they are put in.
    """

    def __init__(self, max_bytes: int) -> None:
        self._kept: LRUCache[RecordKey, AttentionRecord] = LRUCache(max_bytes, getsizeof=lambda record: record.nbytes)
        self._lock = Lock()

    def get(self, key: RecordKey) -> AttentionRecord | None:
        """Find a record, which counts as asking for it."""
        with self._lock:
            return self._kept.get(key)

    def put(self, key: RecordKey, record: AttentionRecord) -> None:
        """Keep a record, letting the oldest go as needed; one larger than the whole is not kept."""
        with self._lock:
            if record.nbytes <= self._kept.maxsize:
                self._kept[key] = record

    def __len__(self) -> int:
        with self._lock:
            return len(self._kept)

    @property
    def nbytes(self) -> int:
        with self._lock:
            return int(self._kept.currsize)
