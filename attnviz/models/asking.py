"""What is asked of the hub before a download: which files a commit holds, and whether the commit is the owner's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import HfApi, get_session
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]  # not to mypy

from attnviz.errors import HubUnreachable, ModelRefused
from attnviz.models import repository
from attnviz.models.refusals import endpoint, shown_endpoint
from attnviz.models.repository import COMMIT, Repository

NAME = "attnviz"  # as the hub may count us
ANSWER_SECONDS = 10.0
COMMITS_A_PAGE = 1_000  # the most that the hub gives at once
MAX_PAGES = 10  # where a mirror gives fewer at once, its oldest commits are out of reach


def describe(repo: str, revision: str | None, token: str | None) -> Repository:
    """Ask for the files of a repository, at a revision or at the newest commit.

    Raises  HubUnreachable  when the answer is none, or is of another commit than was asked for.
    """
    with _understood():
        info = HfApi(endpoint=endpoint(), library_name=NAME).model_info(
            repo, revision=revision, files_metadata=True, timeout=ANSWER_SECONDS, token=token or False
        )
        found = repository.read(repo, info)
    if revision and COMMIT.fullmatch(revision) and found.commit != revision:
        raise HubUnreachable(
            "{endpoint} answers for commit {found} of {repo}, not for {commit}. Open the model without the commit.",
            endpoint=shown_endpoint(),
            found=found.commit,
            repo=repo,
            commit=revision,
        )
    return found


def check_own(repo: str, commit: str, token: str | None) -> None:
    """Refuse a commit that is not of the main branch: a hub answers for those of anyone's pull request as well.

    Raises  ModelRefused    naming the commit.
            HubUnreachable  when the answer is none.
    """
    seen = 0
    with _understood():
        for own in _main_branch(repo, token):
            if own == commit:
                return
            seen += 1
    raise ModelRefused(
        "Commit {commit} is not among the newest {count} of the main branch of {repo}, so it may be a stranger's. Open "
        "the model without the commit.",
        commit=commit,
        count=f"{seen:,}",
        repo=repo,
    )


def _main_branch(repo: str, token: str | None) -> Iterator[str]:
    """Walk down the main branch, the newest commit first; HfApi.list_repo_commits would wait for all of it."""
    page = f"{endpoint()}/api/models/{repo}/commits/main"
    headers = build_hf_headers(token=token or False, library_name=NAME)
    query = f"limit={COMMITS_A_PAGE}"
    for _ in range(MAX_PAGES):
        answer = get_session().get(f"{page}?{query}", headers=headers, timeout=ANSWER_SECONDS)
        if answer.status_code == httpx2.codes.NOT_FOUND:  # a mirror that tells no history
            return
        hf_raise_for_status(answer)
        yield from (each["id"] for each in answer.json())
        query = urlsplit(answer.links.get("next", {}).get("url", "")).query  # never its host: the token is for ours
        if not query:
            return


@contextmanager
def _understood() -> Iterator[None]:
    """Turn an answer that no hub would give into an error a visitor can read."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, httpx2.HTTPError):
            raise
        raise HubUnreachable(
            "{endpoint} does not answer as a hub does ({kind}). Whoever runs this server can check HF_ENDPOINT and the "
            "proxy.",
            endpoint=shown_endpoint(),
            kind=type(error).__name__,
        ) from error
