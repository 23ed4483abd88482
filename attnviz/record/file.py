"""A record as one safetensors file: arrays as tensors, all else as JSON in the header.

A tensor that layers share, such as a mask, is written once. bfloat16 travels as its bit patterns, in uint16.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from attnviz.axes import Axis, Tokens
from attnviz.errors import RecordError
from attnviz.inputs import Text
from attnviz.record.any_layer import AnyLayer
from attnviz.record.arrays import sealed
from attnviz.record.attention_record import AttentionRecord, ModelFacts
from attnviz.record.kept import KeptLayer
from attnviz.record.layer import Layer
from attnviz.record.visibility import Bits, Intervals, Visibility
from attnviz.record.writing import beside

SCHEMA = 2
SCHEMAS = (1, 2)  # 1 had layers of queries and keys alone; a file of any schema opens for ever
ENTRY = "attnviz"
MAX_HEADER_BYTES = 32 * 2**20  # axes of 300,000 tokens; JSON grows about twentyfold when it is read
MAX_SPOKEN = 64  # how many times the file's own size its layers may speak of, as they do when they share arrays

T = TypeVar("T")
NOT_A_RECORD = (SafetensorError, OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
Parts = tuple[ModelFacts, Text, dict[str, tuple[AnyLayer, ...]]]


def save(record: AttentionRecord, path: Path) -> None:
    """Write a record, all of it or nothing.

    Raises  RecordError  when its axes are too long for a header that would be read again.
    """
    writer = _Writer()
    facts = {
        "schema": SCHEMA,
        "model": asdict(record.model),
        "given": {"kind": "text", "text": record.given.text},
        "stacks": {
            name: [writer.layer(layer, f"{name}.{index}") for index, layer in enumerate(own)]
            for name, own in record.layers.items()
        },
        "axes": [_axis_facts(axis) for axis in writer.axes],
    }
    header = json.dumps(facts, allow_nan=False)
    _check_header(len(json.dumps(header)))
    with beside(path) as part:
        save_file(writer.tensors, part, metadata={ENTRY: header})


def read(path: Path, max_bytes: int | None = None) -> Parts:
    """Read the parts of a record, believing nothing that is not checked.

    Raises  RecordError  when the file is missing, too large, damaged, of another schema, or says what cannot be.
    """
    if not path.is_file():
        raise RecordError(
            "There is no record at {path}. Check its name.",
            path=path,
        )
    size = path.stat().st_size
    if max_bytes is not None and size > max_bytes:
        raise RecordError(
            "The record has {size:,} bytes and {allowed:,} are allowed. Open it where there is room.",
            size=size,
            allowed=max_bytes,
        )
    try:
        with path.open("rb") as file:
            _check_header(int.from_bytes(file.read(8), "little"))
        with safe_open(path, framework="numpy") as opened:
            return _Reader(opened, size).parts()
    except RecordError:
        raise
    except NOT_A_RECORD as why:
        raise RecordError(
            "{file} is damaged or is no attnviz record ({why}). Save it again.",
            file=path.name,
            why=str(why),
        ) from why
    except RecursionError as why:
        raise RecordError(
            "{file} is nested too deeply to be an attnviz record. Open another file.",
            file=path.name,
        ) from why


class _Writer:
    """Collects tensors and axes, each once however many layers share it."""

    def __init__(self) -> None:
        self.tensors: dict[str, np.ndarray] = {}
        self.axes: list[Axis] = []
        self._names: dict[int, str] = {}

    def layer(self, layer: AnyLayer, prefix: str) -> dict[str, Any]:
        compared = {"scaling": layer.scaling, "softcap": layer.softcap} if isinstance(layer, Layer) else {}
        return {
            "queries": self._axis(layer.queries),
            "keys": self._axis(layer.keys),
            **compared,
            "arrays": self._tensors(layer.arrays, prefix),
            "mask": {"keys": layer.visible.keys, "arrays": self._tensors(layer.visible.arrays, f"{prefix}.mask")},
        }

    def _tensors(self, arrays: dict[str, np.ndarray], prefix: str) -> dict[str, str]:
        for name, array in arrays.items():
            if id(array) not in self._names:
                self._names[id(array)] = f"{prefix}.{name}"
                self.tensors[f"{prefix}.{name}"] = array
        return {name: self._names[id(array)] for name, array in arrays.items()}

    def _axis(self, axis: Axis) -> int:
        if axis not in self.axes:
            self.axes.append(axis)
        return self.axes.index(axis)


class _Reader:
    """Turns the header of an opened file back into values; anything unexpected is a RecordError or a plain error."""

    def __init__(self, opened: Any, size: int) -> None:
        self._opened = opened
        self._left = MAX_SPOKEN * size
        self._facts = _header(opened.metadata())
        self._axes = [_axis(facts) for facts in _a(list, self._facts["axes"])]
        self._arrays: dict[str, np.ndarray] = {}

    def parts(self) -> Parts:
        given = _a(dict, self._facts["given"])
        if given["kind"] != "text":
            raise RecordError(
                "This version of attnviz reads records of text, not of {kind!r}.",
                kind=given["kind"],
            )
        stacks = _a(dict, self._facts["stacks"])
        layers = {_text(name): tuple(self._layer(facts) for facts in _a(list, own)) for name, own in stacks.items()}
        return _model(_a(dict, self._facts["model"])), Text(_text(given["text"])), layers

    def _layer(self, facts: dict[str, Any]) -> AnyLayer:
        queries, keys = (self._axes[_count(facts[side])] for side in ("queries", "keys"))
        if "kept" in _a(dict, facts["arrays"]):
            kept = self._tensors(facts["arrays"], {"kept"})
            return KeptLayer(queries, keys, visible=self._mask(facts["mask"]), **kept)
        arrays = self._tensors(facts["arrays"], {"q", "k", "sinks", "bias"})
        return Layer(
            queries=queries,
            keys=keys,
            scaling=_number(facts["scaling"]),
            softcap=None if facts["softcap"] is None else _number(facts["softcap"]),
            visible=self._mask(facts["mask"]),
            **arrays,
        )

    def _mask(self, facts: dict[str, Any]) -> Visibility:
        arrays = self._tensors(facts["arrays"], {"low", "high", "bits"})
        return (Bits if "bits" in arrays else Intervals)(_count(facts["keys"]), **arrays)

    def _tensors(self, names: dict[str, str], allowed: set[str]) -> dict[str, np.ndarray]:
        if not set(_a(dict, names)) <= allowed:
            raise RecordError(
                "A layer keeps {kept}; the file speaks of {found}.",
                kept=sorted(allowed),
                found=sorted(names),
            )
        return {field: self._tensor(_text(name)) for field, name in names.items()}

    def _tensor(self, name: str) -> np.ndarray:
        if name not in self._arrays:
            self._arrays[name] = sealed(self._opened.get_tensor(name))
        self._left -= self._arrays[name].nbytes
        if self._left < 0:
            raise RecordError(
                "The layers speak of more than {times} times what the file holds. Open another file.",
                times=MAX_SPOKEN,
            )
        return self._arrays[name]


def _check_header(length: int) -> None:
    if length > MAX_HEADER_BYTES:
        raise RecordError(
            "The header of the record takes {length:,} bytes and {most:,} are read. Keep fewer positions.",
            length=length,
            most=MAX_HEADER_BYTES,
        )


def _header(metadata: dict[str, str] | None) -> dict[str, Any]:
    facts = _a(dict, json.loads((metadata or {}).get(ENTRY, "null"), parse_constant=_no_constant))
    if facts["schema"] not in SCHEMAS:
        raise RecordError(
            "The record has schema {schema!r}; this version of attnviz reads {known}.",
            schema=facts["schema"],
            known=" and ".join(map(str, SCHEMAS)),
        )
    return facts


def _model(facts: dict[str, Any]) -> ModelFacts:
    kept = {name: _text(facts[name]) for name in ("name", "revision", "model_type", "dtype", "note")}
    sha256 = None if facts["sha256"] is None else _text(facts["sha256"])
    return ModelFacts(**kept, sha256=sha256, layers=_count(facts["layers"]), heads=_count(facts["heads"]))


def _axis_facts(axis: Axis) -> dict[str, Any]:
    if not isinstance(axis, Tokens):
        raise RecordError(
            "This version of attnviz saves axes of tokens, not {kind}.",
            kind=type(axis).__name__,
        )
    return {"kind": "tokens", **asdict(axis)}


def _axis(facts: dict[str, Any]) -> Tokens:
    if facts["kind"] != "tokens":
        raise RecordError(
            "This version of attnviz reads axes of tokens, not of {kind!r}.",
            kind=facts["kind"],
        )
    source = _text(facts["source"])
    return Tokens(
        source=source,
        labels=_each(_text, facts["labels"]),
        raw=_each(_text, facts["raw"]),
        spans=_each(lambda span: None if span is None else _span(span, len(source)), facts["spans"]),
        special=_each(lambda flag: _a(bool, flag), facts["special"]),
        words=_each(lambda word: None if word is None else _count(word), facts["words"]),
    )


def _each(check: Callable[[Any], T], values: Any) -> tuple[T, ...]:
    return tuple(check(value) for value in _a(list, values))


def _a(kind: type[T], value: Any) -> T:
    if not isinstance(value, kind):
        raise RecordError(
            "The header holds {found} where {kind} belongs.",
            found=type(value).__name__,
            kind=kind.__name__,
        )
    return value


def _text(value: Any) -> str:
    _a(str, value).encode()  # half a surrogate pair is no text and could not be sent to a browser
    return str(value)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise RecordError("The header holds {value!r} where a count belongs.", value=value)
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RecordError("The header holds {value!r} where a number belongs.", value=value)
    return float(value)


def _span(value: Any, length: int) -> tuple[int, int]:
    start, stop = (_count(end) for end in _a(list, value))
    if not start <= stop <= length:
        raise RecordError(
            "A token spans {start} to {stop} of a text of {length} characters.",
            start=start,
            stop=stop,
            length=length,
        )
    return start, stop


def _no_constant(name: str) -> float:
    raise RecordError(
        "The header holds {name}, which is no number.",
        name=name,
    )
