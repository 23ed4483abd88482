"""A prompt with a picture in it becomes tensors and axes: which token is a word of it, and which is which patch."""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import torch
from torch import Tensor

from attnviz.axes import Axis, Joined, Named, Patches, Sides, Span
from attnviz.encode.encoded import Encoded, alike
from attnviz.encode.placing import Placing, image_token
from attnviz.encode.sight import Sight, of_tile, sight_of
from attnviz.encode.text import check_read, check_text, pieces_of
from attnviz.encode.tokens import Pieces, cut, name
from attnviz.errors import ModelError, TooLong, Unreadable
from attnviz.families.grids import read_by_words
from attnviz.families.grids.grid import numbered
from attnviz.inputs import PictureAndText
from attnviz.models.loading import LoadedModel


@dataclass(frozen=True, eq=False)
class Prompt:
    """A picture and words as a language model reads them, one after the other.

    Shape   pieces and seen have one entry a token; `seen` tells those that stand for the picture. The parts of `axis`
            name words, patches and words in turn; `sides` has every stack but that of the language model.
    """

    pieces: Pieces
    seen: tuple[bool, ...]
    axis: Joined
    tensors: Mapping[str, Any]
    sides: Mapping[str, tuple[Sides, ...]]


def encode_prompt(model: LoadedModel, given: PictureAndText) -> Encoded:
    """Turn a picture and a prompt into tensors and axes: those of the language model, and of the tower.

    Raises  Unreadable    when the text names the picture more than once, or is no text.
            TooLong       when both together exceed the model's positions.
            ModelRefused  when the tokenizer has no token that stands for a picture.
    """
    return encode_prompted(model, prompt_of(model, given))


def encode_prompted(model: LoadedModel, prompt: Prompt, written: Pieces | None = None, text: str = "") -> Encoded:
    """Turn a prompt, and what a model has `written` to it, which spells a `text`, into tensors and axes.

    Raises  TooLong  when all together exceed the model's positions.
    """
    axis, pieces, seen = prompt.axis, prompt.pieces, prompt.seen
    if written is not None:
        axis = Joined((*axis.parts, name(model.processor, text, written)))
        pieces, seen = _followed(pieces, written), seen + (False,) * len(written.ids)
    _check_room(model, len(seen), sum(seen))
    told = _told(model, seen, len(written.ids) if written is not None else 0)
    ids = torch.tensor([pieces.ids], dtype=torch.long)
    tensors = {**prompt.tensors, "input_ids": ids, "attention_mask": torch.ones_like(ids), **told}
    sides = {"text": alike(model, "text", axis, axis), **prompt.sides}
    return Encoded(tensors, {stack: sides[stack] for stack in model.family.stacks})


def prompt_of(model: LoadedModel, given: PictureAndText) -> Prompt:
    """Put a picture and words in the order in which a model reads them.

    Raises  Unreadable, ModelRefused  as `encode_prompt` does.
    """
    sight = sight_of(model, model.model.config.vision_config, given.picture)
    return _queried(model, sight, given.text) if "queries" in model.family.stacks else _mixed(model, sight, given.text)


def _mixed(model: LoadedModel, sight: Sight, text: str) -> Prompt:
    """Put patches among words."""
    check_text(text)
    placing = Placing(model)
    views = [_view(model, sight, index) for index in range(len(sight.views))]
    whole = placing.placed(text, sight, len(views[0]))
    pieces = cut(model.processor, whole, ends=not placing.has_first(whole))
    seen = tuple(number == model.model.config.image_token_id for number in pieces.ids)
    check_read(model, _only(pieces, [at for at, flag in enumerate(seen) if not flag]), None)
    if [len(list(run)) for flag, run in groupby(seen) if flag] != [len(view) for view in views]:
        raise Unreadable(
            "The text holds {token!r}, which stands for a patch of the picture. Delete it, or write it in another way.",
            token=placing.image,
        )
    parts = tuple(_parts(model.processor, whole, pieces, placing.image, views))
    return Prompt(pieces, seen, Joined(parts), sight.tensors, {"image": sight.stacks["self"]})


def _queried(model: LoadedModel, sight: Sight, text: str) -> Prompt:
    """Put the learned queries that sum up a picture before the words, and the special tokens that these begin with."""
    queries = Named(numbered("QUERY", model.model.config.num_query_tokens))
    token, words = image_token(model), pieces_of(model, text)
    check_read(model, words, None)
    count = len(queries)
    ahead = Pieces((model.model.config.image_token_id,) * count, (token,) * count, (None,) * count, (True,) * count)
    sides = {
        "image": sight.stacks["self"],
        "queries": alike(model, "queries", queries, queries),
        "cross": alike(model, "cross", queries, sight.stacks["self"][-1].queries),
    }
    axis = Joined((queries, name(model.processor, text, words)))
    seen = (True,) * count + (False,) * len(words.ids)
    return Prompt(_followed(ahead, words), seen, axis, sight.tensors, sides)


def _told(model: LoadedModel, seen: Sequence[bool], written: int) -> dict[str, Tensor]:
    """Say which tokens stand for the picture, or which the model wrote itself, where it is told.

    Shape   (1, token).
    """
    asked = inspect.signature(model.backbone.forward).parameters
    if "mm_token_type_ids" in asked:
        return {"mm_token_type_ids": torch.tensor([seen], dtype=torch.long)}
    if "token_type_ids" not in asked:
        return {}
    if model.model.config.model_type == "paligemma":  # a prompt reads itself both ways, what follows does not
        return {"token_type_ids": torch.tensor([[0] * (len(seen) - written) + [1] * written], dtype=torch.long)}
    return {"token_type_ids": torch.tensor([seen], dtype=torch.long)}


def _check_room(model: LoadedModel, total: int, patches: int) -> None:
    """Refuse what the model could not read.

    Raises  TooLong  with the number and the bound.
    """
    if model.positions is not None and total > model.positions:
        raise TooLong(
            "The picture and the text come to {count:,} tokens, {patches:,} of them for the picture, and {model} reads "
            "{limit:,}. Shorten the text by {excess:,}, or choose a model with a longer window.",
            count=total,
            patches=patches,
            model=model.name,
            limit=model.positions,
            excess=total - model.positions,
        )


def _view(model: LoadedModel, sight: Sight, index: int) -> Patches:
    """Name the tokens that stand for the picture, or for one tile of it.

    Raises  ModelError  when nobody knows how this type of model makes tokens of patches.
    """
    config = model.model.config
    if config.model_type not in ("llava", "vipllava"):
        return of_tile(read_by_words(config, sight.views[index]), index, len(sight.views))
    tower = sight.stacks["self"][0].queries
    if not isinstance(tower, Patches) or config.vision_config.model_type == "pixtral":  # puts words between the rows
        raise ModelError(
            "attnviz does not know how models of type {model_type!r} make words of patches. Choose another model.",
            model_type=f"{config.model_type} + {config.vision_config.model_type}",
        )
    if getattr(config, "vision_feature_select_strategy", "default") == "full":
        return tower
    return replace(
        tower, labels=tower.labels[1:], cells=tower.cells[1:]
    )  # its own code drops the first, whatever it is


def _parts(words: Any, whole: str, pieces: Pieces, image: str, views: Sequence[Patches]) -> Iterator[Axis]:
    """Name the tokens of words stretch by stretch, and those of the picture tile by tile."""
    edges = [match.span() for match in re.finditer(f"(?:{re.escape(image)})+", whole)]
    starts, ends = (0, *(end for _, end in edges)), (*(start for start, _ in edges), len(whole))
    number = words.convert_tokens_to_ids(image)
    at = tile = 0
    for seen, run in groupby(pieces.ids, key=lambda each: each == number):
        count = len(list(run))
        if seen:
            yield views[tile]
            tile += 1
        else:
            stretch = (starts[tile], ends[tile])
            yield name(words, whole[slice(*stretch)], _cut_out(pieces, (at, at + count), stretch))
        at += count


def _cut_out(pieces: Pieces, tokens: Span, stretch: Span) -> Pieces:
    """Take some tokens of a text, which lie in a stretch of its characters, as those of a text of their own."""
    own = _only(pieces, range(*tokens))
    return replace(own, spans=tuple(None if span is None else _within(span, stretch) for span in own.spans))


def _within(span: Span, stretch: Span) -> Span | None:
    start, stop = max(span[0], stretch[0]) - stretch[0], min(span[1], stretch[1]) - stretch[0]
    return (start, stop) if start < stop else None


def _only(pieces: Pieces, chosen: Sequence[int]) -> Pieces:
    return Pieces(
        ids=tuple(pieces.ids[at] for at in chosen),
        raw=tuple(pieces.raw[at] for at in chosen),
        spans=tuple(pieces.spans[at] for at in chosen),
        added=tuple(pieces.added[at] for at in chosen),
    )


def _followed(first: Pieces, second: Pieces) -> Pieces:
    return Pieces(
        first.ids + second.ids, first.raw + second.raw, first.spans + second.spans, first.added + second.added
    )
