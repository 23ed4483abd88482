"""An input becomes tensors and the axes that name them. Runs no model."""

from collections.abc import Callable
from typing import Any

from attnviz.encode.chat import chat_pieces, encode_chat
from attnviz.encode.encoded import Encoded, check_reads
from attnviz.encode.hearing import encode_sound, encode_sound_and_text
from attnviz.encode.image_text import encode_picture_and_text
from attnviz.encode.pair import encode_pair, pair_pieces
from attnviz.encode.text import encode_text, pieces_of
from attnviz.encode.vision import encode_picture
from attnviz.encode.written import encode_generated
from attnviz.inputs import Chat, Generated, Input, Picture, PictureAndText, Sound, SoundAndText, Text, TextPair
from attnviz.models.loading import LoadedModel

__all__ = ["Encoded", "count", "encode"]

_WAYS: dict[type[Input], Callable[[LoadedModel, Any], Encoded]] = {
    Chat: encode_chat,
    Generated: encode_generated,
    Picture: encode_picture,
    PictureAndText: encode_picture_and_text,
    Sound: encode_sound,
    SoundAndText: encode_sound_and_text,
    Text: encode_text,
    TextPair: encode_pair,
}


def encode(model: LoadedModel, given: Input) -> Encoded:
    """Turn an input into tensors and axes.

    Raises  Unreadable    when the input is not what the model reads, or leaves it nothing to read.
            TooLong       when it exceeds the model's positions.
            ModelRefused  when the tokenizer belongs to another model.
    """
    check_reads(model, given)
    return _WAYS[type(given)](model, given)


def count(model: LoadedModel, given: Input) -> int:
    """Count the tokens of an input without running the model; where it has several axes, those of the longest.

    Raises  Unreadable  when the model does not read it.
    """
    check_reads(model, given)
    match given:
        case Text():
            return len(pieces_of(model, given.text).ids)
        case Chat():
            return len(chat_pieces(model, given)[1].ids)
        case TextPair() if "decoder" not in model.family.stacks:
            return len(pair_pieces(model, given)[1].ids)
    stacks = encode(model, given).sides.values()
    return max(len(axis) for layers in stacks for sides in layers for axis in (sides.queries, sides.keys))
