"""Two texts become tensors and axes: one sentence and another for an encoder, a source and its target for a writer."""

import inspect
from typing import Any

import torch

from attnviz.encode.encoded import Encoded
from attnviz.encode.source import given_target, source_of, with_target
from attnviz.encode.text import check_text, encode_pieces, pieces_of
from attnviz.encode.tokens import Pieces, cut
from attnviz.errors import Unreadable
from attnviz.inputs import TextPair
from attnviz.models.loading import LoadedModel

BETWEEN = "\n"


def encode_pair(model: LoadedModel, given: TextPair) -> Encoded:
    """Turn two texts into tensors and axes.

    An encoder reads them as its tokenizer pairs sentences, segments told apart; where there is no such way, as with
    decoders, it reads one text of two lines. An encoder-decoder reads the first and writes the second.

    Raises  Unreadable    when a text leaves the model no token.
            TooLong       when the tokens exceed the model's positions.
            ModelRefused  when the tokenizer belongs to another model.
    """
    if "decoder" in model.family.stacks:
        return with_target(model, source_of(model, given.first), given_target(model, given.second))
    text, pieces, segments = pair_pieces(model, given)
    return encode_pieces(model, text, pieces, **segments)


def pair_pieces(model: LoadedModel, given: TextPair) -> tuple[str, Pieces, dict[str, torch.Tensor]]:
    """Cut two texts into the pieces that a model of one stack knows, and name their segments if it has any.

    Spans point into both texts, which are one with a line break between.

    Raises  Unreadable  when one of them is no text.
    """
    text = given.first + BETWEEN + given.second
    if model.family.causal or not _pairs(model.processor):
        return text, pieces_of(model, text), {}
    check_text(given.first)
    check_text(given.second)
    told = _paired(model.processor, given)
    return text, _pieces(model, given, told), _segments(model, told)


def _pairs(processor: Any) -> bool:
    """Say whether a tokenizer puts something between two sentences."""
    return int(processor.num_special_tokens_to_add(pair=True)) > int(processor.num_special_tokens_to_add(pair=False))


def _paired(processor: Any, given: TextPair) -> Any:
    return processor(
        given.first,
        given.second,
        return_special_tokens_mask=True,
        return_token_type_ids=True,
        truncation=False,
        padding=False,
        verbose=False,
    )


def _pieces(model: LoadedModel, given: TextPair, told: Any) -> Pieces:
    """Cut each text alone, since only some tokenizers say where they cut, and find the pieces again in the pair.

    Raises  Unreadable  when they are not there.
    """
    ids, added = tuple(map(int, told["input_ids"])), tuple(map(bool, told["special_tokens_mask"]))
    first, second = (cut(model.processor, text, ends=False) for text in (given.first, given.second))
    if [number for number, put in zip(ids, added, strict=True) if not put] != [*first.ids, *second.ids]:
        raise Unreadable(
            "The tokenizer of {model} cuts these two texts otherwise when they come together. Give them as one "
            "attnviz.Text(…).",
            model=model.name,
        )
    start = len(given.first) + len(BETWEEN)
    behind = (None if span is None else (span[0] + start, span[1] + start) for span in second.spans)
    names, spans = iter((*first.raw, *second.raw)), iter((*first.spans, *behind))
    ends = model.processor.convert_ids_to_tokens(list(ids))
    return Pieces(
        ids=ids,
        raw=tuple(str(end) if put else next(names) for end, put in zip(ends, added, strict=True)),
        spans=tuple(None if put else next(spans) for put in added),
        added=added,
    )


def _segments(model: LoadedModel, told: Any) -> dict[str, torch.Tensor]:
    """Tell the two apart for a model that was taught to; one that knows a single segment is told of none."""
    asked = "token_type_ids" in inspect.signature(model.backbone.forward).parameters
    kinds = torch.tensor([told["token_type_ids"]], dtype=torch.long)
    known = getattr(model.model.config, "type_vocab_size", None)
    named = "token_type_ids" in model.processor.model_input_names
    fits = asked and named and (known is None or int(kinds.max()) < known)
    return {"token_type_ids": kinds} if fits else {}
