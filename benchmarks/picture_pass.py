"""Passes over one picture, in a process of their own: `python -m benchmarks.picture_pass bytes DINOv2-S eager`."""

import ctypes
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from transformers import BitImageProcessorPil, Dinov2Config, Dinov2Model, ViTConfig, ViTImageProcessorPil, ViTModel

import attnviz
from attnviz.encode import encode
from attnviz.inputs import Picture
from attnviz.models.loading import LoadedModel
from benchmarks.one_pass import peak_of

ROUNDS = 7
PHOTO = (480, 640)  # height, width
IMPLEMENTATIONS = {"plain": "sdpa", "capture": "attnviz", "eager": "eager"}


def vit_b() -> LoadedModel:
    """Make a ViT-B/16 of random numbers, at 224 pixels."""
    torch.manual_seed(0)
    return attnviz.wrap(ViTModel(ViTConfig()).eval(), ViTImageProcessorPil(size={"height": 224, "width": 224}))


def dinov2_s() -> LoadedModel:
    """Make a DINOv2-S/14 of random numbers, at 518 pixels."""
    torch.manual_seed(0)
    own = Dinov2Config(hidden_size=384, num_attention_heads=6, num_hidden_layers=12, image_size=518, patch_size=14)
    crop = {"height": 518, "width": 518}
    return attnviz.wrap(Dinov2Model(own).eval(), BitImageProcessorPil(size={"shortest_edge": 518}, crop_size=crop))


MODELS: dict[str, Callable[[], LoadedModel]] = {"ViT-B/16": vit_b, "DINOv2-S": dinov2_s}


def plain(model: LoadedModel, given: Picture) -> object:
    """Run the model as anyone would who wants its output."""
    with torch.inference_mode():
        return model.forward(**encode(model, given).tensors)


def eager(model: LoadedModel, given: Picture) -> object:
    """Run the model with eager attention and take every weight it hands out."""
    with torch.inference_mode():
        attentions = model.backbone(**encode(model, given).tensors, output_attentions=True).attentions
    if len(attentions) != model.facts.layers:
        raise SystemExit(f"Eager attention gave {len(attentions)} of {model.facts.layers} layers.")
    return attentions


PASSES: dict[str, Callable[[LoadedModel, Picture], object]] = {
    "plain": plain,
    "capture": attnviz.capture,
    "eager": eager,
}


def seconds(model: LoadedModel, names: list[str]) -> dict[str, float]:
    """Run the passes by turns, several rounds, and give the middle of each.

    Unit    seconds
    """
    found: dict[str, list[float]] = {name: [] for name in names}
    for take in range(ROUNDS):
        given = photo(take)
        for name in names:
            model.model.set_attn_implementation(IMPLEMENTATIONS[name])
            start = time.process_time()
            PASSES[name](model, given)
            found[name].append(time.process_time() - start)
    return {name: statistics.median(each) for name, each in found.items()}


def peak(model: LoadedModel, names: list[str]) -> dict[str, float]:
    """Run one pass once, and give its peak above the loaded model, with what it keeps.

    Unit    bytes
    """
    (name,) = names
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what loading put away would hold much of what is measured, and hide it
    model.model.set_attn_implementation(IMPLEMENTATIONS[name])
    return {name: peak_of(partial(PASSES[name], model, photo(0)))}


def kept(model: LoadedModel, names: list[str]) -> dict[str, float]:
    """Run one pass once, and count what it keeps of attention.

    Unit    bytes
    """
    (name,) = names
    model.model.set_attn_implementation(IMPLEMENTATIONS[name])
    found: Any = PASSES[name](model, photo(0))
    return {name: found.nbytes if name == "capture" else sum(weights.nbytes for weights in found)}


def photo(take: int) -> Picture:
    """Make a picture of noise, another one each time."""
    pixels = np.random.default_rng(take).integers(0, 256, (*PHOTO, 3), np.uint8)
    return Picture(PHOTO, pixels.tobytes())


def main(what: str, kind: str, names: list[str]) -> dict[str, float]:
    """Measure one model after a pass of each kind over a picture that is not counted."""
    torch.set_num_threads(1)  # the other core is for whatever else this machine does
    model = MODELS[kind]()
    for name in names:
        model.model.set_attn_implementation(IMPLEMENTATIONS[name])
        PASSES[name](model, photo(ROUNDS))
    return {"seconds": seconds, "bytes": peak, "kept": kept}[what](model, names)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], sys.argv[3:] or list(PASSES))))
