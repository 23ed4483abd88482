"""Bring files of one commit into a folder: counted, cancellable, resumed, verified. Knows nothing of models.

huggingface_hub's own `http_get` reports and can be stopped every 10 MB only, and keeps what it lost to itself;
its other route, xet, ignores proxies' byte counts. The streams here are plain HTTP, which every hub answers.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

import httpx2
from huggingface_hub.utils import hf_raise_for_status  # type: ignore[attr-defined]  # exported, but not to mypy

from attnviz.errors import Cancelled, HubUnreachable
from attnviz.models.repository import RemoteFile

Report = Callable[[int, int], None]  # bytes here, bytes in all
Stopped = Callable[[], bool]

TRIES = 3  # connections in a row that may bring less than ENOUGH each
ENOUGH = 2**20
PAUSE_SECONDS = 0.5
REPORTS = 200  # a whole download speaks up about so often, however large it is
PASSING = frozenset({408, 429, 500, 502, 503, 504})  # answers that another try may change
TIMEOUT = httpx2.Timeout(20.0, connect=10.0)


class Digest(Protocol):
    """What `hashlib` gives."""

    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class Download:
    """The download of one model: where its files come from, where they go, and how far it is.

    Unit    bytes, in `done`, `total` and what is reported.
    """

    def __init__(
        self,
        client: httpx2.Client,
        folder: Path,
        address: Callable[[str], str],
        *,
        headers: Mapping[str, str],
        report: Report,
        stopped: Stopped,
    ) -> None:
        self.folder = folder
        self.done = 0
        self.total = 0  # nothing is reported until it is known
        self._client = client
        self._address = address
        # Compressed, a file's length and its parts would no longer be those of the file.
        self._headers = {**headers, "Accept-Encoding": "identity"}
        self._report = report
        self._stopped = stopped
        self._said = 0

    def take(self, file: RemoteFile) -> Path:
        """Fetch one file whole, and check it against the hub's size and hash.

        Raises  HubUnreachable  when it broke off or came out different; says how many bytes arrived of how many.
                Cancelled       when nobody waits any more.
        """
        path = self.folder / file.name
        with path.open("wb") as out:
            digest = self._fill(file, out)
            out.flush()
            os.fsync(out.fileno())  # the folder gets its final name only after its bytes are on the disk
        wanted = file.sha256 or file.blob
        if wanted and digest.hexdigest() != wanted:
            raise HubUnreachable(
                f"{file.name} arrived with the hash {digest.hexdigest()}; the hub says {wanted}. Try again."
            )
        return path

    def _fill(self, file: RemoteFile, out: BinaryIO) -> Digest:
        digest, received, left = _digest(file), 0, TRIES
        while received < file.size:
            before = received
            try:
                with self._open(file, received) as (response, resumed):
                    if not resumed:
                        digest, received = self._start_over(file, out, received), 0
                    for chunk in response.iter_bytes():
                        received += self._keep(file, chunk, received, out, digest)
                reason = "the hub closed the connection"
            except _PassingError as error:
                reason = str(error)
            except httpx2.TransportError as error:
                reason = str(error) or type(error).__name__
            left = TRIES if received - before >= ENOUGH else left - 1
            if received < file.size:
                self._wait_or_give_up(file, received, left, reason)
        return digest

    @contextmanager
    def _open(self, file: RemoteFile, start: int) -> Iterator[tuple[httpx2.Response, bool]]:
        self._check()
        headers = {**self._headers, "Range": f"bytes={start}-"} if start else self._headers
        with self._client.stream("GET", self._address(file.name), headers=headers) as response:
            if response.status_code in PASSING:
                raise _PassingError(f"the hub answered {response.status_code}")
            hf_raise_for_status(response)
            yield response, response.status_code == httpx2.codes.PARTIAL_CONTENT

    def _start_over(self, file: RemoteFile, out: BinaryIO, received: int) -> Digest:
        self.done = self._said = self.done - received
        out.seek(0)
        out.truncate()
        return _digest(file)

    def _keep(self, file: RemoteFile, chunk: bytes, received: int, out: BinaryIO, digest: Digest) -> int:
        self._check()
        if received + len(chunk) > file.size:
            raise HubUnreachable(f"{file.name} is longer than the {file.size:,} bytes the hub announced. Try again.")
        out.write(chunk)
        digest.update(chunk)
        self.done += len(chunk)
        if self.total and (self.done - self._said >= self.total / REPORTS or self.done == self.total):
            self._said = self.done
            self._report(self.done, self.total)
        return len(chunk)

    def _check(self) -> None:
        if self._stopped():
            raise Cancelled(f"The download was stopped after {self.done:,} of {self.total:,} bytes.")

    def _wait_or_give_up(self, file: RemoteFile, received: int, left: int, reason: str) -> None:
        if left <= 0:
            raise HubUnreachable(
                f"{file.name} broke off after {received:,} of {file.size:,} bytes ({reason}). Try again in a while."
            )
        time.sleep(PAUSE_SECONDS)


class _PassingError(Exception):
    """The hub is busy or unwell; the next try may be answered."""


def _digest(file: RemoteFile) -> Digest:
    """Begin the hash that the hub gives for a file: of its content, or of git's header and its content."""
    if file.sha256:
        return hashlib.sha256()
    return hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
