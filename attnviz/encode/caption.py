"""A picture and what a model is to write of it: each row of the decoder is named by the token that it writes."""

import torch

from attnviz.axes import Axis, Sides, Tokens
from attnviz.encode.encoded import Encoded, alike
from attnviz.encode.sight import sight_of
from attnviz.encode.text import check_pieces, pieces_of
from attnviz.encode.tokens import Pieces, name
from attnviz.errors import ModelRefused
from attnviz.inputs import PictureAndText
from attnviz.models.loading import LoadedModel


def encode_caption(model: LoadedModel, given: PictureAndText) -> Encoded:
    """Turn a picture and its caption into tensors and axes: row i of the decoder predicts token i + 1.

    Raises  Unreadable    when the text leaves the model no token.
            TooLong       when the tokens exceed the model's positions.
            ModelRefused  when nobody says with which token the model begins to write.
    """
    sight = sight_of(model, model.model.config.encoder, given.picture, model.backbone.get_encoder().forward)
    pieces = pieces_of(model, given.text)
    check_pieces(model, pieces)
    written, read = shifted(model, given.text, pieces)
    start = start_of(model)
    seen = sight.stacks["self"][-1].queries
    sides: dict[str, tuple[Sides, ...]] = {
        "encoder": sight.stacks["self"],
        "decoder": alike(model, "decoder", written, read),
        "cross": alike(model, "cross", written, seen),
    }
    ids = torch.tensor([(start, *pieces.ids[:-1])], dtype=torch.long)
    return Encoded({**sight.tensors, "decoder_input_ids": ids, "decoder_attention_mask": torch.ones_like(ids)}, sides)


def shifted(model: LoadedModel, text: str, pieces: Pieces) -> tuple[Tokens, Axis]:
    """Name the tokens that a decoder writes, and those that it reads to write them: a start, then all but the last."""
    start = start_of(model)
    raw = str(model.processor.convert_ids_to_tokens(start) or start)
    read = Pieces(
        (start, *pieces.ids[:-1]),
        (raw, *pieces.raw[:-1]),
        (None, *pieces.spans[:-1]),
        (True, *pieces.added[:-1]),
    )
    return name(model.processor, text, pieces), name(model.processor, text, read)


def start_of(model: LoadedModel) -> int:
    """Find the token with which a model begins to write.

    Raises  ModelRefused  when neither its configuration nor that of its decoder says.
    """
    config = model.model.config
    for told in (getattr(model.model, "generation_config", None), config, config.get_text_config(decoder=True)):
        for key in ("decoder_start_token_id", "bos_token_id"):
            number = getattr(told, key, None)
            if isinstance(number, int):
                return number
    raise ModelRefused(
        "The files of {model} do not say with which token it begins to write. Choose another model.", model=model.name
    )
