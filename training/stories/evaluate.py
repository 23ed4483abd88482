"""How well Stories foresees pages it never read, and which of its heads copy."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from transformers import LlamaForCausalLM

from training.heads import followed, head_named
from training.stories.learner import BEGIN_ID
from training.stories.tales import PIECES, pages, tokens

RANDOM = 107  # seed
ROW = 256
TEXTS, SPAN = 50, 40  # series of random tokens, said twice


def evaluate(folder: Path) -> dict[str, float]:
    """Measure the model in a folder."""
    model = LlamaForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", local_files_only=True
    ).eval()
    return foresight(model) | copying(model)


def foresight(model: LlamaForCausalLM) -> dict[str, float]:
    """Measure how surprised it is by the held-out pages, in rows of 256 tokens.

    Unit    perplexity: equally likely tokens; bits: per character, by which models with other pieces can be compared.
    """
    text = tokens(held_out=True)
    cut = text[: len(text) // (ROW - 1) * (ROW - 1)].reshape(-1, ROW - 1)
    given = torch.from_numpy(np.concatenate([np.full_like(cut[:, :1], BEGIN_ID), cut], axis=1))
    total = 0.0
    with torch.inference_mode():
        for part in given.split(8):
            logits = model(input_ids=part, use_cache=False).logits[:, :-1]
            total += float(F.cross_entropy(logits.flatten(0, 1), part[:, 1:].flatten(), reduction="sum"))
    characters = sum(map(len, pages(held_out=True))) * cut.size / len(text)
    return {
        "held-out pages: perplexity a token": float(np.exp(total / cut.size)),
        "held-out pages: bits a character": total / np.log(2) / characters,
    }


def copying(model: LlamaForCausalLM) -> dict[str, float]:
    """Look, on random tokens said twice, for heads that read the token before, and what followed this token before."""
    once = np.random.default_rng(RANDOM).integers(300, PIECES, (TEXTS, SPAN))
    said = np.concatenate([np.full((TEXTS, 1), BEGIN_ID), once, once], axis=1)
    with torch.inference_mode():
        out = model(input_ids=torch.from_numpy(said), use_cache=False, output_attentions=True)
    weights = torch.stack(list(out.attentions), dim=1).numpy()
    every, again = np.arange(1, said.shape[1]), np.arange(1 + SPAN, said.shape[1])
    previous = weights[:, :, :, every, every - 1].mean(axis=(0, 3))
    induction = np.einsum("slhqk,sqk->slhq", weights, followed(said))[..., again].mean(axis=(0, 3))
    return {
        f"{head_named(previous)}: attention to the token before, on random tokens": float(previous.max()),
        "even attention to the token before (chance)": float((1 / (every + 1)).mean()),
        f"{head_named(induction)}: attention to what followed this token before": float(induction.max()),
        "even attention to what followed (chance)": float((1 / (again + 1)).mean()),
        "random tokens said twice: next token foreseen the second time": float(
            (out.logits.argmax(-1).numpy()[:, again[:-1]] == said[:, again[1:]]).mean()
        ),
    }
