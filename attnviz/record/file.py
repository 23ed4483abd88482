"""A record as one safetensors file: arrays as tensors, all else as JSON in the header.

A tensor that layers share, such as a mask, is written once. bfloat16 travels as its bit patterns, in uint16. A digest
of all of it tells a file that was changed from the one that was saved.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from attnviz.axes import Axis
from attnviz.errors import RecordError
from attnviz.inputs import Input
from attnviz.record import checked
from attnviz.record.any_layer import AnyLayer
from attnviz.record.arrays import sealed
from attnviz.record.attention_record import AttentionRecord, ModelFacts
from attnviz.record.file_axes import axis_facts, read_axis
from attnviz.record.file_inputs import input_facts, read_input
from attnviz.record.kept import KeptLayer
from attnviz.record.layer import Layer
from attnviz.record.visibility import Bits, Grouped, Intervals, Visibility
from attnviz.record.windowed import WindowedLayer
from attnviz.record.writing import beside

SCHEMA = 3
SCHEMAS = (1, 2, 3)  # 1 had no digest and no kept weights, 2 texts alone; a file of any schema opens for ever
ENTRY, DIGEST = "attnviz", "attnviz.sha256"
MAX_HEADER_BYTES = 32 * 2**20  # axes of 300,000 tokens; JSON grows about twentyfold when it is read
MAX_SPOKEN = 256  # times the file's own size that its layers may speak of: no model has more layers to share arrays

NOT_A_RECORD = (SafetensorError, OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
Parts = tuple[ModelFacts, Input, dict[str, tuple[AnyLayer, ...]]]


def save(record: AttentionRecord, path: Path) -> None:
    """Write a record, all of it or nothing.

    Raises  RecordError  when its input or axes are too long, or not such that they would be read again.
    """
    writer = _Writer()
    facts = {
        "schema": SCHEMA,
        "model": asdict(record.model),
        "given": input_facts(record.given, writer.keep),
        "stacks": {
            name: [writer.layer(layer, f"{name}.{index}") for index, layer in enumerate(own)]
            for name, own in record.layers.items()
        },
        "axes": [axis_facts(axis) for axis in writer.axes],
    }
    header = json.dumps(facts, allow_nan=False)
    _check_header(len(json.dumps(header)))
    _check_reading(json.loads(header), writer.tensors)
    with beside(path) as part:
        save_file(writer.tensors, part, metadata={ENTRY: header, DIGEST: _digest(header, writer.tensors)})


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
            tensors = {name: sealed(opened.get_tensor(name)) for name in opened.keys()}  # noqa: SIM118  no mapping
            return _Reader(_header(opened.metadata() or {}, tensors), tensors, size).parts()
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
        facts = {
            "queries": self._axis(layer.queries),
            "keys": self._axis(layer.keys),
            "arrays": self._tensors(layer.arrays, prefix),
        }
        if isinstance(layer, WindowedLayer):  # its weights tell its mask
            return facts
        compared = {"scaling": layer.scaling, "softcap": layer.softcap} if isinstance(layer, Layer) else {}
        mask = {"keys": layer.visible.keys, "arrays": self._tensors(layer.visible.arrays, f"{prefix}.mask")}
        return {**facts, **compared, "mask": mask}

    def keep(self, name: str, array: np.ndarray) -> str:
        if id(array) not in self._names:
            self._names[id(array)] = name
            self.tensors[name] = array  # which keeps it alive, and so its id its own
        return self._names[id(array)]

    def _tensors(self, arrays: dict[str, np.ndarray], prefix: str) -> dict[str, str]:
        return {name: self.keep(f"{prefix}.{name}", array) for name, array in arrays.items()}

    def _axis(self, axis: Axis) -> int:
        if axis not in self.axes:
            self.axes.append(axis)
        return self.axes.index(axis)


class _Reader:
    """Turns the header of an opened file back into values; anything unexpected is a RecordError or a plain error."""

    def __init__(self, facts: dict[str, Any], arrays: Mapping[str, np.ndarray], size: int) -> None:
        self._facts = facts
        self._axes = [read_axis(each) for each in checked.a(list, facts["axes"])]
        self._arrays = arrays
        self._left = MAX_SPOKEN * size

    def parts(self) -> Parts:
        stacks = checked.a(dict, self._facts["stacks"])
        layers = {
            checked.text(name): tuple(self._layer(facts) for facts in checked.a(list, own))
            for name, own in stacks.items()
        }
        given = read_input(checked.a(dict, self._facts["given"]), self._tensor)
        return _model(checked.a(dict, self._facts["model"])), given, layers

    def _layer(self, facts: dict[str, Any]) -> AnyLayer:
        queries, keys = (self._axes[checked.count(facts[side])] for side in ("queries", "keys"))
        if "where" in checked.a(dict, facts["arrays"]):
            return WindowedLayer(queries, keys, **self._tensors(facts["arrays"], {"kept", "where"}))
        if "kept" in facts["arrays"]:
            kept = self._tensors(facts["arrays"], {"kept"})
            return KeptLayer(queries, keys, visible=self._mask(facts["mask"]), **kept)
        arrays = self._tensors(facts["arrays"], {"q", "k", "sinks", "bias"})
        return Layer(
            queries=queries,
            keys=keys,
            scaling=checked.number(facts["scaling"]),
            softcap=None if facts["softcap"] is None else checked.number(facts["softcap"]),
            visible=self._mask(facts["mask"]),
            **arrays,
        )

    def _mask(self, facts: dict[str, Any]) -> Visibility:
        arrays = self._tensors(facts["arrays"], {"low", "high", "bits", "groups"})
        kind = Bits if "bits" in arrays else Grouped if "groups" in arrays else Intervals
        return kind(checked.count(facts["keys"]), **arrays)

    def _tensors(self, names: dict[str, str], allowed: set[str]) -> dict[str, np.ndarray]:
        if not set(checked.a(dict, names)) <= allowed:
            raise RecordError(
                "A layer keeps {kept}; the file speaks of {found}.",
                kept=sorted(allowed),
                found=sorted(names),
            )
        return {field: self._tensor(checked.text(name)) for field, name in names.items()}

    def _tensor(self, name: str) -> np.ndarray:
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


def _check_reading(facts: dict[str, Any], tensors: Mapping[str, np.ndarray]) -> None:
    """Read what is about to be written: a file that would be refused is not made."""
    for axis in facts["axes"]:
        read_axis(axis)
    read_input(facts["given"], tensors.__getitem__)


def _header(metadata: Mapping[str, str], tensors: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Read what the header says, once it is seen to be what was saved."""
    facts = checked.a(dict, json.loads(metadata.get(ENTRY, "null"), parse_constant=checked.no_constant))
    if facts["schema"] not in SCHEMAS:
        raise RecordError(
            "The record has schema {schema!r}; this version of attnviz reads {known}.",
            schema=facts["schema"],
            known=" and ".join(map(str, SCHEMAS)),
        )
    if facts["schema"] > 1 and metadata.get(DIGEST) != _digest(metadata[ENTRY], tensors):
        raise RecordError("The record was changed after it was saved: its digest does not fit. Save it again.")
    return facts


def _digest(header: str, tensors: Mapping[str, np.ndarray]) -> str:
    """Sum up a header and every tensor by name, type, shape and numbers."""
    own = hashlib.sha256(header.encode())
    for name in sorted(tensors):
        array = tensors[name]
        own.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        own.update(array.data)
    return own.hexdigest()


def _model(facts: dict[str, Any]) -> ModelFacts:
    kept = {name: checked.text(facts[name]) for name in ("name", "revision", "model_type", "dtype", "note")}
    sha256 = None if facts["sha256"] is None else checked.text(facts["sha256"])
    rotary = facts.get("rotary")  # this and what was left out are told by newer files alone
    return ModelFacts(
        **kept,
        sha256=sha256,
        layers=checked.count(facts["layers"]),
        heads=checked.count(facts["heads"]),
        rotary=None if rotary is None else checked.a(bool, rotary),
        left_out=checked.each(_left_out, facts.get("left_out", [])),
    )


def _left_out(value: Any) -> tuple[int, str]:
    place, kind = checked.a(list, value)
    return checked.count(place), checked.text(kind)
