"""What models that read one text and write another have in common: how they are fed, and asked."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from training.trainer import Batch


def moved_on(answers: Tensor, start: int) -> Tensor:
    """Say what a decoder has before it at each place: the answers, moved on by the token that starts them.

    Shape   (example, token), as the answers
    """
    return torch.cat([torch.full_like(answers[:, :1], start), answers[:, :-1]], dim=1)


def asked(model: Callable[..., Any], batch: Batch, **options: Any) -> Any:
    """Let a model write what it should, one pass for all places."""
    return model(
        input_ids=batch["texts"],
        attention_mask=batch["seen"],
        decoder_input_ids=batch["before"],
        use_cache=False,
        **options,
    )
