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
                "{file} arrived with the hash {found}; the hub says {wanted}. Try again.",
                file=file.name,
                found=digest.hexdigest(),
                wanted=wanted,
            )
        return path

    def _fill(self, file: RemoteFile, out: BinaryIO) -> Digest:
        digest, received, left = _digest(file), 0, TRIES
        while received < file.size:
            before, why = received, None
            try:
                with self._open(file, received) as (response, resumed):
                    if not resumed:
                        digest, received = self._start_over(file, out, received), 0
                    for chunk in response.iter_bytes():
                        received += self._keep(file, chunk, received, out, digest)
            except (_PassingError, httpx2.TransportError) as error:
                why = error
            left = TRIES if received - before >= ENOUGH else left - 1
            if received < file.size:
                if left <= 0:
                    raise _broken_off(file, received, why) from why
                time.sleep(PAUSE_SECONDS)
        return digest

    @contextmanager
    def _open(self, file: RemoteFile, start: int) -> Iterator[tuple[httpx2.Response, bool]]:
        self._check()
        headers = {**self._headers, "Range": f"bytes={start}-"} if start else self._headers
        with self._client.stream("GET", self._address(file.name), headers=headers) as response:
            if response.status_code in PASSING:
                raise _PassingError(response.status_code)
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
            raise HubUnreachable(
                "{file} is longer than the {size:,} bytes the hub announced. Try again.", file=file.name, size=file.size
            )
        out.write(chunk)
        digest.update(chunk)
        self.done += len(chunk)
        if self.total and (self.done - self._said >= self.total / REPORTS or self.done == self.total):
            self._said = self.done
            self._report(self.done, self.total)
        return len(chunk)

    def _check(self) -> None:
        if self._stopped():
            raise Cancelled(
                "The download was stopped after {done:,} of {total:,} bytes. Start it again.",
                done=self.done,
                total=self.total,
            )


class _PassingError(Exception):
    """The hub is busy or unwell; the next try may be answered."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _broken_off(file: RemoteFile, received: int, why: Exception | None) -> HubUnreachable:
    """Say how far a file came, and what the hub or the network had to say; nothing is said by one that hangs up."""
    if why is None:
        return HubUnreachable(
            "{file} broke off after {received:,} of {size:,} bytes (the hub closed the connection). Try again in a "
            "while.",
            file=file.name,
            received=received,
            size=file.size,
        )
    if isinstance(why, _PassingError):
        return HubUnreachable(
            "{file} broke off after {received:,} of {size:,} bytes (the hub answered {status}). Try again in a while.",
            file=file.name,
            received=received,
            size=file.size,
            status=why.status,
        )
    return HubUnreachable(
        "{file} broke off after {received:,} of {size:,} bytes ({why}). Try again in a while.",
        file=file.name,
        received=received,
        size=file.size,
        why=str(why) or type(why).__name__,
    )


def _digest(file: RemoteFile) -> Digest:
    """Begin the hash that the hub gives for a file: of its content, or of git's header and its content."""
    if file.sha256:
        return hashlib.sha256()
    return hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
