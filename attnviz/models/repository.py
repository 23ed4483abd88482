"""What a hub repository holds, which of its files are needed, and whether they may be opened here."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from huggingface_hub import ModelInfo

from attnviz.errors import HubUnreachable, ModelRefused, UnknownFamily
from attnviz.families import most_alike

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
            "The hub names no commit for {repo}, only {sha!r}. Try again, or another HF_ENDPOINT.",
            repo=repo,
            sha=(info.sha or "")[:96],
        )
    files = {}
    for sibling in info.siblings or ():
        if PLAIN_NAME.fullmatch(sibling.rfilename):
            size = sibling.lfs.size if sibling.lfs else sibling.size
            if not isinstance(size, int) or size < 0:
                raise HubUnreachable(
                    "The hub does not say how large {repo}/{file} is. Try again later.",
                    repo=repo,
                    file=sibling.rfilename,
                )
            sha256 = sibling.lfs.sha256 if sibling.lfs else None
            files[sibling.rfilename] = RemoteFile(sibling.rfilename, size, sha256, None if sha256 else sibling.blob_id)
    return Repository(repo, str(info.sha), files)


def check_kind(repository: Repository) -> None:
    """Refuse a repository that is no transformers model in safetensors, before anything of it is fetched.

    Raises  ModelRefused  naming what it holds instead.
    """
    if CONFIG not in repository.files:
        raise ModelRefused(
            "{repo} has no {file}, so it is not a transformers model. Choose another one.",
            repo=repository.repo,
            file=CONFIG,
        )
    if WEIGHTS in repository.files or INDEX in repository.files:
        return
    pickles = [name for name in repository.files if name.endswith((".bin", ".pt", ".pth", ".ckpt", ".pkl"))]
    if pickles:
        raise ModelRefused(
            "{repo} keeps its weights in {pickle} alone, a pickle, which can run code when opened. attnviz opens "
            "safetensors only: choose a model that has {file}.",
            repo=repository.repo,
            pickle=pickles[0],
            file=WEIGHTS,
        )
    raise ModelRefused(
        "{repo} has no {file}. attnviz opens safetensors only: choose another model.",
        repo=repository.repo,
        file=WEIGHTS,
    )


def check_config(repo: str, content: bytes, families: Collection[str] | None) -> None:
    """Refuse a configuration that asks for code of its own, or for a family attnviz cannot read.

    Raises  ModelRefused   when the configuration is unreadable or names code to run.
            UnknownFamily  when `families` is given and lacks its model type.
    """
    kind = str(check_no_code(repo, CONFIG, content).get("model_type"))
    if families is not None and kind not in families:
        raise UnknownFamily(
            "{repo} is of the type {kind!r}, which attnviz cannot read. It reads {count} types; the most alike are "
            "{nearest}.",
            repo=repo,
            kind=kind[:60],
            count=len(families),
            nearest=most_alike(kind, families),
        )


def check_no_code(repo: str, name: str, content: bytes) -> dict[str, Any]:
    """Read one of the repository's JSON files, refusing one that names code to run.

    Raises  ModelRefused  when it does, or when it is not a JSON object.
    """
    settings = _json(repo, name, content)
    if "auto_map" in settings:
        raise ModelRefused(
            "{repo} brings code of its own (auto_map in {file}), and attnviz runs none that a model brings. Choose a "
            "model that transformers knows by itself.",
            repo=repo,
            file=name,
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
        raise ModelRefused("{file} of {repo} lists no weights. Choose another model.", file=INDEX, repo=repository.repo)
    for name in names:
        if name not in repository.files or not name.endswith(".safetensors"):
            raise ModelRefused(
                "{file} of {repo} lists {name!r}, which is not there as safetensors. Choose another model.",
                file=INDEX,
                repo=repository.repo,
                name=name[:96],
            )
    return tuple(repository.files[name] for name in names)


def check_size(repo: str, total: int, max_bytes: int, free: int) -> None:
    """Refuse a download that would not fit the limit or the disk, before it starts.

    Unit    bytes, all three.
    Raises  ModelRefused  with both numbers.
    """
    if total > max_bytes:
        raise ModelRefused(
            "{repo} takes {total:,.1f} MB and this server downloads up to {most:,.1f} MB a model. Choose a smaller "
            "one, or ask whoever runs the server to raise the limit.",
            repo=repo,
            total=total / MB,
            most=max_bytes / MB,
        )
    if total > free:
        raise ModelRefused(
            "{repo} takes {total:,.1f} MB and the server's disk has {free:,.1f} MB left. Choose a smaller one, or ask "
            "whoever runs the server to make room.",
            repo=repo,
            total=total / MB,
            free=free / MB,
        )


def check_small(file: RemoteFile, most: int) -> RemoteFile:
    """Refuse a file that is read whole into memory when it is larger than such files ever are.

    Raises  ModelRefused  with both numbers.
    """
    if file.size > most:
        raise ModelRefused(
            "{file} has {size:,} bytes; attnviz reads up to {most:,}. Choose another model.",
            file=file.name,
            size=file.size,
            most=most,
        )
    return file


def _json(repo: str, name: str, content: bytes) -> dict[str, Any]:
    try:
        read_back = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ModelRefused(
            "{file} of {repo} is not JSON ({why}). Choose another model.", file=name, repo=repo, why=str(error)
        ) from error
    if not isinstance(read_back, dict):
        raise ModelRefused("{file} of {repo} is not a JSON object. Choose another model.", file=name, repo=repo)
    return read_back


def _all_text(values: Collection[object]) -> bool:
    return all(isinstance(value, str) for value in values)
