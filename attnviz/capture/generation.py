"""A model goes on with a text, or writes a target of a source. What it wrote is an input like any other afterwards.

transformers' own search does the work, under settings of our own: of those that come with a model only a few are heard,
since files from anywhere may ask for thousands of beams. Chance comes from a generator that belongs to one call, so
that a seed gives the same words whatever other threads draw.
"""

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MethodType
from typing import Any, Literal

import torch
from torch import Tensor
from transformers import (
    GenerationConfig,
    GenerationMixin,
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
)
from transformers.generation import TopPLogitsWarper

from attnviz.encode import encode
from attnviz.encode.hearing import begun
from attnviz.encode.languages import tongues
from attnviz.encode.source import positions_of, start_of
from attnviz.encode.text import check_pieces
from attnviz.encode.written import label_of, prompt, read_source
from attnviz.errors import AttnvizError, Cancelled, InputError, ModelRefused, TooLong
from attnviz.inputs import Candidate, Chat, Generated, Input, Sound, Text, TextPair
from attnviz.models.backbone import moved
from attnviz.models.loading import LoadedModel
from attnviz.models.taken import taken

Method = Literal["greedy", "beam", "sample"]

METHODS: tuple[Method, ...] = ("greedy", "beam", "sample")
MAX_NEW_TOKENS = 4_096
MAX_BEAMS = 16
MAX_CANDIDATES = 100
HEARD = (  # of what comes with a model: how it begins and ends, and what keeps it from repeating itself
    "eos_token_id",
    "pad_token_id",
    "forced_bos_token_id",
    "forced_eos_token_id",
    "suppress_tokens",
    "begin_suppress_tokens",
    "bad_words_ids",
    "no_repeat_ngram_size",
    "encoder_no_repeat_ngram_size",
    "repetition_penalty",
    "length_penalty",
    "early_stopping",
    "min_length",
    "min_new_tokens",
)


@dataclass(frozen=True)
class Wish:
    """How a model shall write.

    Unit    max_new_tokens, beams, candidates: how many; temperature: divides the scores before the softmax; top_p:
            fraction of the probability that is drawn from.
    Raises  InputError  when a number is out of its bounds.
    """

    method: Method
    max_new_tokens: int
    beams: int
    temperature: float
    top_p: float
    seed: int
    candidates: int

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError(
                "attnviz writes by {known}; {method!r} was asked for.", known=", ".join(METHODS), method=self.method
            )
        bounds: Mapping[str, tuple[float, float]] = {
            "max_new_tokens": (1, MAX_NEW_TOKENS),
            "beams": (1, MAX_BEAMS),
            "temperature": (0.01, 100),
            "top_p": (0.001, 1),
            "candidates": (0, MAX_CANDIDATES),
            "seed": (0, 2**63 - 1),
        }
        for name, (least, most) in bounds.items():
            if not least <= getattr(self, name) <= most:
                raise InputError(
                    "{name} is from {least:,} to {most:,}; {value} was asked for.",
                    name=name,
                    least=least,
                    most=most,
                    value=getattr(self, name),
                )


def generate(
    model: LoadedModel,
    given: Text | TextPair | Chat | Sound,
    *,
    method: Method = "greedy",
    max_new_tokens: int = 64,
    beams: int = 4,
    temperature: float = 1.0,
    top_p: float = 1.0,
    seed: int = 0,
    candidates: int = 5,
    stopped: Callable[[], bool] | None = None,
) -> Generated:
    """Let a model write: go on with a text or a conversation, write a target of a source, or write down a sound.

    "greedy" takes the likeliest token each time, "beam" the likeliest of several sequences, "sample" draws: the same
    for the same seed. The result is captured like any input, in one pass over all that was read and written.
    `candidates` are the likeliest tokens of each place in that pass, as the model weighs them, whatever the method made
    of it. `stopped` is asked before each token.

    Raises  TooLong       when the input leaves no place to write.
            InputError    when the model does not write of such an input, or a number is out of its bounds.
            Cancelled     when `stopped` says so.
            ModelRefused  when the model was opened without the part that writes, or fails at it.
    """
    wish = Wish(method, max_new_tokens, beams, temperature, top_p, seed, candidates)
    ids = _written(model, begin(model, given), wish, stopped or (lambda: False))
    bare = Generated(given, ids)
    return Generated(given, ids, _likeliest(model, bare, wish.candidates)) if wish.candidates else bare


@dataclass(frozen=True, eq=False)
class Begin:
    """Where a model begins to write.

    Shape   tensors: what it is given, one input alone, batch first; before: tokens of the result that it did not write.
    """

    tensors: Mapping[str, Any]
    before: int
    room: int | None
    settings: Mapping[str, Any]


def begin(model: LoadedModel, given: Text | TextPair | Chat | Sound) -> Begin:
    """Say what a model is given to write of, and how many tokens may follow.

    Raises  TooLong     when none may.
            InputError  when the model does not write of such an input.
    """
    if "decoder" in model.family.stacks:
        return _of_source(model, given)
    _, pieces = prompt(model, given)
    check_pieces(model, pieces)
    count, limit = len(pieces.ids), model.positions
    if limit is not None and count >= limit:
        raise TooLong(
            "The text has {count:,} tokens and {model} reads {limit:,}, which leaves it no place to go on. Shorten it "
            "by {excess:,} or more.",
            count=count,
            model=model.name,
            limit=limit,
            excess=count - limit + 1,
        )
    tensors = taken(model.backbone, torch.tensor([pieces.ids]), causal=True)
    return Begin(tensors, count, None if limit is None else limit - count, {})


def _of_source(model: LoadedModel, given: Input) -> Begin:
    """Say with which tokens a target begins; one of a sound with what a model is told of its task."""
    first = begun(model) if isinstance(given, Sound) else (start_of(model),)
    tensors, room = read_source(model, given).tensors, positions_of(model, "decoder")
    if len(first) > 1:
        tensors = {**tensors, "decoder_input_ids": torch.tensor([first])}
    settings = {"decoder_start_token_id": first[0], **_language(model)}
    return Begin(tensors, 1, None if room is None else room - len(first) + 1, settings)


def _language(model: LoadedModel) -> dict[str, int]:
    """Say with which token a target begins where that names its language, as in M2M100 and NLLB."""
    words = tongues(model.name, model.processor).target
    first = (getattr(words, "prefix_tokens", None) or []) if hasattr(words, "tgt_lang") else []
    return {"forced_bos_token_id": int(first[0])} if first else {}


def _written(model: LoadedModel, start: Begin, wish: Wish, stopped: Callable[[], bool]) -> tuple[int, ...]:
    """Let transformers search, in a shell of the model whose settings are ours.

    Raises  ModelRefused  when the model was opened without the part that writes, or fails at it.
    """
    own: Any = model.model
    if not own.can_generate() or model.headless:
        raise ModelRefused(
            "{model} was opened without the part that writes words. Open it with attnviz.load, or wrap what "
            "AutoModelForCausalLM or AutoModelForSeq2SeqLM opens.",
            model=model.name,
        )
    shell = copy.copy(own)  # the weights are shared, what generate() notes on the model is not
    shell.generation_config = _settings(own, start, wish)
    chance = [_Drawn(wish)] if wish.method == "sample" else []
    try:
        with torch.inference_mode():
            found = _search(shell)(
                **moved(start.tensors, own),
                logits_processor=LogitsProcessorList(chance),
                stopping_criteria=StoppingCriteriaList([_Watched(stopped)]),
            )
    except AttnvizError:
        raise
    except Exception as why:  # settings from anywhere can make it fail in any way
        raise ModelRefused(
            "{model} cannot write here ({why}). Choose another model.",
            model=model.name,
            why=" ".join(f"{type(why).__name__}: {why}".split())[:200],
        ) from why
    return tuple(int(number) for number in found[0, start.before :])


def _search(shell: Any) -> Callable[..., Tensor]:
    """Choose transformers' own search where a model has one that cuts its input up and starts anew, as Whisper's."""
    return MethodType(GenerationMixin.generate, shell) if shell.config.model_type == "whisper" else shell.generate


def _settings(own: Any, start: Begin, wish: Wish) -> GenerationConfig:
    told = {name: value for name in HEARD if (value := getattr(own.generation_config, name, None)) is not None}
    ends = told.get("eos_token_id", getattr(own.config.get_text_config(), "eos_token_id", None))
    first = ends[0] if isinstance(ends, list) and ends else ends
    room = wish.max_new_tokens if start.room is None else min(wish.max_new_tokens, start.room)
    least = {"min_length": start.before + room, "min_new_tokens": room}
    told |= {name: min(told[name], most) for name, most in least.items() if name in told}
    return GenerationConfig(
        **({"eos_token_id": ends, "pad_token_id": first if first is not None else 0} | told | dict(start.settings)),
        max_new_tokens=room,
        num_beams=wish.beams if wish.method == "beam" else 1,
        do_sample=False,
    )


class _Watched(StoppingCriteria):
    """Asks before each token whether anybody still waits."""

    def __init__(self, stopped: Callable[[], bool]) -> None:
        self._stopped = stopped

    def __call__(self, input_ids: Tensor, scores: Tensor, **rest: Any) -> Tensor:
        if self._stopped():
            raise Cancelled("Nobody waits for this run any more.")
        return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)


class _Drawn(LogitsProcessor):
    """Adds to each score a number by lot, so that the greatest sum is a draw from the softmax of the scores.

    Source  Gumbel 1954; Maddison et al. 2014, arXiv:1411.0030, section 2.
    """

    def __init__(self, wish: Wish) -> None:
        self._temperature = wish.temperature
        self._most = TopPLogitsWarper(wish.top_p) if wish.top_p < 1 else None
        self._chance = torch.Generator().manual_seed(wish.seed)

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        scores = scores.float() / self._temperature
        if self._most is not None:
            scores = self._most(input_ids, scores)
        even = torch.rand(scores.shape, generator=self._chance, dtype=torch.float64).clamp(min=1e-300)
        return scores - torch.log(-torch.log(even)).to(scores)


def _likeliest(model: LoadedModel, given: Generated, count: int) -> tuple[tuple[Candidate, ...], ...]:
    """Ask the model once, all that it wrote being given, which tokens it holds likeliest at each place."""
    own, length = model.model, len(given.ids)
    tensors = moved(encode(model, given).tensors, own)
    after = "decoder" not in model.family.stacks
    fewer = (
        {"logits_to_keep": length + 1}
        if after and "logits_to_keep" in inspect.signature(own.forward).parameters
        else {}
    )
    with torch.inference_mode():
        scores = own(**tensors, **fewer, use_cache=False).logits[0]
    scores = scores[-length - 1 : -1] if after else scores
    found = scores.float().softmax(dim=-1).topk(min(count, scores.shape[-1]), dim=-1)
    words = model.processor if after else tongues(model.name, model.processor).target
    return tuple(
        tuple(Candidate(label_of(words, number), share) for number, share in zip(*place, strict=True))
        for place in zip(found.indices.tolist(), found.values.tolist(), strict=True)
    )
