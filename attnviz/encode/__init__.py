"""An input becomes tensors and the axes that name them. Runs no model."""

from collections.abc import Callable
from typing import Any

from attnviz.encode.encoded import Encoded, check_reads
from attnviz.encode.text import encode_text, pieces_of
from attnviz.encode.vision import encode_picture
from attnviz.inputs import Input, Picture, Text
from attnviz.models.loading import LoadedModel

__all__ = ["Encoded", "count", "encode"]

_WAYS: dict[type[Input], Callable[[LoadedModel, Any], Encoded]] = {
    Picture: encode_picture,
    Text: encode_text,
}


def encode(model: LoadedModel, given: Input) -> Encoded:
    """Turn an input into tensors and axes.

    Raises  Unreadable    when the input is not what the model reads, or leaves it nothing to read.
            TooLong       when it exceeds the model's positions.
            ModelRefused  when the tokenizer belongs to another model.
    """
    check_reads(model, given)
    return _WAYS[type(given)](model, given)


def count(model: LoadedModel, given: Text) -> int:
    """Count the tokens of a text without running the model.

    Raises  Unreadable  when the model reads none, or the text is none.
    """
    check_reads(model, given)
    return len(pieces_of(model, given.text).ids)
