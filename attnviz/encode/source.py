"""What an encoder-decoder reads, and what it writes of it: tensors, and the names of both sides of its three stacks."""

import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from attnviz.axes import Axis, Joined, Named, Sides, Tokens
from attnviz.encode.encoded import Encoded, alike
from attnviz.encode.languages import tongues
from attnviz.encode.text import check_read, check_text
from attnviz.encode.tokens import Pieces, cut, name
from attnviz.errors import ModelRefused, TooLong, Unreadable
from attnviz.models.loading import LoadedModel
from attnviz.models.taken import taken

SUMS = "transient-global"


@dataclass(frozen=True, eq=False)
class Source:
    """What a model reads before it writes: its tensors, the sides of each layer that reads them, and what it made.

    Shape   tensors: one input alone, batch first; keys: the names of what the writer looks at.
    """

    tensors: Mapping[str, Any]
    sides: tuple[Sides, ...]
    keys: Axis


@dataclass(frozen=True, eq=False)
class Target:
    """What a model writes: in each row it reads one token and all before it, and writes the one that names the row.

    Shape   ids: those it reads, a start first; written and read have one entry each.
    """

    ids: tuple[int, ...]
    written: Tokens
    read: Tokens


def source_of(model: LoadedModel, text: str) -> Source:
    """Turn a text into what an encoder reads.

    Raises  Unreadable, TooLong, ModelRefused  as `encode_text` does.
    """
    check_text(text)
    words = tongues(model.name, model.processor).source
    pieces = cut(words, text)
    check_read(model, pieces, positions_of(model, "encoder"))
    tokens = name(words, text, pieces)
    ids = torch.tensor([pieces.ids], dtype=torch.long)
    sides = alike(model, "encoder", tokens, _with_sums(model, tokens))
    return Source(taken(model.backbone, ids, causal=False), sides, tokens)


def _with_sums(model: LoadedModel, tokens: Tokens) -> Axis:
    """Name what an encoder's tokens read: each other, and after them, where LongT5 makes any, sums of neighbours.

    What is left over at the end belongs to the last sum.
    """
    config = model.model.config
    size = config.global_block_size if getattr(config, "encoder_attention_type", "") == SUMS else len(tokens) + 1
    firsts = range(0, len(tokens) - size + 1, size)
    if not firsts:
        return tokens
    lasts = [*(first - 1 for first in firsts[1:]), len(tokens) - 1]
    named = (f"Σ {tokens[first]} … {tokens[last]}" for first, last in zip(firsts, lasts, strict=True))
    return Joined((tokens, Named(tuple(named))))


def given_target(model: LoadedModel, text: str) -> Target:
    """Turn a text into what a decoder writes.

    Raises  Unreadable, TooLong, ModelRefused  as `encode_text` does.
    """
    check_text(text)
    return target_of(model, text, cut(tongues(model.name, model.processor).target, text))


def target_of(model: LoadedModel, text: str, pieces: Pieces, start: int | None = None) -> Target:
    """Name the rows of a decoder that writes these pieces after a start; without one, after that of its own training.

    Raises  Unreadable, TooLong, ModelRefused  as `encode_text` does.
    """
    check_written(model, pieces)
    words = tongues(model.name, model.processor).target
    ids = shifted(model, pieces.ids) if start is None else (start, *pieces.ids[:-1])
    if ids[1:] != pieces.ids[:-1]:
        raise ModelRefused(
            "{model} does not read what it writes one place behind, and attnviz does not follow how it does. Choose "
            "another model.",
            model=model.name,
        )
    written = name(words, text, pieces)
    return Target(ids, written, _behind(written, str(words.convert_ids_to_tokens(ids[0]))))


def with_target(model: LoadedModel, source: Source, target: Target) -> Encoded:
    """Put together what a model reads and what it writes of it, in one pass that teaches it every token."""
    own: dict[str, tuple[Sides, ...]] = {"encoder": source.sides}
    if model.model.config.model_type == "prophetnet":
        positions = _streams(target, int(model.model.config.ngram))
        own["decoder"] = alike(model, "decoder", positions, positions)
        own["cross"] = alike(model, "cross", positions, source.keys)
    elif "cross" in model.family.stacks:
        own["decoder"] = alike(model, "decoder", target.written, target.read)
        own["cross"] = alike(model, "cross", target.written, source.keys)
    else:  # one table of weights holds both, as in T5Gemma 2
        own["decoder"] = alike(model, "decoder", target.written, Joined((target.read, source.keys)))
    ids = torch.tensor([target.ids], dtype=torch.long)
    sides = {stack: own[stack] for stack in model.family.stacks}
    return Encoded({**source.tensors, "decoder_input_ids": ids}, sides)


def _streams(target: Target, ahead: int) -> Joined:
    """Name the streams of a decoder: what is read, then each token to be written, one ahead of that, then two."""
    named = (Named(tuple(f"+{step} {label}" for label in target.written)) for step in range(1, ahead + 1))
    return Joined((target.read, *named))


def _behind(written: Tokens, start: str) -> Tokens:
    """Name what a decoder reads while it writes: a start, then all that is written but for the last."""
    return replace(
        written,
        labels=(start, *written.labels[:-1]),
        raw=(start, *written.raw[:-1]),
        spans=(None, *written.spans[:-1]),
        special=(True, *written.special[:-1]),
        words=(None, *written.words[:-1]),
    )


def shifted(model: LoadedModel, labels: tuple[int, ...]) -> tuple[int, ...]:
    """Say what a decoder reads while it writes these tokens: the same one place later, as the model's own code has it.

    Raises  ModelRefused  when the model does not say with which token it starts.
    """
    try:
        ids = _shifted(model, torch.tensor([labels], dtype=torch.long))
    except (ValueError, AssertionError, TypeError) as why:  # as transformers says that no start is set
        raise ModelRefused(
            "{model} does not say with which token it starts to write. Set decoder_start_token_id and pad_token_id in "
            "its configuration.",
            model=model.name,
        ) from why
    return tuple(int(number) for number in ids[0])


def _shifted(model: LoadedModel, labels: torch.Tensor) -> torch.Tensor:
    own: Any = model.model
    config = own.config
    for way in ("prepare_decoder_input_ids_from_labels", "_shift_right"):
        if hasattr(own, way):
            return torch.as_tensor(getattr(own, way)(labels))
    shift = getattr(sys.modules[type(own).__module__], "shift_tokens_right", None)
    if shift is None:
        return torch.cat([torch.tensor([[config.decoder_start_token_id]]), labels[:, :-1]], dim=1)
    told = (config.pad_token_id, config.decoder_start_token_id)
    return torch.as_tensor(shift(labels, *told[: len(inspect.signature(shift).parameters) - 1]))


def start_of(model: LoadedModel) -> int:
    """Say with which token a decoder starts, before it wrote any: as for a target without a word.

    Raises  ModelRefused  when the model does not say.
    """
    words = tongues(model.name, model.processor).target
    return shifted(model, cut(words, "").ids or (0,))[0]


def check_written(model: LoadedModel, pieces: Pieces) -> None:
    """Refuse what a decoder could not write.

    Raises  Unreadable    when there is nothing to write.
            TooLong       when it exceeds the positions of the decoder.
            ModelRefused  when the decoder knows no such token.
    """
    total, limit = len(pieces.ids), positions_of(model, "decoder")
    if not total:
        raise Unreadable("The target leaves {model} no token to write. Write at least one character.", model=model.name)
    if limit is not None and total > limit:
        raise TooLong(
            "The target has {count:,} tokens and {model} writes {limit:,}. Shorten it by {excess:,}, or choose a model "
            "with a longer window.",
            count=total,
            model=model.name,
            limit=limit,
            excess=total - limit,
        )
    known = written_words(model)
    if max(pieces.ids) >= known:
        raise ModelRefused(
            "The target has a token numbered {number:,} and {model} knows {words:,} tokens: the two do not belong "
            "together. Choose another model.",
            number=max(pieces.ids),
            model=model.name,
            words=known,
        )


def written_words(model: LoadedModel) -> int:
    """Count the tokens that a decoder knows."""
    own: Any = _part(model, "decoder")
    words = own.get_input_embeddings() if hasattr(own, "get_input_embeddings") else own.embed_tokens
    return int(words.weight.shape[0])


def positions_of(model: LoadedModel, part: str) -> int | None:
    """Say how many tokens the "encoder" reads or the "decoder" writes at most; None when nothing bounds it."""
    config = getattr(model.model.config, part, None)
    if config is None:
        names = ("max_target_positions", "max_decoder_position_embeddings") if part == "decoder" else ()
        told = next((own for name in names if (own := getattr(model.model.config, name, None))), None)
        return int(told) if told else model.positions
    for place, module in _part(model, part).named_modules():
        padded = isinstance(module, nn.Embedding) and module.padding_idx is not None
        if padded and place.endswith("position_embeddings"):  # RoBERTa counts its positions after the padding's
            return int(module.num_embeddings) - int(module.padding_idx) - 1
    declared = getattr(config.get_text_config(), "max_position_embeddings", None)
    return declared if isinstance(declared, int) and declared > 0 else None


def _part(model: LoadedModel, part: str) -> nn.Module:
    own: Any = model.backbone
    found = getattr(own, part, None)
    return found if isinstance(found, nn.Module) else getattr(own, f"get_{part}")()
