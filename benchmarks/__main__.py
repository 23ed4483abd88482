"""`make bench`: run every measurement and write benchmarks/RESULTS.md."""

import argparse
from pathlib import Path

from benchmarks import limits, long, painting, passes
from benchmarks.machine import machine

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Measure what was asked for, all of it by default, and write what was found."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parts = {"passes": passes.report, "long": long.report, "limits": limits.report, "painting": painting.report}
    asked.add_argument("only", nargs="?", choices=parts, help="measure one part and print it")
    only = asked.parse_args().only
    if only:
        print(parts[only]())
        return
    head = ["# What it costs", "", machine("make bench"), ""]
    RESULTS.write_text("\n".join([*head, *(report() for report in parts.values())]), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


main()
