"""A picture and words for a model of both: two towers, one stack, or words that look at the picture."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from attnviz.axes import ImageGeometry, Joined, Named, Sides
from attnviz.encode.caption import encode_caption
from attnviz.encode.encoded import Encoded, alike
from attnviz.encode.prompt import encode_prompt
from attnviz.encode.sight import sight_of
from attnviz.encode.text import check_pieces, pieces_of
from attnviz.encode.tokens import Pieces, name
from attnviz.encode.vision import prepare
from attnviz.families.grids import vilt_sides
from attnviz.families.grids.grid import CLASS, pair, whole
from attnviz.inputs import PictureAndText
from attnviz.models.chance import SHUFFLED
from attnviz.models.loading import LoadedModel
from attnviz.models.taken import taken

PATCH = "[PATCH]"
BEGIN = "[BOS]"
PADDED = frozenset({"siglip", "siglip2"})  # learned from captions filled up to one length, and read all of it


def encode_picture_and_text(model: LoadedModel, given: PictureAndText) -> Encoded:
    """Turn a picture and words into tensors and axes, in the way of the model's kind.

    Raises  Unreadable    when the text leaves the model no token, or names the picture more than once.
            TooLong       when the tokens exceed the model's positions.
            ModelRefused  when the model comes without a processor, or its tokenizer belongs to another model.
            InputError    when the picture is too large, too long or too small for the model.
    """
    stacks = model.family.stacks
    if "decoder" in stacks:
        return encode_caption(model, given)
    if "image" not in stacks:
        return encode_mixed(model, given)
    return encode_prompt(model, given) if model.family.causal else encode_towers(model, given)


def encode_towers(model: LoadedModel, given: PictureAndText) -> Encoded:
    """Turn a picture and its caption into tensors and axes for two towers, of which one may look at the other.

    Raises  Unreadable, TooLong, ModelRefused, InputError  as `encode_picture_and_text` does.
    """
    sight = sight_of(model, model.model.config.vision_config, given.picture)
    pieces = pieces_of(model, given.text)
    check_pieces(model, pieces)
    pieces = _begun(model, _filled(model, pieces))
    tokens = name(model.processor, given.text, pieces)
    seen = sight.stacks["self"][-1].queries
    every: dict[str, Callable[[], tuple[Sides, ...]]] = {
        "text": lambda: alike(model, "text", tokens, tokens),
        "image": lambda: sight.stacks["self"],
        "pool": lambda: sight.stacks["pool"],
        "cross": lambda: alike(model, "cross", tokens, seen),
    }
    return Encoded(
        {**sight.tensors, **_tensors(model, pieces)}, {stack: every[stack]() for stack in model.family.stacks}
    )


def encode_mixed(model: LoadedModel, given: PictureAndText) -> Encoded:
    """Turn a picture and words into tensors and axes for one stack that reads both, its patches shuffled.

    Which patch is which shows in the pass alone; until then the patches are named without a place.

    Raises  Unreadable, TooLong, ModelRefused, InputError  as `encode_picture_and_text` does.
    """
    config = model.model.config
    prepared = prepare(model, given.picture)
    pieces = pieces_of(model, given.text)
    check_pieces(model, pieces)
    tokens = name(model.processor, given.text, pieces)
    axis = Joined((tokens, Named((CLASS,) + (PATCH,) * _patches(config, prepared.geometry))))

    def settle(noted: Mapping[str, Any]) -> Mapping[str, tuple[Sides, ...]]:
        return vilt_sides(config, prepared.geometry, tokens, noted[SHUFFLED])

    return Encoded({**prepared.tensors, **_tensors(model, pieces)}, {"self": alike(model, "self", axis, axis)}, settle)


def _patches(config: Any, geometry: ImageGeometry) -> int:
    """Count the patches that are read: all of them, or as many as the configuration allows."""
    rows, cols = whole(geometry.seen, pair(config.patch_size))
    most = config.max_image_length
    return min(rows * cols, most) if isinstance(most, int) and most >= 0 else rows * cols


def _filled(model: LoadedModel, pieces: Pieces) -> Pieces:
    """Fill a caption up to the length that the tower was trained at, where it was.

    Source  Zhai et al. 2023, arXiv:2303.15343; transformers' notes on SigLIP: padding="max_length".
    """
    pad = model.processor.pad_token_id
    missing = (model.positions or 0) - len(pieces.ids)
    if model.model.config.model_type not in PADDED or pad is None or missing <= 0:
        return pieces
    return Pieces(
        pieces.ids + (int(pad),) * missing,
        pieces.raw + (str(model.processor.pad_token),) * missing,
        pieces.spans + (None,) * missing,
        pieces.added + (True,) * missing,
    )


def _begun(model: LoadedModel, pieces: Pieces) -> Pieces:
    """Begin a caption with the token that BLIP's decoder begins with, in place of the tokenizer's own."""
    if not hasattr(model.backbone, "text_decoder") or not pieces.added[0]:
        return pieces
    first = int(model.model.config.text_config.bos_token_id)
    known = model.processor.convert_ids_to_tokens(first) if first < len(model.processor) else None
    return replace(pieces, ids=(first, *pieces.ids[1:]), raw=(str(known or BEGIN), *pieces.raw[1:]))


def _tensors(model: LoadedModel, pieces: Pieces) -> dict[str, Tensor]:
    tensors = taken(model.backbone, torch.tensor([pieces.ids], dtype=torch.long), causal=False)
    if model.model.config.model_type in PADDED:
        del tensors["attention_mask"]
    return tensors
