"""Files that are written whole or not at all."""

import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LEFT_SECONDS = 3600.0  # nobody writes for an hour without touching a file: who began it was killed


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Lend a place beside a file's final one, and move what was written there when the block ends well.

    A reader never meets half a file, and a kill at any moment leaves the old file or the new one. The place is in a
    folder of its own, because a library may write through files that it names itself. What a kill left of an earlier
    attempt is cleared away an hour later, by whoever next writes a file of that name.
    """
    folder = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    folder.mkdir(mode=0o700)
    try:
        yield folder / path.name
        (folder / path.name).replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _clear(path)


def _clear(path: Path) -> None:
    name = re.compile(re.escape(f".{path.name}.") + "[0-9a-f]{32}[.]part")
    with suppress(OSError):  # the file itself is safe; a folder that cannot be listed keeps what is left
        for each in path.parent.iterdir():
            if name.fullmatch(each.name) and time.time() - _touched(each) > LEFT_SECONDS:
                shutil.rmtree(each, ignore_errors=True)


def _touched(folder: Path) -> float:
    return max(each.stat().st_mtime for each in (folder, *folder.iterdir()))
