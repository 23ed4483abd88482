"""On what, when and with what a measurement was made, without which its numbers mean nothing."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("torch", "transformers", "streamlit", "bertviz")


def machine(command: str) -> str:
    """Describe this machine, the moment and the versions, in one paragraph."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"Measured by `{command}` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {_processor()}, {os.cpu_count()} cores, "
        f"{_memory_bytes() / 1e9:.0f} GB, load {load} at the end; Python {platform.python_version()}, "
        f"{versions}. The machine is shared: read ratios within this run, not seconds across runs."
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
