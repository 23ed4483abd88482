"""The long maps that pages look at: named so that nobody guesses them, cut in a few threads, their surveys kept.

An answer is bytes: a tile is 255·√weight in uint8, row by row; numbers are weights in float32, and so is what is kept
of each query's row when special tokens are hidden.

    <stack>/<map>/<specials>/<scale>/<level>/<row>/<col>
    <stack>/<map>/numbers/<first query>-<end>/<first key>-<end>
    <stack>/<map>/kept

Of a picture whose heads are too many to travel there are also, in bytes, one row of every head and one whole map:

    <stack>/rows/<reads or read>/<layer>/<corner>-<corner, of a region of patches>, or all
    <stack>/<map>/bytes
"""

import hmac
import re
import secrets
from collections.abc import Callable
from functools import cache, partial
from hashlib import sha256
from threading import Lock
from weakref import WeakValueDictionary

import numpy as np
from cachetools import LRUCache

from attnviz.axes import Span
from attnviz.errors import LinkError
from attnviz.record import AttentionRecord
from attnviz.record.any_layer import blocks
from attnviz.service.pyramid import Divide, Sheet, Survey, root_bytes, sheet_of, survey, tile
from attnviz.service.rows import Direction, pairs_of, rows_of
from attnviz.service.runner import Place, Run, Runner

Find = Callable[[], AttentionRecord | None]

WORKERS = 2
BACKLOG = 64  # some four visitors who all move at once; a page asks for a few at a time, and again when told to
DEADLINE_SECONDS = 60
MOST_LENT = 256  # records
MOST_SURVEY_BYTES = 48_000_000  # about 48 maps of 8,192 tokens
MOST_PAIRS = 2**31  # that one answer may weigh, every head counted: some 9 seconds
MOST_NUMBERS = 2**18  # of one answer: 1 MB
MOST_BYTES = 2**22  # of one whole map, each weight in one

_MAP = r"(?P<stack>[a-z0-9_-]{1,32})/(?P<shown>[a-z0-9.,*-]{1,8192})"
_SPAN = r"([0-9]{1,7})-([0-9]{1,7})"
TILE = re.compile(
    rf"{_MAP}/(?P<specials>shown|hidden|renormalised)/(?P<scale>shared|row)"
    r"/(?P<level>[0-9]{1,2})/(?P<row>[0-9]{1,5})/(?P<col>[0-9]{1,5})"
)
NUMBERS = re.compile(rf"{_MAP}/numbers/{_SPAN}/{_SPAN}")
KEPT = re.compile(rf"{_MAP}/kept")
ROWS = re.compile(
    r"(?P<stack>[a-z0-9_-]{1,32})/rows/(?P<direction>reads|read)/(?P<layer>[0-9]{1,4})"
    r"/(?:(?P<one>[0-9]{1,7})-(?P<other>[0-9]{1,7})|all)"
)
BYTES = re.compile(rf"{_MAP}/bytes")


class Tiles:
    """Answers the pages that look at long maps. Safe to use from every thread.

    Unit    survey_bytes: of all surveys that stay ready.
    """

    def __init__(self, workers: int = WORKERS, backlog: int = BACKLOG, survey_bytes: int = MOST_SURVEY_BYTES) -> None:
        self._secret = secrets.token_bytes(32)
        self._lock = Lock()
        self._lent: LRUCache[str, Find] = LRUCache(MOST_LENT)
        self._surveys: LRUCache[tuple[str, ...], Survey] = LRUCache(survey_bytes, getsizeof=lambda kept: kept.nbytes)
        self._turns: WeakValueDictionary[tuple[str, ...], Lock] = WeakValueDictionary()
        self._runner = Runner(workers, backlog, DEADLINE_SECONDS, "tile")

    def lend(self, identity: str, find: Find) -> str:
        """Name a record for the pages that show it; `find` gives it, or None when it is no longer at hand.

        The name is the same for one identity as long as the process lives, and says nothing to who does not have it.
        """
        name = hmac.new(self._secret, identity.encode(), sha256).hexdigest()
        with self._lock:
            self._lent[name] = find
        return name

    def ask(self, name: str, path: str) -> Place[bytes]:
        """Take a place in line for an answer.

        Raises  Busy       when too many are asked for at once.
                LinkError  when the path is no address; from the ticket's result when there is no such record or tile.
        """
        forms = ((TILE, self._tile), (NUMBERS, self._numbers), (KEPT, self._kept), (ROWS, self._rows))
        for form, answer in (*forms, (BYTES, self._bytes)):
            if found := form.fullmatch(path):
                return self._runner.submit((name, path), partial(answer, name, found))
        raise LinkError("“{path}” is no address of a tile.", path=path[:80])

    def close(self) -> None:
        """Stop every run and take no more."""
        self._runner.close()

    def _record(self, name: str) -> AttentionRecord:
        with self._lock:
            find = self._lent.get(name)
        record = find() if find else None
        if record is None:
            raise LinkError("No record of this name is at hand.")
        return record

    def _tile(self, name: str, asked: re.Match[str], run: Run[bytes]) -> bytes:
        hiding = asked["specials"] != "shown"
        sheet = self._sheet(name, asked, hiding=hiding)
        level, row, col = (int(asked[each]) for each in ("level", "row", "col"))
        sheet.pyramid.spans(level, row, col)  # refuses before the work
        divide: Divide = "sum" if asked["specials"] == "renormalised" else "nothing"
        if asked["scale"] == "row":
            divide = "most"
        key = (name, asked["stack"], asked["shown"], str(hiding), divide)
        return tile(sheet, self._surveyed(key, sheet, divide, run), level, row, col).tobytes()

    def _kept(self, name: str, asked: re.Match[str], run: Run[bytes]) -> bytes:
        """What is left of each row that is shown; 0 where nothing is."""
        sheet = self._sheet(name, asked, hiding=True)
        left = self._surveyed((name, asked["stack"], asked["shown"], "True", "sum"), sheet, "sum", run).divisors
        assert left is not None
        return np.where(np.isinf(left), 0, left).astype("<f4").tobytes()

    def _sheet(self, name: str, asked: re.Match[str], *, hiding: bool = False) -> Sheet:
        return sheet_of(self._record(name), asked["stack"], asked["shown"], hiding=hiding)

    def _surveyed(self, key: tuple[str, ...], sheet: Sheet, divide: Divide, run: Run[bytes]) -> Survey:
        """The survey of a map, kept or made; who asks for the same map meanwhile waits for it."""
        _check_pairs(len(sheet.heads) * sheet.pyramid.rows * sheet.pyramid.cols)
        with self._lock:
            turn = self._turns.setdefault(key, Lock())
        with turn:
            with self._lock:
                kept = self._surveys.get(key)
            if kept is None:
                kept = survey(sheet, divide, run.check)
                with self._lock:
                    if kept.nbytes <= self._surveys.maxsize:
                        self._surveys[key] = kept
            return kept

    def _numbers(self, name: str, asked: re.Match[str], run: Run[bytes]) -> bytes:
        sheet = self._sheet(name, asked)
        top, bottom, left, right = (int(asked[group]) for group in range(3, 7))
        queries, keys = (top, bottom), (left, right)
        _check_span(queries, sheet.pyramid.rows)
        _check_span(keys, sheet.pyramid.cols)
        if (bottom - top) * (right - left) > MOST_NUMBERS:
            raise LinkError("One answer holds {most:,} numbers.", most=MOST_NUMBERS)
        _check_pairs(len(sheet.heads) * (bottom - top) * sheet.pyramid.cols)
        return sheet.part(queries, keys).astype("<f4", copy=False).tobytes()

    def _rows(self, name: str, asked: re.Match[str], run: Run[bytes]) -> bytes:
        """One row of every head."""
        record, stack, layer = self._record(name), asked["stack"], int(asked["layer"])
        corners = (int(asked["one"]), int(asked["other"])) if asked["one"] else None
        direction: Direction = "read" if asked["direction"] == "read" else "reads"
        record.layer(stack, layer)  # refuses in the record's own words
        _check_pairs(pairs_of(record, stack, direction, corners))
        return rows_of(record, stack, direction, layer, corners, run.check).tobytes()

    def _bytes(self, name: str, asked: re.Match[str], run: Run[bytes]) -> bytes:
        """One whole map that is not too large to travel so."""
        sheet = self._sheet(name, asked)
        rows, cols = sheet.pyramid.rows, sheet.pyramid.cols
        if rows * cols > MOST_BYTES:
            raise LinkError("One answer holds {most:,} weights as bytes.", most=MOST_BYTES)
        _check_pairs(len(sheet.heads) * rows * cols)
        found = np.empty((rows, cols), np.uint8)
        for top, bottom in blocks(0, rows, cols):
            run.check()
            found[top:bottom] = root_bytes(sheet.part((top, bottom), (0, cols)))
        return found.tobytes()


def _check_pairs(pairs: int) -> None:
    if pairs > MOST_PAIRS:
        raise LinkError("{pairs:,} pairs are to be weighed; one answer weighs {most:,}.", pairs=pairs, most=MOST_PAIRS)


def _check_span(span: Span, length: int) -> None:
    if not 0 <= span[0] < span[1] <= length:
        raise LinkError("{span} is outside 0 to {length}.", span=span, length=length)


_making = Lock()


def tiles() -> Tiles:
    """The one of this process."""
    with _making:
        return _made()


@cache
def _made() -> Tiles:
    return Tiles()


def close() -> None:
    """Stop the one of this process, if there is one."""
    with _making:
        if _made.cache_info().currsize:
            _made().close()
