"""What a model folder claims, checked before anything is built from it: a lying file must not cost memory or truth."""

import json
import re
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from transformers import PretrainedConfig

from attnviz.errors import ModelRefused

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"

MAX_JSON_BYTES = 32_000_000
MAX_COUNT = 4096  # layers, heads, groups, experts: what a constructor loops over
MAX_LABELS = 100_000  # transformers makes a dictionary of that many entries
MAX_SIZE = 2**31 - 1
COUNTED = re.compile(r"layer|head|group|expert|depth|block")
ROOM = 1.5  # a model may hold this many times the numbers of its file: heads that a checkpoint leaves out


def read_config(folder: Path) -> dict[str, Any]:
    """Read a folder's configuration as plain data, and refuse what must not reach transformers.

    Raises  ModelRefused  when there is none, it is unreadable, brings code, is quantised, or claims absurd sizes.
    """
    config = _json(folder / CONFIG)
    for name in (CONFIG, "tokenizer_config.json", "processor_config.json", "preprocessor_config.json"):
        if (folder / name).is_file() and "auto_map" in _json(folder / name):
            raise ModelRefused(
                "{file} asks to run code that comes with the model (auto_map), and attnviz runs none. Choose a model "
                "that transformers knows by itself.",
                file=name,
            )
    if config.get("quantization_config"):
        raise ModelRefused("The weights are quantised; attnviz reads plain safetensors. Choose the original model.")
    if not isinstance(config.get("model_type"), str):
        raise ModelRefused(
            "{file} does not say of which type the model is (model_type). Choose another model.",
            file=CONFIG,
        )
    for key, value in _numbers(config):
        _check_number(key, value)
    return config


def count_weights(folder: Path) -> int:
    """Count the numbers that a folder's safetensors files hold, from their headers alone.

    Raises  ModelRefused  when there are none, or a file is damaged.
    """
    total = 0
    for path in _weight_files(folder):
        try:
            with safe_open(path, framework="numpy") as opened:
                total += sum(prod(opened.get_slice(name).get_shape()) for name in opened.keys())  # noqa: SIM118
        except (SafetensorError, OSError) as why:
            raise ModelRefused(
                "{file} is damaged ({why}). Fetch the model again.",
                file=path.name,
                why=str(why),
            ) from why
    return total


def check_size(auto_class: Any, config: PretrainedConfig, weights: int) -> None:
    """Refuse a configuration that describes a model much larger than its weights, before memory is taken for it.

    Unit    weights: how many numbers the files hold.
    Raises  ModelRefused  with both numbers.
    """
    if min(counted := _counted(config)) < 1:
        raise ModelRefused(
            "{file} declares {layers} layers of {heads} heads; a model has at least one of each. Choose another model.",
            file=CONFIG,
            layers=counted[0],
            heads=counted[1],
        )
    with torch.device("meta"):
        outline = auto_class.from_config(config, trust_remote_code=False)
    claimed = sum(tensor.numel() for tensor in (*outline.parameters(), *outline.buffers()))
    if claimed > ROOM * weights:
        raise ModelRefused(
            "{file} describes {claimed:,} numbers and the files hold {held:,}. They do not belong together: fetch the "
            "model again, or choose another.",
            file=CONFIG,
            claimed=claimed,
            held=weights,
        )


def _counted(config: PretrainedConfig) -> tuple[int, int]:
    text = config.get_text_config()
    own = text if hasattr(text, "num_hidden_layers") else getattr(text, "encoder_config", text)
    stages = getattr(own, "depths", None)  # towers in stages count layers and heads by stage, and some nowhere else
    layers = own.num_hidden_layers if stages is None else sum(stages)
    heads = own.num_attention_heads
    return int(layers), int(heads) if isinstance(heads, int) else min(heads)


def _weight_files(folder: Path) -> list[Path]:
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    if not (folder / INDEX).is_file():
        raise ModelRefused(
            "{folder} has no {file}. attnviz opens safetensors only: choose another model.",
            folder=folder.name,
            file=WEIGHTS,
        )
    listed = _json(folder / INDEX).get("weight_map")
    names = set(listed.values()) if isinstance(listed, dict) else set()
    for name in names:
        if not isinstance(name, str) or Path(name).name != name or not (folder / name).is_file():
            raise ModelRefused(
                "{file} lists {name!r}, which is not in the folder. Fetch the model again.",
                file=INDEX,
                name=str(name)[:96],
            )
    return [folder / name for name in sorted(names)]


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise ModelRefused(
                "{file} has {size:,} bytes; attnviz reads up to {most:,}. Choose another model.",
                file=path.name,
                size=path.stat().st_size,
                most=MAX_JSON_BYTES,
            )
        read = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as why:
        told = getattr(why, "strerror", None) or str(why)  # a path would tell a visitor where things lie here
        raise ModelRefused(
            "{file} is missing or cannot be read ({why}). Fetch the model again.", file=path.name, why=told
        ) from why
    if not isinstance(read, dict):
        raise ModelRefused(
            "{file} holds {kind}, not settings. Fetch the model again.",
            file=path.name,
            kind=type(read).__name__,
        )
    return read


def _numbers(config: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Find every whole number of a configuration, and the length of every list, with the name it goes by."""
    left: list[tuple[str, Any]] = list(config.items())
    while left:
        key, value = left.pop()
        if isinstance(value, dict):
            left.extend(value.items())
        elif isinstance(value, list):
            yield key, len(value)
            left.extend((key, inner) for inner in value if not isinstance(inner, int))
        elif isinstance(value, int) and not isinstance(value, bool):
            yield key, value


def _check_number(key: str, value: int) -> None:
    most = MAX_COUNT if COUNTED.search(key) else MAX_LABELS if key == "num_labels" else MAX_SIZE
    if abs(value) > most:
        raise ModelRefused(
            "{file} sets {key} to {value:,}; at most {most:,} is believed. Choose another model.",
            file=CONFIG,
            key=key[:96],
            value=value,
            most=most,
        )
