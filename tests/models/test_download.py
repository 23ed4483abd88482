"""One file, over real HTTP, from a hub on loopback."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from attnviz.errors import HubUnreachable
from attnviz.models.download import REPORTS, Download
from attnviz.models.repository import RemoteFile
from tests.models.hub_server import Hub, Repo, git_blob

CONTENT = bytes(range(256)) * 8_000  # 2,048,000 bytes


@pytest.fixture
def big(server: Hub) -> RemoteFile:
    server.repos["org/name"] = Repo({"big.safetensors": CONTENT, "small.json": b"{}", "empty.txt": b""})
    return RemoteFile("big.safetensors", len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())


def download(server: Hub, folder: Path, report: Callable[[int, int], None]) -> Download:
    begun = Download(
        httpx2.Client(follow_redirects=True),
        folder,
        lambda name: f"{server.url}/org/name/resolve/main/{name}",
        headers={},
        report=report,
        stopped=lambda: False,
    )
    begun.total = len(CONTENT)
    return begun


def silent(_done: int, _total: int) -> None:
    pass


def test_a_file_arrives_as_it_is(server: Hub, big: RemoteFile, tmp_path: Path):
    assert download(server, tmp_path, silent).take(big).read_bytes() == CONTENT


def test_progress_speaks_often_but_not_with_every_packet(server: Hub, big: RemoteFile, tmp_path: Path):
    said: list[tuple[int, int]] = []
    download(server, tmp_path, lambda done, total: said.append((done, total))).take(big)
    assert 20 < len(said) <= REPORTS + 1
    assert said[-1] == (len(CONTENT), len(CONTENT))


def test_files_of_git_are_checked_against_gits_own_hash(server: Hub, big: RemoteFile, tmp_path: Path):
    begun = download(server, tmp_path, silent)
    assert begun.take(RemoteFile("small.json", 2, blob=git_blob(b"{}"))).read_bytes() == b"{}"
    with pytest.raises(HubUnreachable, match="arrived with the hash"):
        begun.take(RemoteFile("small.json", 2, blob=git_blob(b"[]")))


def test_an_empty_file_is_whole_at_once(server: Hub, big: RemoteFile, tmp_path: Path):
    server.asked.clear()
    path = download(server, tmp_path, silent).take(RemoteFile("empty.txt", 0, blob=git_blob(b"")))
    assert (path.read_bytes(), server.asked) == (b"", [])


@pytest.mark.parametrize("cut", [1, 100_000, 2_000_000])
def test_a_lost_connection_costs_only_what_had_not_come(server: Hub, big: RemoteFile, tmp_path: Path, cut: int):
    server.cut[big.name], server.cuts = cut, 2
    assert download(server, tmp_path, silent).take(big).read_bytes() == CONTENT
    assert len([request for request in server.asked if "/store/" in request.path]) >= 2


def test_three_connections_that_bring_nothing_are_enough(server: Hub, big: RemoteFile, tmp_path: Path):
    server.cut[big.name] = 0
    with pytest.raises(HubUnreachable, match=r"broke off after 0 of 2,048,000 bytes"):
        download(server, tmp_path, silent).take(big)
    assert len([request for request in server.asked if "/store/" in request.path]) == 3


def test_a_server_that_starts_over_is_not_counted_twice(server: Hub, big: RemoteFile, tmp_path: Path):
    server.cut[big.name], server.cuts, server.ignores_ranges = 500_000, 1, True
    begun = download(server, tmp_path, silent)
    assert begun.take(big).read_bytes() == CONTENT
    assert begun.done == len(CONTENT)
