"""The table of a sweep, docs/architectures.md: written from its results, and read back by the tests."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.sweep.trial import FAR_FROM_EVEN, GAINS, REFUSED, UNMADE, VERIFIED, WITHOUT, WRONG

PATH = Path(__file__).parents[2] / "docs" / "architectures.md"
_SAYS = {
    VERIFIED: "every layer equals the model's own eager attention within 1e-5, its rows sum to 1, and the output of "
    "the model is unchanged within 1e-5",
    REFUSED: "attnviz does not draw it, and says why",
    WITHOUT: "nothing in it weighs pairs of positions",
    UNMADE: "no small model of it could be made and run on this machine",
    WRONG: "a map that differs from eager, or an error of attnviz's own: there must be none",
}
_HEAD = "| type | class | stacks: layers, read as | family | reads | weights | output | beside |"


def written(results: Sequence[Mapping[str, Any]], transformers: str, torch: str) -> str:
    """Write the table, the same for the same results, in whatever order they come."""
    own = sorted(results, key=lambda each: each["name"].lower())
    counts = Counter(each["outcome"] for each in own)
    lines = [
        "# Architectures",
        "",
        f"Written by `make sweep`: each of the {len(own)} model types that transformers {transformers} lists in its "
        f"auto mappings, made small with random weights (torch {torch}, float32), held to its own eager attention.",
        "",
        "| outcome | types | |",
        "| --- | ---: | --- |",
        *(f"| {name} | {counts[name]} | {says} |" for name, says in _SAYS.items()),
        "",
        *_notes(own),
    ]
    for name in _SAYS:
        rows = [each for each in own if each["outcome"] == name]
        if rows:
            lines += ["", f"## {name.capitalize()}", "", *(_verified(rows) if name == VERIFIED else _others(rows))]
    return "\n".join(lines) + "\n"


def _notes(results: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    good = [each for each in results if each["outcome"] == VERIFIED]
    named = sum(each["family"] != "" for each in good)
    layers = sum(sum(each["stacks"].values()) for each in good)
    yield (
        f"Of the verified types, {named} are listed in `attnviz/families` and {len(good) - named} are found out when "
        f"they load; together they showed {layers:,} layers. Columns of their table:"
    )
    yield ""
    yield "* *stacks*: how many layers of each, and what is kept: queries and keys (q·k), or the weights alone (w)."
    yield '* *reads*: what the model was given here; one of pictures and text that reads "text" was shown no picture.'
    yield "* *weights*, *output*: largest difference of a weight, and of the output as a share of its largest number."
    yield (
        "* *beside*: softmaxes and kernels in the same pass that are not among these layers, by shape: routers, "
        "approximations, sampled points, or attention that its modules keep to themselves."
    )
    yield (
        f'* There too: "even" where no weight is further than {FAR_FROM_EVEN} from those of an even row, so that the '
        'comparison says little; "unheard" where layers show weights that no softmax of the pass made; "drawn again" '
        "where rounding grew too much from layer to layer, and the random weights were drawn a third as wide."
    )


def _verified(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield _HEAD
    yield "|" + " --- |" * (_HEAD.count("|") - 1)
    for each in rows:
        stacks = ", ".join(f"{name} {count} {_how(each['how'][name])}" for name, count in each["stacks"].items())
        cells = (
            f"`{each['name']}`",
            each["model"],
            stacks,
            each["family"] or "found out",
            each["given"],
            _power(each["apart"]),
            _power(each["output"]),
            _beside(each),
        )
        yield "| " + " | ".join(cells) + " |"


def _how(told: str) -> str:
    return told.replace("q, k", "q·k").replace("weights", "w")


def _beside(result: Mapping[str, Any]) -> str:
    counts = Counter(result["beside"])
    told = [shape if count == 1 else f"{count} × {shape}" for shape, count in list(counts.items())[:4]]
    told += [f"{len(counts) - 4} more"] if len(counts) > 4 else []
    notes = ["even"] if result["uneven"] <= FAR_FROM_EVEN else []
    notes += [f"{result['unheard']} unheard"] if result["unheard"] else []
    notes += ["drawn again"] if result["gain"] < GAINS[0] else []
    return ", ".join(notes + told)


def _power(number: float) -> str:
    """Round up to a power of ten: what is behind it differs from machine to machine."""
    return "0" if number == 0 else f"1e{math.ceil(math.log10(number))}"


def _others(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield "| type | reason |"
    yield "| --- | --- |"
    for each in rows:
        yield f"| `{each['name']}` | {_told(each['reason'])} |"


def _told(reason: str) -> str:
    """Keep a cell in one line, without the step that every reason ends with."""
    return reason.removesuffix(" Choose another model.").replace("|", "/")


def read(text: str) -> tuple[dict[str, int], dict[str, str]]:
    """Read a table back: how many types it counts for each outcome, and the outcome of each type."""
    counted = {name: int(count) for name, count in re.findall(r"^\| ([a-z ]+) \| (\d+) \|", text, re.MULTILINE)}
    found = {}
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        outcome = section.partition("\n")[0].lower()
        found |= dict.fromkeys(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE), outcome)
    return counted, found
