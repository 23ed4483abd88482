"""A text becomes tensors for the model and the axis that names its tokens."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from attnviz.axes import Axis
from attnviz.encode.tokens import Pieces, cut, name
from attnviz.errors import ModelRefused, TooLong, Unreadable
from attnviz.inputs import Input, Text
from attnviz.models.loading import LoadedModel
from attnviz.models.taken import taken


@dataclass(frozen=True, eq=False)
class Encoded:
    """An input as a model takes it, and the names of its positions.

    Shape   tensors (1, token); axes: stack -> (queries, keys).
    """

    tensors: Mapping[str, torch.Tensor]
    axes: Mapping[str, tuple[Axis, Axis]]


def encode(model: LoadedModel, given: Input) -> Encoded:
    """Turn an input into tensors and axes.

    Raises  Unreadable    when the input is not what the model reads, or leaves it no token.
            TooLong       when the tokens exceed the model's positions.
            ModelRefused  when the tokenizer belongs to another model.
    """
    pieces = _pieces(model, given)
    total = len(pieces.ids)
    if total == 0:
        raise Unreadable(
            "The text leaves {model} no token to read. Write at least one character.",
            model=model.name,
        )
    if model.positions is not None and total > model.positions:
        raise TooLong(
            "The text has {count:,} tokens and {model} reads {limit:,}. Shorten it by {excess:,}, or choose a model "
            "with a longer window.",
            count=total,
            model=model.name,
            limit=model.positions,
            excess=total - model.positions,
        )
    _check_known(model, pieces)
    tokens = name(model.processor, given.text, pieces)
    return Encoded(_tensors(model, pieces), dict.fromkeys(model.family.stacks, (tokens, tokens)))


def count(model: LoadedModel, given: Input) -> int:
    """Count the tokens of an input without running the model.

    Raises  Unreadable  when the input is not what the model reads.
    """
    return len(_pieces(model, given).ids)


def _pieces(model: LoadedModel, given: Input) -> Pieces:
    if not isinstance(given, Text):
        raise Unreadable(
            "{model} reads text; this is {kind}. Give it attnviz.Text('…').",
            model=model.name,
            kind=type(given).__name__,
        )
    try:
        given.text.encode()
    except UnicodeEncodeError as why:
        raise Unreadable(
            "Character {place:,} of the text is half of a surrogate pair, so no text. Delete it.", place=why.start + 1
        ) from why
    return cut(model.processor, given.text)


def _check_known(model: LoadedModel, pieces: Pieces) -> None:
    words = int(model.backbone.get_input_embeddings().weight.shape[0])
    position = max(range(len(pieces.ids)), key=pieces.ids.__getitem__)
    if pieces.ids[position] >= words:
        raise ModelRefused(
            "The tokenizer of {model} gives {token!r} the number {number:,} and the model knows {words:,} tokens: the "
            "two do not belong together. Choose another model.",
            model=model.name,
            token=pieces.raw[position],
            number=pieces.ids[position],
            words=words,
        )


def _tensors(model: LoadedModel, pieces: Pieces) -> dict[str, torch.Tensor]:
    ids = torch.tensor([pieces.ids], dtype=torch.long)
    return taken(model.backbone, ids, causal=model.family.causal)
