"""The model of dates that attends as the first ones did, opened once for the lessons."""

import json
from functools import cache

import numpy as np
from safetensors.numpy import load_file

from attnviz.lab.aligner import Aligner
from attnviz.models import embedded

NAME = "dates-additive"


@cache
def aligner() -> Aligner:
    """Open the shipped numbers.

    Raises  ModelNotFound or ModelRefused  when the files are not there as they were published.
    """
    folder = embedded.folder(NAME)
    tables = {name: each.astype(np.float64) for name, each in load_file(folder / embedded.WEIGHTS).items()}
    return Aligner(tables, **json.loads((folder / "tokens.json").read_text(encoding="utf-8")))
