"""A text becomes tensors for the model and the axis that names its tokens."""

import torch

from attnviz.encode.encoded import Encoded, alike
from attnviz.encode.tokens import Pieces, cut, name
from attnviz.errors import ModelRefused, TooLong, Unreadable
from attnviz.inputs import Text
from attnviz.models.loading import LoadedModel
from attnviz.models.probe import vocabulary
from attnviz.models.taken import taken

UNREAD = frozenset({"image"})  # stacks that a text alone does not reach


def encode_text(model: LoadedModel, given: Text) -> Encoded:
    """Turn one text into tensors and axes.

    Raises  Unreadable    when the text leaves the model no token.
            TooLong       when the tokens exceed the model's positions.
            ModelRefused  when the tokenizer belongs to another model.
    """
    return encode_pieces(model, given.text, pieces_of(model, given.text))


def encode_pieces(model: LoadedModel, text: str, pieces: Pieces, **more: torch.Tensor) -> Encoded:
    """Turn the pieces of a text into tensors, `more` of them beside, and axes.

    Raises  Unreadable, TooLong, ModelRefused  as `encode_text` does.
    """
    check_pieces(model, pieces)
    tokens = name(model.processor, text, pieces)
    sides = {stack: alike(model, stack, tokens, tokens) for stack in model.family.stacks if stack not in UNREAD}
    return Encoded({**_tensors(model, pieces), **more}, sides)


def pieces_of(model: LoadedModel, text: str) -> Pieces:
    """Cut a text into the pieces that the model knows.

    Raises  Unreadable  when the text is none.
    """
    check_text(text)
    return cut(model.processor, text)


def check_text(text: str) -> None:
    """Refuse what is no text.

    Raises  Unreadable  with the place where it ends to be one.
    """
    try:
        text.encode()
    except UnicodeEncodeError as why:
        raise Unreadable(
            "Character {place:,} of the text is half of a surrogate pair, so no text. Delete it.", place=why.start + 1
        ) from why


def check_pieces(model: LoadedModel, pieces: Pieces) -> None:
    """Refuse what the model could not read.

    Raises  Unreadable, TooLong, ModelRefused  as `encode_text` does.
    """
    check_read(model, pieces, model.positions)


def check_read(model: LoadedModel, pieces: Pieces, limit: int | None) -> None:
    """Refuse what a part of a model with so many positions could not read.

    Raises  Unreadable, TooLong, ModelRefused  as `encode_text` does.
    """
    total = len(pieces.ids)
    if total == 0:
        raise Unreadable(
            "The text leaves {model} no token to read. Write at least one character.",
            model=model.name,
        )
    if limit is not None and total > limit:
        raise TooLong(
            "The text has {count:,} tokens and {model} reads {limit:,}. Shorten it by {excess:,}, or choose a model "
            "with a longer window.",
            count=total,
            model=model.name,
            limit=limit,
            excess=total - limit,
        )
    _check_known(model, pieces)


def _check_known(model: LoadedModel, pieces: Pieces) -> None:
    words = _words(model)
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


def _words(model: LoadedModel) -> int:
    """Count the tokens that a model knows."""
    try:
        return int(model.backbone.get_input_embeddings().weight.shape[0])
    except NotImplementedError:  # as transformers says of two towers
        return vocabulary(model.model)


def _tensors(model: LoadedModel, pieces: Pieces) -> dict[str, torch.Tensor]:
    ids = torch.tensor([pieces.ids], dtype=torch.long)
    return taken(model.backbone, ids, causal=model.family.causal)
