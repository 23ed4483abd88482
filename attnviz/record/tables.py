"""Weights of a record in the forms that other programs read: a data frame, NumPy's archive, CSV."""

import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from attnviz.axes import Axis
from attnviz.errors import RecordError
from attnviz.record.any_layer import AnyLayer, blocks
from attnviz.record.arrays import span_of
from attnviz.record.csv_table import write_csv
from attnviz.record.writing import beside

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 1_000_000  # of a data frame; it takes about 40 bytes for each weight
MOST_CELLS = 10_000_000  # of a CSV; it takes about 12 bytes for each weight
MOST_WEIGHTS = 250_000_000  # of an archive; 4 bytes for each weight


@dataclass(frozen=True)
class Chosen:
    """Neighbouring queries and keys of one head, checked to exist and to be few enough.

    Raises  RecordError  when the queries or keys do not exist, or meet in more weights than `most`.
    """

    layer: AnyLayer
    head: int
    queries: slice | None
    keys: slice | None
    most: int

    def __post_init__(self) -> None:
        (top, bottom), (left, right) = self.rows, self.cols
        check_count((bottom - top) * (right - left), self.most)

    @property
    def rows(self) -> tuple[int, int]:
        """The first query, and the one after the last."""
        return span_of(self.queries, len(self.layer.queries), "queries")

    @property
    def cols(self) -> tuple[int, int]:
        """The first key, and the one after the last."""
        return span_of(self.keys, len(self.layer.keys), "keys")

    def blocks(self) -> Iterator[np.ndarray]:
        """Make the weights some queries at a time.

        Shape   each (query, key), float32.
        """
        left, right = self.cols
        for start, stop in blocks(*self.rows, right - left):
            yield self.layer.part(self.head, start, stop, left, right)


def check_count(count: int, most: int) -> None:
    """Refuse more weights than were agreed on.

    Raises  RecordError  with both numbers and what to do.
    """
    if count > most:
        raise RecordError(
            "That is {count:,} weights, and {most:,} are allowed. Ask for fewer layers, queries or keys, or raise the "
            "limit.",
            count=count,
            most=most,
        )


def frame(chosen: Chosen) -> "pd.DataFrame":
    """Lay out one weight a row, with the labels and the positions of its query and its key."""
    import pandas as pd  # here, because it is slow to import and a record is read without it

    rows, cols = (np.arange(*ends) for ends in (chosen.rows, chosen.cols))
    queries, keys = _labels(chosen.layer.queries, chosen.rows), _labels(chosen.layer.keys, chosen.cols)
    return pd.DataFrame(
        {
            "query": np.repeat(queries, len(cols)),
            "key": np.tile(keys, len(rows)),
            "query_position": np.repeat(rows, len(cols)),
            "key_position": np.tile(cols, len(rows)),
            "weight": np.concatenate(list(chosen.blocks())).ravel(),
        }
    )


def csv(chosen: Chosen, target: str | Path | IO[str]) -> None:
    """Write one line a query, to a file of its own or into one that is open."""
    with _opened(target) as out:
        rows = (row for block in chosen.blocks() for row in block)
        queries, keys = _labels(chosen.layer.queries, chosen.rows), _labels(chosen.layer.keys, chosen.cols)
        write_csv(out, queries, keys, rows)


def npz(layers: dict[str, AnyLayer], path: Path, most: int) -> None:
    """Write every weight of some named layers, one layer in memory at a time.

    Raises  RecordError  when that is more than `most` weights.
    """
    check_count(sum(layer.heads * len(layer.queries) * len(layer.keys) for layer in layers.values()), most)
    with beside(path) as part, zipfile.ZipFile(part, "w") as archive:
        for name, layer in layers.items():
            arrays = {"": layer.weights(), ".queries": list(layer.queries), ".keys": list(layer.keys)}
            for ending, array in arrays.items():
                with archive.open(f"{name}{ending}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


def _labels(axis: Axis, ends: tuple[int, int]) -> np.ndarray:
    return np.array(list(islice(axis, *ends)), dtype=object)


def _opened(target: str | Path | IO[str]) -> AbstractContextManager[IO[str]]:
    return _written(Path(target)) if isinstance(target, str | Path) else nullcontext(target)


@contextmanager
def _written(path: Path) -> Iterator[IO[str]]:
    with beside(path) as part, part.open("w", encoding="utf-8", newline="") as out:
        yield out
