"""Models of the hub: which names may be opened, and how one gets here safely.

A name is checked, resolved to a commit, and only then downloaded, as plain files in a folder of ours; the folder is
what gets loaded. A visitor's text is never a path.
"""

import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import httpx2
from filelock import FileLock, Timeout
from huggingface_hub import constants, hf_hub_url
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # exported, but not to mypy

from attnviz.errors import Cancelled, HubUnreachable, ModelRefused
from attnviz.models import asking, catalogue, repository
from attnviz.models.download import TIMEOUT, Download, Report, Stopped
from attnviz.models.refusals import endpoint, said_plainly
from attnviz.models.repository import COMMIT, CONFIG, INDEX, TOKENIZER_CONFIG, Repository

constants.HF_HUB_DISABLE_TELEMETRY = True  # otherwise the first request asks the hub which agent runs us

Mode = Literal["curated", "open", "offline"]

ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?", re.ASCII)
REVISION = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[\w.-]{1,95})*", re.ASCII)
ADDRESS = re.compile(r"(?:https?://)?(?:[\w.-]+\.)+[a-z]{2,}(?::\d+)?/+([^/?#]+/[^/?#]+).*", re.ASCII | re.IGNORECASE)
PART, LOCK = ".part", ".lock"  # a download under way, and whose turn it is
TURN_SECONDS = 0.2  # how often one who waits for another's download looks whether to go on waiting


@dataclass(frozen=True)
class Fetched:
    """A downloaded model: its folder, the commit it is of, and its bytes."""

    path: Path
    commit: str
    nbytes: int


def check_id(text: str) -> str:
    """Read a visitor's text as the name of a hub repository.

    Raises  ModelRefused  when it is anything else: a path, an address, a name the hub would not allow.
    """
    name = text.strip()
    try:
        if not ID.fullmatch(name):
            raise HFValidationError
        validate_repo_id(name)
    except HFValidationError as error:
        raise _not_an_id(name) from error
    return name


def admit(name: str, mode: Mode, folder: Path | None = None) -> catalogue.Entry | str:
    """Say what a visitor's text opens under this server's mode: a model of the catalogue, or a checked hub name.

    Raises  ModelRefused  when the text is no model name, or the mode keeps it closed; `folder` holds what is here.
    """
    if mode not in get_args(Mode):
        raise ModelRefused(
            "ATTNVIZ_MODELS is {mode!r}. Set it to one of {modes}.", mode=mode, modes=", ".join(get_args(Mode))
        )
    wanted = check_id(name)
    entry = catalogue.known(wanted)
    if mode == "curated" and entry is None:
        raise ModelRefused(
            "This server opens the models of its catalogue, and {name} is not one of them (mode curated). Choose one "
            "from the list, or ask whoever runs the server to set ATTNVIZ_MODELS=open.",
            name=wanted,
        )
    repo = entry.repo if entry else wanted
    here = (entry is not None and entry.ready) or (folder is not None and downloaded(repo, folder) is not None)
    if mode == "offline" and not here:
        raise _not_here(wanted)
    return entry or wanted


def downloaded(repo: str, folder: Path, revision: str | None = None) -> Fetched | None:
    """Find a model that is already here, without the network: the given commit, or the one that came last."""
    home = _home(check_id(repo), folder)
    if revision is not None:
        commits = [home / revision] if COMMIT.fullmatch(revision) else []
    else:
        commits = [path for path in home.glob("*") if COMMIT.fullmatch(path.name)]
    found = [path for path in commits if path.is_dir()]
    if not found:
        return None
    newest = max(found, key=lambda path: path.stat().st_mtime_ns)
    return Fetched(newest, newest.name, sum(file.stat().st_size for file in newest.iterdir()))


def fetch(
    repo: str,
    *,
    revision: str | None = None,
    folder: Path,
    token: str | None = None,
    max_bytes: int,
    report: Report,
    stopped: Stopped,
    families: Collection[str] | None = None,
    offline: bool = False,
) -> Fetched:
    """Bring a model here, at one commit, as safetensors, configuration and tokenizer files alone.

    `token` is the operator's, and is sent for models of the catalogue alone. A commit that is here already is
    opened without the network; so is the last one that came, when the hub is out of reach.

    Unit    max_bytes, and both numbers of `report`: bytes.
    Raises  ModelRefused    when the model is too large, gated, pickled, or brings code of its own; when a commit is
                            given by its hash and is not of the main branch.
            UnknownFamily   when `families` is given and lacks its model type.
            ModelNotFound   when the hub has no such model or revision.
            HubUnreachable  when the hub does not answer, or the download breaks off.
            Cancelled       when `stopped` says so.
    """
    repo, revision = check_id(repo), _check_revision(revision)
    if offline or (revision and COMMIT.fullmatch(revision)):
        here = downloaded(repo, folder, revision)
        if here:
            return here
        if offline:
            raise _not_here(repo)
    token = _token_for(repo, token)
    try:
        with said_plainly(repo, revision):
            wanted = asking.describe(repo, revision, token)
            if revision and wanted.commit.startswith(revision.lower()):  # a hub resolves the first digits as well
                asking.check_own(repo, wanted.commit, token)
    except HubUnreachable:
        here = downloaded(repo, folder, revision)
        if here is None:
            raise
        return here
    repository.check_kind(wanted)
    with _turn(wanted, folder, stopped):
        here = downloaded(repo, folder, wanted.commit)
        if here:
            return here
        with said_plainly(repo, revision):
            return _bring(wanted, folder, token, max_bytes, report, stopped, families)


def sweep(folder: Path) -> None:
    """Clear away what downloads left whose process was killed; those under way are left alone."""
    for part in folder.glob(f"*/*{PART}"):
        try:
            with FileLock(part.with_suffix(LOCK), timeout=0):
                shutil.rmtree(part, ignore_errors=True)
        except Timeout:
            continue


def _bring(
    wanted: Repository,
    folder: Path,
    token: str | None,
    max_bytes: int,
    report: Report,
    stopped: Stopped,
    families: Collection[str] | None,
) -> Fetched:
    """Download into a folder beside the final one, and rename it when it is whole."""
    final = _home(wanted.repo, folder) / wanted.commit
    part = final.with_suffix(PART)
    sweep(folder)
    shutil.rmtree(part, ignore_errors=True)  # the turn is ours: nobody alive writes there
    part.mkdir(parents=True)
    try:
        with httpx2.Client(timeout=TIMEOUT, follow_redirects=True) as client:
            download = Download(
                client,
                part,
                lambda name: hf_hub_url(wanted.repo, name, revision=wanted.commit, endpoint=endpoint()),
                headers={"User-Agent": "attnviz"} | ({"Authorization": f"Bearer {token}"} if token else {}),
                report=report,
                stopped=stopped,
            )
            _take_all(wanted, download, max_bytes, families)
        part.replace(final)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Fetched(final, wanted.commit, download.done)


def _take_all(wanted: Repository, download: Download, max_bytes: int, families: Collection[str] | None) -> None:
    """Fetch what decides first, so that a refusal costs a few kilobytes: configuration, index, then the rest."""
    config = download.take(repository.check_small(wanted.files[CONFIG], repository.MAX_CONFIG_BYTES))
    repository.check_config(wanted.repo, config.read_bytes(), families)
    taken, index = {CONFIG}, None
    if repository.WEIGHTS not in wanted.files:
        index = download.take(repository.check_small(wanted.files[INDEX], repository.MAX_INDEX_BYTES)).read_bytes()
        taken.add(INDEX)
    weights = repository.weight_files(wanted, index)
    beside = [file for file in wanted.side_files() if file.name not in taken]
    download.total = download.done + sum(file.size for file in (*beside, *weights))
    repository.check_size(wanted.repo, download.total, max_bytes, shutil.disk_usage(download.folder).free)
    for file in beside:
        path = download.take(file)
        if file.name == TOKENIZER_CONFIG:
            repository.check_no_code(wanted.repo, file.name, path.read_bytes())
    for file in weights:
        download.take(file)


def _token_for(repo: str, token: str | None) -> str | None:
    """Keep the operator's token for the operator's own list: what it may read is not for every stranger to name."""
    return token if any(entry.repo == repo for entry in catalogue.CATALOGUE) else None


@contextmanager
def _turn(wanted: Repository, folder: Path, stopped: Stopped) -> Iterator[None]:
    """Hold the place of one commit, across threads and processes; a process that dies lets it go."""
    home = _home(wanted.repo, folder)
    home.mkdir(parents=True, exist_ok=True)
    lock = FileLock((home / wanted.commit).with_suffix(LOCK))
    while True:
        try:
            lock.acquire(timeout=TURN_SECONDS)
            break
        except Timeout:
            if stopped():
                raise Cancelled("Nobody waits for {repo} any more. Open it again.", repo=wanted.repo) from None
    try:
        yield
    finally:
        lock.release()


def _home(repo: str, folder: Path) -> Path:
    return folder / repo.replace("/", "--")  # a hub name never holds two dashes in a row


def _check_revision(revision: str | None) -> str | None:
    if not revision:
        return None
    if not REVISION.fullmatch(revision) or ".." in revision:
        raise ModelRefused(
            "{revision!r} is no revision of a model. Give the 40 hex digits of a commit.", revision=revision[:96]
        )
    return revision


def _not_here(name: str) -> ModelRefused:
    return ModelRefused(
        "This server opens only models it already has, and {name} is not among them (mode offline). Choose a model "
        "marked ready, or ask whoever runs the server to set ATTNVIZ_MODELS=curated or open.",
        name=name,
    )


def _not_an_id(name: str) -> ModelRefused:
    pasted = ADDRESS.fullmatch(name)
    if pasted and ID.fullmatch(pasted[1]):
        return ModelRefused(
            "{given!r} is not the name of a model at the hub. Leave out the address and give {name} alone.",
            given=name[:96],
            name=pasted[1],
        )
    return ModelRefused(
        "{given!r} is not the name of a model at the hub. A name looks like google-bert/bert-base-uncased: letters, "
        "digits, '-', '_', '.', and one '/'.",
        given=name[:96],
    )
