"""How a model of an unlisted type attends, found out by running it. What is found is verified like any family."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.models.auto import modeling_auto as lists

from attnviz.errors import UnknownFamily, WeightsUnavailable
from attnviz.families import Compared, Family, Part
from attnviz.families.family import BATCH_HEAD_QUERY_KEY, TEXTS
from attnviz.families.places import patterns
from attnviz.inputs import Generated, Input, Picture, PictureAndText, Sound, SoundAndText, TextPair
from attnviz.models.attention import EXPLICIT, IMPLEMENTATION, recording
from attnviz.models.backbone import backbone_of
from attnviz.models.listening import shares, told_to_weigh, weights_of
from attnviz.models.places import name_places, place_of
from attnviz.models.probe import asks_of, probe
from attnviz.models.twin import twin
from attnviz.models.verify import same_chance

SAME = 1e-6  # of two weights that are the same but for rounding
SIGHTS = frozenset({"pixel_values", "pixel_values_videos", "flattened_patches"})
SOUNDS = frozenset({"input_features", "input_values", "audio_mel"})

Places = dict[str, str]  # place -> class of the module that attends there


def is_decoder(model_type: str) -> bool:
    """Say whether transformers lists a type among those that go on with a text, and not among those that fill gaps."""
    goes_on = model_type in lists.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    return goes_on and model_type not in lists.MODEL_FOR_MASKED_LM_MAPPING_NAMES


def discover(model: PreTrainedModel, given: Mapping[str, Tensor] | None = None) -> Family:
    """Run a model on a short input and see which of its modules attend, through our function or in eager code.

    `given` is what the model reads in that pass, as `probe` would make it.
    Raises  UnknownFamily  when neither way shows any attention.
    """
    causal = is_decoder(model.config.model_type)
    try:
        own = probe(model, reads_of(model), causal=causal) if given is None else given
        compared = _compared(model, own, causal)
        weighed, windows = _weighed(model, own, compared.places, causal)
    except UnknownFamily:
        raise
    except Exception as why:  # an unlisted model may want another input, and fail at it in any way
        raise UnknownFamily(
            "Models of type {model_type!r} are not listed, and this one cannot read a short text ({why}). Choose "
            "another model.",
            model_type=model.config.model_type,
            why=" ".join(f"{type(why).__name__}: {why}".split())[:200],
        ) from why
    return _family(model, compared, weighed, windows, _read(reads_of(model), own), causal)


@dataclass(frozen=True)
class _Compared:
    """The modules that call our attention function, those of them that do so in windows, and whether masks matter."""

    places: Places
    windows: frozenset[str] = frozenset()
    explicit: bool = False


def _family(
    model: PreTrainedModel,
    compared: _Compared,
    weighed: Places,
    windows: set[str],
    reads: tuple[type[Input], ...],
    causal: bool,
) -> Family:
    every = {**compared.places, **weighed}
    found = patterns(list(every))
    held = {stack: _held(every, pattern) for stack, pattern in found.items()}
    mixed = any(own & weighed.keys() and own - weighed.keys() for own in map(set, held.values()))
    showing = every if mixed else weighed  # a stack of both kinds shows weights throughout, which eager code alone does
    stacks = {
        stack: Part(
            tuple(dict.fromkeys(own.values())),
            found[stack],
            weighs=bool(own.keys() & showing.keys()),
            windows=bool(own.keys() & (windows | compared.windows)),
        )
        for stack, own in held.items()
    }
    model_type = model.config.model_type
    return Family(model_type, (model_type,), stacks, reads=reads, causal=causal, explicit=compared.explicit)


def _held(places: Places, pattern: str) -> Places:
    return {place: module for place, module in places.items() if re.search(pattern, place)}


def reads_of(model: PreTrainedModel) -> tuple[type[Input], ...]:
    """Say what kinds of input a model takes, by what its forward pass asks for."""
    asked = frozenset(asks_of(model))
    sees, hears = bool(asked & SIGHTS), bool(asked & SOUNDS)
    if "decoder_input_ids" in asked:
        return (PictureAndText, Generated) if sees else (SoundAndText, Generated) if hears else (TextPair, Generated)
    if sees:
        return (PictureAndText, Generated) if "input_ids" in asked else (Picture,)
    if hears:
        return (SoundAndText, Generated) if "input_ids" in asked else (Sound,)
    return TEXTS


def _read(reads: tuple[type[Input], ...], given: Mapping[str, Tensor]) -> tuple[type[Input], ...]:
    """Keep to what a model was seen to read: where it took no picture or sound, it is a model of text."""
    if given.keys() & (SIGHTS | SOUNDS) or not ({PictureAndText, SoundAndText} & set(reads)):
        return reads
    return (TextPair, Generated) if "decoder_input_ids" in given else TEXTS


def _told(causal: bool, weighs: bool) -> dict[str, bool]:
    return Family("", (), {"self": Part((), weighs=weighs)}, causal=causal).told


def _compared(model: PreTrainedModel, given: Mapping[str, Tensor], causal: bool) -> _Compared:
    """Name the modules that call our attention function, and which of them do so in windows.

    None do when the function cannot be chosen, or would not do. Where masks that are spelled out lead to other weights
    than sdpa's short cuts, they are what the model's eager code follows.
    """
    try:
        seen = _calls(model, IMPLEMENTATION, given, causal)
        told = _calls(model, EXPLICIT, given, causal)
    except (WeightsUnavailable, ValueError):
        return _Compared({})
    windows = frozenset(call.place for call in told if len(call.weights()) > 1)
    return _Compared({call.place: call.module for call in told}, windows, not _alike(seen, told))


def _calls(
    model: PreTrainedModel, implementation: str, given: Mapping[str, Tensor], causal: bool
) -> Sequence[Compared]:
    ours = twin(model, implementation)
    name_places(backbone_of(ours))
    with same_chance(), recording() as seen, torch.inference_mode():
        backbone_of(ours)(**given, **_told(causal, False))
    return seen


def _alike(first: Sequence[Compared], second: Sequence[Compared]) -> bool:
    tables = zip(first, second, strict=False)
    same = (np.allclose(one.weights(), other.weights(), rtol=0, atol=SAME) for one, other in tables)
    return len(first) == len(second) and all(same)


def _weighed(
    model: PreTrainedModel, given: Mapping[str, Tensor], compared: Places, causal: bool
) -> tuple[Places, set[str]]:
    """Name the modules whose eager code gives weights and that do not call our function, and those in windows.

    Every layer of weights that the model itself reports must be theirs, or those of a module that calls.
    """
    slow = twin(backbone_of(model), "eager")
    name_places(slow)
    givers: dict[int, nn.Module] = {}
    kept: list[Tensor] = []  # so that no address is used twice

    def note(module: nn.Module, taken: Any, result: Any) -> None:
        weights = weights_of(result, BATCH_HEAD_QUERY_KEY)
        if weights is not None and weights.data_ptr() not in givers and shares(weights) and _of_heads(module, weights):
            givers[weights.data_ptr()] = module  # the innermost speaks first
            kept.append(weights)

    for module in slow.modules():
        module.register_forward_pre_hook(_asked, with_kwargs=True)
        module.register_forward_hook(note)
    with same_chance(), torch.inference_mode():
        output = slow(**given, **_told(causal, True))
    reported = list(_reported(output))
    found = [givers.get(weights.data_ptr()) for weights in reported]
    if not (compared or found) or (not compared and None in found):
        raise UnknownFamily(
            "Models of type {model_type!r} are not listed, and this one shows no attention: of {layers} layers that "
            "its eager code reports, {found} could be traced to a module. Choose another model.",
            model_type=model.config.model_type,
            layers=len(found),
            found=sum(module is not None for module in found),
        )
    windows = {place_of(module) for module, weights in zip(givers.values(), kept, strict=True) if len(weights) > 1}
    others = (module for module in givers.values() if place_of(module) not in compared)
    return {place_of(module): type(module).__name__ for module in others}, windows


def _of_heads(module: nn.Module, weights: Tensor) -> bool:
    """Say whether a table has a map for each head that its module declares: sampled points, say, come otherwise."""
    told = (getattr(module, name, None) for name in ("num_heads", "num_attention_heads", "n_heads", "n_head"))
    heads = next((each for each in told if isinstance(each, int)), weights.shape[1])
    return weights.shape[1] == heads


def _asked(module: nn.Module, given: Any, named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return given, told_to_weigh(module, named)


def _reported(output: Any) -> Iterator[Tensor]:
    """Gather every table of weights that a model reports, under whatever name, in towers too."""
    for name, value in output.items() if isinstance(output, Mapping) else ():
        if isinstance(value, Mapping):
            yield from _reported(value)
        elif "attentions" in name:
            yield from (each for each in value or () if isinstance(each, Tensor))
