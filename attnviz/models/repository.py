"""What a hub repository holds, which of its files are needed, and whether they may be opened here."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from huggingface_hub import ModelInfo

from attnviz.errors import HubUnreachable, ModelRefused, UnknownFamily

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"

COMMIT = re.compile(r"[0-9a-f]{40}")
PLAIN_NAME = re.compile(r"[A-Za-z0-9_][\w.-]{0,199}", re.ASCII)  # the top folder alone: no path leaves it
SIDE_NAME = re.compile(r".+\.(json|txt|model)")  # configuration and tokenizer, never code
ELSEWHERE = re.compile(r".+\.index\.json|adapter_config\.json")  # point to weights that are not fetched
TOKENIZER_CONFIG = "tokenizer_config.json"
MAX_CONFIG_BYTES = 1_000_000
MAX_INDEX_BYTES = 32_000_000
MB = 10**6


@dataclass(frozen=True)
class RemoteFile:
    """One file of a repository, as the hub describes it.

    Unit    size in bytes; sha256 of its content when the hub stores it apart, else git's own hash of it.
    """

    name: str
    size: int
    sha256: str | None = None
    blob: str | None = None


@dataclass(frozen=True)
class Repository:
    """A repository at one commit: the files of its top folder that have a plain name."""

    repo: str
    commit: str
    files: Mapping[str, RemoteFile]

    def side_files(self) -> tuple[RemoteFile, ...]:
        """Name the files beside the weights: configuration and tokenizer."""
        names = sorted(name for name in self.files if SIDE_NAME.fullmatch(name) and not ELSEWHERE.fullmatch(name))
        return tuple(self.files[name] for name in names)


def read(repo: str, info: ModelInfo) -> Repository:
    """Read the hub's description of a repository, trusting no name and no commit in it unseen.

    Raises  HubUnreachable  when the hub names no commit, or leaves out a size.
    """
    if not COMMIT.fullmatch(info.sha or ""):
        raise HubUnreachable(
            f"The hub names no commit for {repo}, only {info.sha!r}. Try again, or another HF_ENDPOINT."
        )
    files = {}
    for sibling in info.siblings or ():
        if PLAIN_NAME.fullmatch(sibling.rfilename):
            size = sibling.lfs.size if sibling.lfs else sibling.size
            if not isinstance(size, int) or size < 0:
                raise HubUnreachable(f"The hub does not say how large {repo}/{sibling.rfilename} is. Try again later.")
            sha256 = sibling.lfs.sha256 if sibling.lfs else None
            files[sibling.rfilename] = RemoteFile(sibling.rfilename, size, sha256, None if sha256 else sibling.blob_id)
    return Repository(repo, str(info.sha), files)


def check_kind(repository: Repository) -> None:
    """Refuse a repository that is no transformers model in safetensors, before anything of it is fetched.

    Raises  ModelRefused  naming what it holds instead.
    """
    if CONFIG not in repository.files:
        raise ModelRefused(f"{repository.repo} has no {CONFIG}, so it is not a transformers model. Choose another one.")
    if WEIGHTS in repository.files or INDEX in repository.files:
        return
    pickles = [name for name in repository.files if name.endswith((".bin", ".pt", ".pth", ".ckpt", ".pkl"))]
    if pickles:
        raise ModelRefused(
            f"{repository.repo} keeps its weights in {pickles[0]} alone, a pickle, which can run code when opened. "
            f"attnviz opens safetensors only: choose a model that has {WEIGHTS}."
        )
    raise ModelRefused(f"{repository.repo} has no {WEIGHTS}. attnviz opens safetensors only: choose another model.")


def check_config(repo: str, content: bytes, families: Collection[str] | None) -> None:
    """Refuse a configuration that asks for code of its own, or for a family attnviz cannot read.

    Raises  ModelRefused   when the configuration is unreadable or names code to run.
            UnknownFamily  when `families` is given and lacks its model type.
    """
    kind = str(check_no_code(repo, CONFIG, content).get("model_type"))
    if families is not None and kind not in families:
        known = ", ".join(sorted(families))
        raise UnknownFamily(f"{repo} is of the type {kind[:60]!r}, which attnviz cannot read. It reads: {known}.")


def check_no_code(repo: str, name: str, content: bytes) -> dict[str, Any]:
    """Read one of the repository's JSON files, refusing one that names code to run.

    Raises  ModelRefused  when it does, or when it is not a JSON object.
    """
    settings = _json(repo, name, content)
    if "auto_map" in settings:
        raise ModelRefused(
            f"{repo} brings code of its own (auto_map in {name}), and attnviz runs none that a model brings. "
            "Choose a model that transformers knows by itself."
        )
    return settings


def weight_files(repository: Repository, index: bytes | None) -> tuple[RemoteFile, ...]:
    """Name the files that hold the weights: one, or the shards that the index lists.

    Raises  ModelRefused  when the index is unreadable or lists a file that the repository does not hold.
    """
    if WEIGHTS in repository.files:
        return (repository.files[WEIGHTS],)
    listed = _json(repository.repo, INDEX, index or b"").get("weight_map")
    names = sorted(set(listed.values())) if isinstance(listed, dict) and _all_text(listed.values()) else []
    if not names:
        raise ModelRefused(f"{INDEX} of {repository.repo} lists no weights. Choose another model.")
    for name in names:
        if name not in repository.files or not name.endswith(".safetensors"):
            raise ModelRefused(f"{INDEX} of {repository.repo} lists {name[:96]!r}, which is not there as safetensors.")
    return tuple(repository.files[name] for name in names)


def check_size(repo: str, total: int, max_bytes: int, free: int) -> None:
    """Refuse a download that would not fit the limit or the disk, before it starts.

    Unit    bytes, all three.
    Raises  ModelRefused  with both numbers.
    """
    if total > max_bytes:
        raise ModelRefused(
            f"{repo} takes {total / MB:,.1f} MB and this server downloads up to {max_bytes / MB:,.1f} MB a model. "
            "Choose a smaller one, or ask whoever runs the server to raise the limit."
        )
    if total > free:
        raise ModelRefused(
            f"{repo} takes {total / MB:,.1f} MB and the server's disk has {free / MB:,.1f} MB left. "
            "Choose a smaller one, or ask whoever runs the server to make room."
        )


def check_small(file: RemoteFile, most: int) -> RemoteFile:
    """Refuse a file that is read whole into memory when it is larger than such files ever are.

    Raises  ModelRefused  with both numbers.
    """
    if file.size > most:
        raise ModelRefused(f"{file.name} has {file.size:,} bytes; attnviz reads up to {most:,}. Choose another model.")
    return file


def _json(repo: str, name: str, content: bytes) -> dict[str, Any]:
    try:
        read_back = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ModelRefused(f"{name} of {repo} is not JSON ({error}). Choose another model.") from error
    if not isinstance(read_back, dict):
        raise ModelRefused(f"{name} of {repo} is not a JSON object. Choose another model.")
    return read_back


def _all_text(values: Collection[object]) -> bool:
    return all(isinstance(value, str) for value in values)
