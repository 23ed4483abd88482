"""What the tests of every room may ask for."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: many small products are faster, and the same, on one core
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real weights and data beside the repository."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not on this machine; it holds real weights that are not part of the repository")
    return SHARED
