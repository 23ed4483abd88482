"""What the hub and the network say when they refuse, in words for a visitor."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

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

# What the hub may say instead of an answer: the first row that fits speaks.
_REFUSALS: tuple[tuple[type[Exception], type[ModelError], str], ...] = (
    (
        GatedRepoError,
        ModelRefused,
        "{repo} is given only to those who accept its licence, at {page}. Choose another model, or ask whoever runs "
        "this server to accept it and to give attnviz a token.",
    ),
    (
        RepositoryNotFoundError,
        ModelNotFound,
        "The hub has no model {repo}, or does not show it to everyone. Check the spelling of its name.",
    ),
    (RevisionNotFoundError, ModelNotFound, "{repo} has no revision {revision}. Leave it out to open the newest one."),
    (DisabledRepoError, ModelRefused, "The hub has closed {repo} to everyone. Choose another model."),
    (
        OfflineModeIsEnabled,
        HubUnreachable,
        "HF_HUB_OFFLINE keeps {repo} from being fetched. Choose a model marked ready.",
    ),
    (
        httpx2.HTTPError,
        HubUnreachable,
        "{endpoint} did not answer for {repo} ({reason}). Try again later, or choose a model marked ready.",
    ),
    (
        httpx2.InvalidURL,
        HubUnreachable,
        "{endpoint} is no address of a hub ({reason}). Whoever runs this server can set HF_ENDPOINT.",
    ),
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
    reason = str(error).partition("\n")[0].strip() or kind.__name__
    if isinstance(error, HfHubHTTPError):
        reason = f"it answered {error.response.status_code}"
        if kind is HfHubHTTPError and error.response.status_code in (401, 403, 404):
            kind = RepositoryNotFoundError  # a mirror that leaves out the hub's own error codes
    for raised, becomes, words in _REFUSALS:
        if issubclass(kind, raised):
            where = shown_endpoint()
            return becomes(
                words.format(repo=repo, revision=revision, endpoint=where, page=f"{where}/{repo}", reason=reason)
            )
    raise error
