"""`make bench`: run every measurement and write benchmarks/RESULTS.md.

Each part is kept as soon as it is measured: one that fails, or is measured anew by its name, leaves the others.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from benchmarks import lessons, limits, long, painting, passes, pictures
from benchmarks.machine import machine

RESULTS = Path(__file__).with_name("RESULTS.md")
KEPT = Path(__file__).parents[1] / "scratch" / "benchmarks"
PARTS: dict[str, Callable[[], str]] = {
    "passes": passes.report,
    "long": long.report,
    "limits": limits.report,
    "painting": painting.report,
    "pictures": pictures.report,
    "lessons": lessons.report,
}


def main() -> None:
    """Measure what was asked for, all of it by default, and write what was found."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("only", nargs="?", choices=PARTS, help="measure one part anew")
    only = asked.parse_args().only
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in [only] if only else PARTS:
        _measure(name)
    print(RESULTS.read_text(encoding="utf-8"))


def _measure(name: str) -> None:
    """Keep what a part found, and put together what all have found."""
    found = PARTS[name]()
    head, _, rest = found.partition("\n\n")
    (KEPT / f"{name}.md").write_text(f"{head}\n\n{machine(f'make bench, part {name}')}\n\n{rest}", encoding="utf-8")
    kept = [path.read_text(encoding="utf-8") for part in PARTS if (path := KEPT / f"{part}.md").is_file()]
    RESULTS.write_text("\n".join(["# What it costs", "", *kept]), encoding="utf-8")


main()
