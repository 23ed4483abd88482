"""One bertviz page, made in a process of its own: `python -m benchmarks.bertviz_page head_view 64 FILE` writes it."""

import json
import sys
import time
from pathlib import Path

import bertviz
import torch

import attnviz
from attnviz.encode import encode
from benchmarks.material import text_of


def write(view: str, tokens: int, page: Path) -> float:
    """Write the page that a notebook would show, and give the seconds that bertviz took for it."""
    model = attnviz.load("minilm")
    model.model.set_attn_implementation("eager")
    given = attnviz.Text(text_of(tokens))
    encoded = encode(model, given)
    with torch.inference_mode():
        attentions = model.backbone(**encoded.tensors, output_attentions=True).attentions
    labels = model.processor.convert_ids_to_tokens(encoded.tensors["input_ids"][0].tolist())
    start = time.perf_counter()
    html = getattr(bertviz, view)(attentions, labels, html_action="return").data
    seconds = time.perf_counter() - start
    page.write_text(f"<!doctype html><meta charset=utf-8><body>{html}", encoding="utf-8")
    return seconds


if __name__ == "__main__":
    print(json.dumps(write(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))))
