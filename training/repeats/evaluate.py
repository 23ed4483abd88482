"""How well Repeats goes on with a series it never saw, and which heads do it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import LlamaForCausalLM

from training.heads import followed, head_named
from training.repeats.learner import UNASKED, series

HELD_OUT = 104  # seed
SERIES = 500
LETTERS, SHORTEST, LONGEST = 48, 4, 20


@dataclass(frozen=True)
class Found:
    """What a model said, and what its heads did.

    Shape   right: share of letters foreseen; previous, induction (layer, head): share of attention.
    """

    right: float
    chance: float
    previous: np.ndarray
    induction: np.ndarray
    even_previous: float
    even_induction: float


def evaluate(folder: Path, count: int = SERIES) -> dict[str, float]:
    """Measure one model in a folder."""
    model = LlamaForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", local_files_only=True
    ).eval()
    found = look(model, count)
    return {
        "next letter foreseen where the series repeats": found.right,
        "a letter of the series taken blindly (chance)": found.chance,
        f"{head_named(found.previous)}: attention to the token before": float(found.previous.max()),
        "even attention to the token before (chance)": found.even_previous,
        f"{head_named(found.induction)}: attention to what followed this letter before": float(found.induction.max()),
        "even attention to what followed (chance)": found.even_induction,
    }


def look(model: LlamaForCausalLM, count: int) -> Found:
    """Show held-out series to a model."""
    rng = np.random.default_rng(HELD_OUT)
    periods = rng.integers(SHORTEST, LONGEST + 1, count)
    batch = series(rng, periods, LETTERS)
    with torch.inference_mode():
        out = model(input_ids=batch["tokens"], use_cache=False, output_attentions=True)
    answers = batch["answers"].numpy()
    asked = answers != UNASKED
    weights = torch.stack(list(out.attentions), dim=1).numpy()  # (series, layer, head, query, key)
    even = np.tri(answers.shape[1], dtype=np.float32) / np.arange(1, 1 + answers.shape[1])[:, None]
    after = followed(batch["tokens"].numpy())
    every = np.arange(1, answers.shape[1])
    return Found(
        right=float((out.logits.argmax(-1).numpy() == answers)[asked].mean()),
        chance=float((1 / periods)[np.nonzero(asked)[0]].mean()),
        previous=weights[:, :, :, every, every - 1].mean(axis=(0, 3)),
        induction=np.einsum("slhqk,sqk->slhq", weights, after).transpose(0, 3, 1, 2)[asked].mean(axis=0),
        even_previous=float(even[every, every - 1].mean()),
        even_induction=float(np.einsum("qk,sqk->sq", even, after)[asked].mean()),
    )
