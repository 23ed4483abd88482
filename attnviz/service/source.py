"""Where a model's files are on this machine, and how to load them."""

from dataclasses import dataclass
from pathlib import Path

from attnviz.errors import Cancelled
from attnviz.families import FAMILIES
from attnviz.inputs import Picture, Text
from attnviz.models import LoadedModel, claims, embedded, hub, load_folder
from attnviz.models.catalogue import Entry
from attnviz.models.shelf import ModelRef
from attnviz.service.cost import FLOAT_BYTES
from attnviz.service.limits import Limits
from attnviz.service.runner import Run

SCREENS_TAKE = frozenset({Text, Picture})
MODEL_TYPES = frozenset(name for family in FAMILIES if SCREENS_TAKE & set(family.reads) for name in family.model_types)


@dataclass(frozen=True)
class Source:
    """A model that is on this machine's disk.

    Unit    loaded_bytes: what it will take in memory.
    """

    ref: ModelRef
    path: Path
    sha256: str | None = None  # of its weights, where they were checked
    note: str = ""

    @property
    def loaded_bytes(self) -> int:
        return claims.count_weights(self.path) * FLOAT_BYTES

    def load(self) -> LoadedModel:
        """Load the model; every error is of a kind that the visitor can read."""
        return load_folder(self.path, self.ref.name, self.ref.revision, sha256=self.sha256, note=self.note)


def find(wanted: Entry | str, revision: str, folder: Path) -> Source | None:
    """Find a model that is here at exactly the commit asked for, without the network."""
    if isinstance(wanted, Entry) and wanted.ready:
        origin = embedded.provenance(wanted.name)
        return Source(ModelRef(wanted.name), embedded.folder(wanted.name), origin.sha256, origin.note["en"])
    here = hub.downloaded(repo_of(wanted), folder, revision) if revision else None
    return None if here is None else Source(ModelRef(name_of(wanted), here.commit), here.path)


def fetch(wanted: Entry | str, revision: str, limits: Limits, token: str | None, run: Run) -> Source:
    """Download a model, reporting bytes; without a revision the newest.

    Raises  ModelError  of the kind that fits.
            Cancelled   when nobody waits any more; Overdue when it takes too long.
    """
    run.report("download")
    try:
        fetched = hub.fetch(
            repo_of(wanted),
            revision=revision or None,
            folder=limits.folder,
            token=token,
            max_bytes=limits.max_model_bytes,
            report=lambda done, total: run.report("download", done, total),
            stopped=run.stopped,
            families=MODEL_TYPES,
            offline=limits.models == "offline",
        )
    except Cancelled:
        run.check()  # tells a visitor who left from a deadline that passed
        raise
    return Source(ModelRef(name_of(wanted), fetched.commit), fetched.path)


def name_of(wanted: Entry | str) -> str:
    """The name that a link and a record carry."""
    return wanted.name if isinstance(wanted, Entry) else wanted


def repo_of(wanted: Entry | str) -> str:
    """The name that the hub knows."""
    return wanted.repo if isinstance(wanted, Entry) else wanted
