"""A prompt with a picture in it: where the model's own template puts the picture, and which token is which patch."""

import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import torch
from torch import Tensor

from attnviz.axes import Axis, Joined, Named, Patches, Span
from attnviz.encode.encoded import Encoded, alike
from attnviz.encode.sight import Sight, sight_of
from attnviz.encode.text import check_text
from attnviz.encode.tokens import Pieces, cut, name
from attnviz.errors import ModelError, ModelRefused, TooLong, Unreadable
from attnviz.families.grids import read_by_words
from attnviz.families.grids.grid import numbered
from attnviz.inputs import PictureAndText
from attnviz.models.loading import LoadedModel

BARE = {  # how a type of model is asked where it has no chat template, as its own processor does
    "gemma3": "{spot} {text}",
    "idefics3": "{spot}{text}",
    "llava": "{spot}\n{text}",
    "paligemma": "{spot}{bos}{text}\n",
    "qwen2_5_vl": "{start}{spot}{end}{text}",
    "qwen2_vl": "{start}{spot}{end}{text}",
    "smolvlm": "{spot}{text}",
    "vipllava": "{spot}\n{text}",
}
FAKE, GLOBAL, TILE = "<fake_token_around_image>", "<global-img>", "<row_{row}_col_{col}>"


@dataclass(frozen=True, eq=False)
class Prompt:
    """A prompt as a language model reads it.

    Shape   ids, seen: one a token; `seen` tells those that stand for the picture. The parts of `axis` name words and
            patches in turn.
    """

    ids: tuple[int, ...]
    seen: tuple[bool, ...]
    axis: Joined


def encode_prompt(model: LoadedModel, given: PictureAndText) -> Encoded:
    """Turn a picture and a prompt into tensors and axes: those of the language model, and of the tower.

    Raises  Unreadable    when the text names the picture more than once, or is no text.
            TooLong       when both together exceed the model's positions.
            ModelRefused  when the tokenizer has no token that stands for a picture.
    """
    sight = sight_of(model, model.model.config.vision_config, given.picture)
    prompt = prompt_of(model, sight, given.text)
    check_room(model, len(prompt.ids), sum(prompt.seen))
    sides = {"text": alike(model, "text", prompt.axis, prompt.axis), "image": sight.stacks["self"]}
    return Encoded({**sight.tensors, **tensors_of(model, prompt)}, sides)


def encode_queried(model: LoadedModel, given: PictureAndText) -> Encoded:
    """Turn a picture and a prompt into tensors and axes, for a model whose learned queries sum up the picture.

    Raises  Unreadable, TooLong, ModelRefused  as `encode_prompt` does.
    """
    sight = sight_of(model, model.model.config.vision_config, given.picture)
    queries = Named(numbered("QUERY", model.model.config.num_query_tokens))
    prompt = _after(model, queries, given.text)
    check_room(model, len(prompt.ids), len(queries))
    sides = {
        "text": alike(model, "text", prompt.axis, prompt.axis),
        "image": sight.stacks["self"],
        "queries": alike(model, "queries", queries, queries),
        "cross": alike(model, "cross", queries, sight.stacks["self"][-1].queries),
    }
    return Encoded({**sight.tensors, **tensors_of(model, prompt)}, sides)


def prompt_of(model: LoadedModel, sight: Sight, text: str) -> Prompt:
    """Put the picture where the model's chat template puts it, or its processor where there is none.

    A text that holds the model's own sign for a picture is the whole prompt, taken as it was written.

    Raises  Unreadable, ModelRefused  as `encode_prompt` does.
    """
    check_text(text)
    image = image_token(model)
    views = [_view(model, sight, index) for index in range(len(sight.views))]
    signs = _Signs(model, image)
    before, after = signs.around(text)
    whole = before + signs.stands(sight, len(views[0])) + after
    pieces = cut(model.processor, whole, ends=not signs.spell_the_first(whole))
    seen = tuple(number == model.model.config.image_token_id for number in pieces.ids)
    found = [len(list(run)) for flag, run in groupby(seen) if flag]
    if found != [len(view) for view in views]:
        raise Unreadable(
            "The text holds {token!r}, which stands for a patch of the picture. Delete it, or write it in another way.",
            token=image,
        )
    return Prompt(pieces.ids, seen, Joined(tuple(_parts(model.processor, whole, pieces, image, views))))


def tensors_of(model: LoadedModel, prompt: Prompt, written: int = 0) -> dict[str, Tensor]:
    """Make what a model is told of a prompt: its tokens, and which of them stand for the picture.

    `written` says how many at the end the model wrote itself, which read what comes before them alone.

    Shape   each (1, token).
    """
    ids = torch.tensor([prompt.ids], dtype=torch.long)
    tensors = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    asked = inspect.signature(model.backbone.forward).parameters
    seen = torch.tensor([prompt.seen], dtype=torch.long)
    if "mm_token_type_ids" in asked:
        tensors["mm_token_type_ids"] = seen
    elif "token_type_ids" in asked and model.model.config.model_type == "paligemma":  # marks what follows the prompt
        tensors["token_type_ids"] = torch.zeros_like(ids)
        tensors["token_type_ids"][:, ids.shape[1] - written :] = 1
    elif "token_type_ids" in asked:
        tensors["token_type_ids"] = seen
    return tensors


def check_room(model: LoadedModel, total: int, patches: int) -> None:
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


def image_token(model: LoadedModel) -> str:
    """Spell the token that stands for a patch.

    Raises  ModelRefused  when the tokenizer has none.
    """
    number = getattr(model.model.config, "image_token_id", None)
    known = number is not None and 0 <= number < len(model.processor)
    token = model.processor.convert_ids_to_tokens(number) if known else None
    if not token:
        raise ModelRefused(
            "The tokenizer of {model} has no token that stands for a picture; by its configuration that is number "
            "{number}. Choose another model.",
            model=model.name,
            number=number,
        )
    return str(token)


def _view(model: LoadedModel, sight: Sight, index: int) -> Patches:
    """Name the tokens that stand for one tile of the picture."""
    config = model.model.config
    if config.model_type not in ("llava", "vipllava"):
        return read_by_words(config, sight.views[index])
    tower = sight.stacks["self"][0].queries
    if not isinstance(tower, Patches) or config.vision_config.model_type == "pixtral":
        raise ModelError(
            "attnviz does not know how models of type {model_type!r} make words of patches. Choose another model.",
            model_type=f"{config.model_type} + {config.vision_config.model_type}",
        )
    if getattr(config, "vision_feature_select_strategy", "default") == "full":
        return tower
    return replace(tower, labels=tower.labels[1:], cells=tower.cells[1:])  # its own code drops the first, whatever it is


class _Signs:
    """How the prompts of one model speak of a picture."""

    def __init__(self, model: LoadedModel, image: str) -> None:
        self._model, self._words, self._image = model, model.processor, image
        self._kind = model.model.config.model_type
        self._start, self._end = (self._spelt(number) for number in self._edges())
        self._spot = self._start if self._kind == "gemma3" else image

    def around(self, text: str) -> tuple[str, str]:
        """Say what stands before the picture and what after it."""
        count = text.count(self._spot)
        if count > 1:
            raise Unreadable(
                "The text names the picture {count} times ({token}), and there is one. Leave one of them, or none.",
                count=count,
                token=self._spot,
            )
        whole = text if count else self._templated(text) or self._bare(text)
        before, _, after = whole.partition(self._spot)
        return before, after

    def stands(self, sight: Sight, count: int) -> str:
        """Spell what stands for the picture, as the model's own processor does."""
        patches = self._image * count
        if self._kind == "gemma3":
            return f"\n\n{self._start}{patches}{self._end}\n\n"
        if self._kind not in ("idefics3", "smolvlm"):
            return patches
        fake = getattr(self._words, "fake_image_token", FAKE)
        last = f"{fake}{getattr(self._words, 'global_image_token', GLOBAL)}{patches}{fake}"
        if len(sight.views) == 1:
            return last
        first = sight.views[0]
        rows, cols = (whole // tile for whole, tile in zip(first.resized, first.seen, strict=True))
        lines = (
            "".join(f"{fake}{TILE.format(row=row, col=col)}{patches}" for col in range(1, cols + 1)) + "\n"
            for row in range(1, rows + 1)
        )
        return "".join(lines) + "\n" + last

    def spell_the_first(self, whole: str) -> bool:
        """Say whether a prompt holds the special token that a tokenizer would put first."""
        bos = getattr(self._words, "bos_token", None)
        return bool(bos) and (whole.startswith(bos) or "{bos}" in BARE.get(self._kind, ""))

    def _templated(self, text: str) -> str | None:
        if not getattr(self._words, "chat_template", None):
            return None
        turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": text}]}
        try:
            whole = str(self._words.apply_chat_template([turn], tokenize=False, add_generation_prompt=True))
        except Exception as why:  # a template from anywhere can fail in any way
            raise ModelError(
                "The chat template of {model} fails ({why}). Choose another model.",
                model=self._model.name,
                why=" ".join(str(why).split())[:200],
            ) from why
        return whole if whole.count(self._spot) == 1 and text.strip() in whole else None

    def _bare(self, text: str) -> str:
        if self._kind not in BARE:
            raise ModelError(
                "attnviz does not know where models of type {model_type!r} put a picture, and this one has no chat "
                "template that says. Choose another model.",
                model_type=self._kind,
            )
        bos = getattr(self._words, "bos_token", None) or ""
        return BARE[self._kind].format(spot=self._spot, text=text, bos=bos, start=self._start, end=self._end)

    def _edges(self) -> tuple[int | None, int | None]:
        config = self._model.model.config
        if self._kind == "gemma3":
            return config.boi_token_index, config.eoi_token_index
        return getattr(config, "vision_start_token_id", None), getattr(config, "vision_end_token_id", None)

    def _spelt(self, number: int | None) -> str:
        return "" if number is None else str(self._words.convert_ids_to_tokens(number) or "")


def _after(model: LoadedModel, queries: Named, text: str) -> Prompt:
    """Put tokens that stand for queries before a text and the special tokens it begins with."""
    check_text(text)
    image_token(model)
    pieces = cut(model.processor, text)
    count = len(queries)
    ids = (model.model.config.image_token_id,) * count + pieces.ids
    seen = (True,) * count + (False,) * len(pieces.ids)
    return Prompt(ids, seen, Joined((queries, name(model.processor, text, pieces))))


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
    own = slice(*tokens)
    spans = tuple(None if span is None else _within(span, stretch) for span in pieces.spans[own])
    return Pieces(pieces.ids[own], pieces.raw[own], spans, pieces.added[own])


def _within(span: Span, stretch: Span) -> Span | None:
    start, stop = max(span[0], stretch[0]) - stretch[0], min(span[1], stretch[1]) - stretch[0]
    return (start, stop) if start < stop else None
