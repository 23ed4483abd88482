"""What the hub and the network say when they refuse, in words for a visitor."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from attnviz.errors import HubUnreachable, ModelError, ModelNotFound, ModelRefused

LOGIN = re.compile(r"//[^/@]*@")  # an operator's, in the address of a mirror: not for visitors to read


@dataclass(frozen=True)
class _Refusal:
    """What was asked for, of whom, and what came instead of an answer."""

    repo: str
    revision: str | None
    endpoint: str
    reason: str
    status: int | None

    @property
    def page(self) -> str:
        return f"{self.endpoint}/{self.repo}"


def _gated(heard: _Refusal) -> ModelError:
    return ModelRefused(
        "{repo} is given only to those who accept its licence, at {page}. Choose another model, or ask whoever runs "
        "this server to accept it and to give attnviz a token.",
        repo=heard.repo,
        page=heard.page,
    )


def _unknown(heard: _Refusal) -> ModelError:
    return ModelNotFound(
        "The hub has no model {repo}, or does not show it to everyone. Check the spelling of its name.", repo=heard.repo
    )


def _no_revision(heard: _Refusal) -> ModelError:
    return ModelNotFound(
        "{repo} has no revision {revision}. Leave it out to open the newest one.",
        repo=heard.repo,
        revision=heard.revision,
    )


def _closed(heard: _Refusal) -> ModelError:
    return ModelRefused("The hub has closed {repo} to everyone. Choose another model.", repo=heard.repo)


def _offline(heard: _Refusal) -> ModelError:
    return HubUnreachable(
        "HF_HUB_OFFLINE keeps {repo} from being fetched. Choose a model marked ready.", repo=heard.repo
    )


def _unwell(heard: _Refusal) -> ModelError:
    return HubUnreachable(
        "{endpoint} answered {status} for {repo}. Try again later, or choose a model marked ready.",
        endpoint=heard.endpoint,
        status=heard.status,
        repo=heard.repo,
    )


def _silent(heard: _Refusal) -> ModelError:
    return HubUnreachable(
        "{endpoint} did not answer for {repo} ({reason}). Try again later, or choose a model marked ready.",
        endpoint=heard.endpoint,
        repo=heard.repo,
        reason=heard.reason,
    )


def _no_hub(heard: _Refusal) -> ModelError:
    return HubUnreachable(
        "{endpoint} is no address of a hub ({reason}). Whoever runs this server can set HF_ENDPOINT.",
        endpoint=heard.endpoint,
        reason=heard.reason,
    )


# What the hub may say instead of an answer: the first row that fits speaks.
_REFUSALS: tuple[tuple[type[Exception], Callable[[_Refusal], ModelError]], ...] = (
    (GatedRepoError, _gated),
    (RepositoryNotFoundError, _unknown),
    (RevisionNotFoundError, _no_revision),
    (DisabledRepoError, _closed),
    (OfflineModeIsEnabled, _offline),
    (HfHubHTTPError, _unwell),
    (httpx2.HTTPError, _silent),
    (httpx2.InvalidURL, _no_hub),
)


def endpoint() -> str:
    """Name the hub to ask: HF_ENDPOINT as it is now, or the public one."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def shown_endpoint() -> str:
    """Name the hub as a visitor may read it, without an operator's login."""
    return LOGIN.sub("//", endpoint())


@contextmanager
def said_plainly(repo: str, revision: str | None) -> Iterator[None]:
    """Turn what the hub and the network raise into errors a visitor can read.

    Raises  ModelNotFound, ModelRefused, HubUnreachable  as the first fitting row says.
    """
    try:
        yield
    except (httpx2.HTTPError, httpx2.InvalidURL, OfflineModeIsEnabled) as error:
        raise _plain(error, repo, revision) from error


def _plain(error: Exception, repo: str, revision: str | None) -> ModelError:
    kind = type(error)
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
    if kind is HfHubHTTPError and status in (401, 403, 404):
        kind = RepositoryNotFoundError  # a mirror that leaves out the hub's own error codes
    reason = LOGIN.sub("//", str(error).partition("\n")[0].strip()) or type(error).__name__
    heard = _Refusal(repo, revision, shown_endpoint(), reason, status)
    for raised, said in _REFUSALS:
        if issubclass(kind, raised):
            return said(heard)
    raise error
