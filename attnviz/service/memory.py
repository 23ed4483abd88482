"""How much memory this process may use: its control group's limit, or the machine's."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

KEPT_BACK = 0.25  # for fragments, the page cache and whatever else runs beside


def memory_bytes(root: Path = Path("/")) -> int:
    """Find the memory this process should keep to: the least it is given anywhere, minus a quarter.

    Unit    bytes.
    Source  Linux cgroups(7): version 1 has one tree a controller, version 2 one tree; a limit holds for all below.
    """
    given = [machine_bytes(), *_limits(root)]
    return int(min(given) * (1 - KEPT_BACK))


def machine_bytes() -> int:
    """Count the machine's memory in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _limits(root: Path) -> Iterator[int]:
    """Read the limit of each group that this process is in, innermost first.

    In a container the tree begins at the container's own group, and the path that the kernel names is not there;
    the walk up ends at the top of the tree, which is then the group meant.
    """
    for tree, name, group in _groups(root):
        for level in (group, *group.parents):
            try:
                text = (root / tree / level.relative_to("/") / name).read_text("ascii").strip()
            except OSError:
                continue
            if text.isdigit():  # version 2 writes `max` for none, version 1 a number larger than any machine
                yield int(text)


def _groups(root: Path) -> Iterator[tuple[str, str, PurePosixPath]]:
    """Name the trees, limit files and groups of this process."""
    try:
        lines = (root / "proc/self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            yield "sys/fs/cgroup/memory", "memory.limit_in_bytes", PurePosixPath(path)
        elif not controllers:
            yield "sys/fs/cgroup", "memory.max", PurePosixPath(path)
