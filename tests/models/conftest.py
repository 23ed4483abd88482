"""A hub on loopback for the tests of this room."""

from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest

from attnviz.models import download
from tests.models.hub_server import Hub, Repo, Server


@pytest.fixture
def stories(shared: Path) -> dict[str, bytes]:
    """The files of a real model, 260,000 parameters."""
    return {path.name: path.read_bytes() for path in (shared / "weights" / "stories260k").iterdir()}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """An empty hub, which HF_ENDPOINT names; the machine's own proxies and patience are put aside."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.01)
    huggingface_hub.close_session()
    with Server() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.hub.url)
        yield running.hub
        running.hub.go_on.set()
        running.shutdown()
    huggingface_hub.close_session()


@pytest.fixture
def at_hub(server: Hub, stories: dict[str, bytes]) -> Hub:
    """A hub that has the real model, with files beside it that nobody should fetch."""
    server.repos["karpathy/stories260k"] = Repo(
        stories
        | {
            "README.md": b"# Stories",
            "pytorch_model.bin": b"pickle",
            "pytorch_model.bin.index.json": b"{}",
            "tf_model.h5": b"h5",
            "model.fp16.safetensors": b"another form of the same weights",
            "onnx/model.onnx": b"onnx",
            "onnx/config.json": b"{}",
            "modeling_stories.py": b"raise SystemExit",
        }
    )
    return server
