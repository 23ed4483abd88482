"""A small hub on loopback: the part of the hub's interface that attnviz uses, over real HTTP, with faults to order."""

import hashlib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

CHUNK = 32_768


def commit_of(files: Mapping[str, bytes]) -> str:
    """Name a state of a repository as git does: 40 hex digits that follow from its content."""
    digest = hashlib.sha1()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + files[name])
    return digest.hexdigest()


@dataclass
class Repo:
    """A repository: its main branch, every commit that the branch ever was at, and those that others proposed."""

    files: dict[str, bytes]
    gated: bool = False
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    branch: list[str] = field(default_factory=list)  # commits, the oldest first

    def __post_init__(self) -> None:
        self.push(self.files)

    def push(self, files: dict[str, bytes]) -> str:
        """Move the branch to new files; the old commit stays."""
        self.files = files
        self.branch.append(self.propose(files))
        return self.branch[-1]

    def propose(self, files: dict[str, bytes]) -> str:
        """Add a commit that is on no branch, as anyone's pull request does; the hub serves it by its hash."""
        commit = commit_of(files)
        self.commits[commit] = files
        return commit

    @property
    def head(self) -> str:
        return commit_of(self.files)


@dataclass(frozen=True)
class Request:
    """What the server was asked; the names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass
class Hub:
    """A hub: its repositories, what it was asked, and the faults to show.

    Unit    cut, hold: bytes of a file, counted from its start.
    """

    url: str = ""
    repos: dict[str, Repo] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)  # bytes of each file that left
    cut: dict[str, int] = field(default_factory=dict)  # close the connection here
    cuts: int = 10**9  # so many times
    hold: dict[str, int] = field(default_factory=dict)  # wait here until told
    held: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    describes: bytes | None = None  # answer this instead of any description
    recounts: bytes | None = None  # answer this instead of any history
    page: int = 1_000  # commits that a page of history holds at most
    busy: int = 0  # answer 503 to so many files
    ignores_ranges: bool = False
    lies: dict[str, bytes] = field(default_factory=dict)  # serve these bytes instead

    def asked_for(self, name: str) -> list[Request]:
        return [request for request in self.asked if request.path.endswith("/" + name)]


class Handler(BaseHTTPRequestHandler):
    """Answers api/models/ID[/revision/R], its commits/main, ID/resolve/R/FILE, and /store/SHA256 for large files."""

    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.hub.asked.append(
            Request(self.command, self.path, {key.lower(): value for key, value in self.headers.items()})
        )
        url = urlsplit(self.path)  # a proxy is asked with the whole address
        path = unquote(url.path)
        if found := re.fullmatch(r"/api/models/(.+?)/commits/main", path):
            self._recount(found[1], parse_qs(url.query))
        elif found := re.fullmatch(r"/api/models/(.+?)(?:/revision/(.+))?", path):
            self._describe(found[1], found[2], parse_qs(url.query))
        elif found := re.fullmatch(r"/(.+?)/resolve/([^/]+)/(.+)", path):
            self._resolve(*found.groups())
        elif found := re.fullmatch(r"/store/(\w+)/(.+)", path):
            self._send(found[2], self._stored(found[1]))
        else:
            self._refuse(404, "EntryNotFound")

    def _describe(self, name: str, revision: str | None, query: dict[str, list[str]]) -> None:
        if self.hub.describes is not None:
            return self._answer(200, self.hub.describes, {"Content-Type": "text/html"})
        repo = self.hub.repos.get(name)
        if repo is None:
            return self._refuse(401, "RepoNotFound")
        wanted = repo.head if revision in (None, "main") else revision
        commit = next((commit for commit in repo.commits if commit.startswith(wanted)), None)
        if commit is None:
            return self._refuse(404, "RevisionNotFound")
        siblings = [self._sibling(name, content) for name, content in sorted(repo.commits[commit].items())]
        if query.get("blobs") != ["True"] and query.get("blobs") != ["true"]:
            siblings = [{"rfilename": sibling["rfilename"]} for sibling in siblings]
        answer = {"id": name, "sha": commit, "gated": "auto" if repo.gated else False, "siblings": siblings}
        return self._answer(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _recount(self, name: str, query: dict[str, list[str]]) -> None:
        """Tell the main branch, newest first; a link leads to the next page, under the hub's own name."""
        if self.hub.recounts is not None:
            return self._answer(200, self.hub.recounts, {"Content-Type": "text/html"})
        size, page = min(int(query["limit"][0]), self.hub.page), int(query.get("p", ["0"])[0])
        newest = self.hub.repos[name].branch[::-1]
        told = [{"id": commit, "title": "a change"} for commit in newest[page * size : (page + 1) * size]]
        following = f'<http://hub.invalid/api/models/{name}/commits/main?limit={size}&p={page + 1}>; rel="next"'
        link = {"Link": following} if (page + 1) * size < len(newest) else {}
        return self._answer(200, json.dumps(told).encode(), {"Content-Type": "application/json", **link})

    def _sibling(self, name: str, content: bytes) -> dict[str, Any]:
        if is_large(name):
            lfs = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
            return {"rfilename": name, "size": len(content), "blobId": "0" * 40, "lfs": lfs}
        return {"rfilename": name, "size": len(content), "blobId": git_blob(content)}

    def _resolve(self, name: str, revision: str, file: str) -> None:
        repo = self.hub.repos.get(name)
        if repo is None:
            return self._refuse(401, "RepoNotFound")
        if repo.gated and "Authorization" not in self.headers:
            return self._refuse(401, "GatedRepo")
        commit = repo.head if revision == "main" else revision
        content = repo.commits.get(commit, {}).get(file)
        if content is None:
            return self._refuse(404, "EntryNotFound")
        if is_large(file):  # as the hub does: stored elsewhere, under another name of this machine
            store = self.hub.url.replace("127.0.0.1", "localhost")
            where = f"{store}/store/{hashlib.sha256(content).hexdigest()}/{file}"
            return self._answer(302, b"", {"Location": where, "X-Repo-Commit": commit})
        return self._send(file, content, {"X-Repo-Commit": commit, "ETag": f'"{git_blob(content)}"'})

    def _stored(self, sha256: str) -> bytes:
        contents = (c for repo in self.hub.repos.values() for files in repo.commits.values() for c in files.values())
        return next(content for content in contents if hashlib.sha256(content).hexdigest() == sha256)

    def _send(self, name: str, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        if self.hub.busy:
            self.hub.busy -= 1
            return self._refuse(503, "Busy")
        content = self.hub.lies.get(name, content)
        start = 0
        if (wanted := self.headers.get("Range")) and not self.hub.ignores_ranges:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if self.command == "GET":
            self._stream(name, content, start)
        return None

    def _stream(self, name: str, content: bytes, start: int) -> None:
        cut = self.hub.cut.get(name) if self.hub.cuts > 0 else None
        hold = self.hub.hold.get(name)
        for at in range(start, len(content), CHUNK):
            if cut is not None and at >= cut:
                self.hub.cuts -= 1
                self.close_connection = True
                return
            if hold is not None and at >= hold and not self.hub.go_on.is_set():
                self.hub.held.set()
                self.hub.go_on.wait(30)
            piece = content[at : at + CHUNK]
            self.wfile.write(piece)
            self.hub.sent[name] = self.hub.sent.get(name, 0) + len(piece)

    def _refuse(self, status: int, code: str) -> None:
        self._answer(status, b'{"error": "no"}', {"X-Error-Code": code, "Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """Serves a `Hub` until it is closed; a client that leaves in the middle is no error."""

    daemon_threads = True

    def __init__(self) -> None:
        self.hub = Hub()
        super().__init__(("127.0.0.1", 0), type("HubHandler", (Handler,), {"hub": self.hub}))
        self.hub.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        pass


def is_large(name: str) -> bool:
    """Say whether the hub would store a file apart, as it does with weights and pickles."""
    return name.endswith((".safetensors", ".bin", ".h5", ".msgpack", ".onnx"))


def git_blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
