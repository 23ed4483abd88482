"""What a model of text is handed for a row of tokens."""

import inspect

import torch
from torch import Tensor
from transformers import PreTrainedModel


def taken(model: PreTrainedModel, ids: Tensor, *, causal: bool) -> dict[str, Tensor]:
    """Make the tensors that a tokenizer would: the tokens, all of them to be read, all of one segment.

    Shape   ids and each tensor (1, token).
    """
    tensors = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if not causal and "token_type_ids" in inspect.signature(model.forward).parameters:
        tensors["token_type_ids"] = torch.zeros_like(ids)
    return tensors
