"""How a model of an unlisted type attends, found out by running it. What is found is verified like any family."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
from attnviz.models.listening import ROUNDING, shares, told_to_weigh, weights_of
from attnviz.models.places import name_places, place_of
from attnviz.models.probe import asks_of, probe
from attnviz.models.twin import twin
from attnviz.models.verify import same_chance

TABLE_SIDES = 3  # at least: where a module shows no weights, transformers reports a row of what it returned instead
SAME = 1e-6  # of two weights that are the same but for rounding
SIGHTS = frozenset({"pixel_values", "pixel_values_videos", "flattened_patches", "image", "grid_thw"})
SOUNDS = frozenset({"input_features", "input_values", "audio_mel"})


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
        weighed = _weighed(model, own, compared, causal)
    except UnknownFamily:
        raise
    except Exception as why:  # an unlisted model may want another input, and fail at it in any way
        raise UnknownFamily(
            "Models of type {model_type!r} are not listed, and this one cannot read a short text ({why}). Choose "
            "another model.",
            model_type=model.config.model_type,
            why=" ".join(f"{type(why).__name__}: {why}".split())[:200],
        ) from why
    return _family(model, compared, weighed, _read(reads_of(model), own), causal)


@dataclass(frozen=True)
class _Places:
    """Where a model attends: the class of the module there, how often it does, and whether in windows.

    `explicit` where masks that are spelled out make another map than sdpa's short cuts; `drawn` are the weights.
    """

    modules: dict[str, str]
    counts: Mapping[str, int] = field(default_factory=dict)
    windows: frozenset[str] = frozenset()
    explicit: bool = False
    drawn: tuple[Tensor, ...] = ()


def _family(
    model: PreTrainedModel, compared: _Places, weighed: _Places, reads: tuple[type[Input], ...], causal: bool
) -> Family:
    """Sort the places by stack. Modules that show weights stand beside masks of eager code, which name every pair."""
    others = {place: name for place, name in weighed.modules.items() if place not in compared.modules}
    every = {**compared.modules, **others}
    found = patterns(list(every))
    held = {stack: _held(every, pattern) for stack, pattern in found.items()}
    mixed = any(own & others.keys() and own - others.keys() for own in map(set, held.values()))
    shown = weighed.modules if mixed else others  # a stack of both kinds shows weights, which eager code alone does
    windows = compared.windows | weighed.windows
    stacks, layers = {}, {}
    for stack, own in held.items():
        weighs, in_windows = bool(own.keys() & shown.keys()), bool(own.keys() & windows)
        counts = (weighed if weighs else compared).counts
        stacks[stack] = Part(tuple(dict.fromkeys(own.values())), found[stack], weighs=weighs, windows=in_windows)
        layers[stack] = len(own) if in_windows else sum(counts.get(place, 0) for place in own)
    return Family(
        model.config.model_type,
        (model.config.model_type,),
        stacks,
        reads=reads,
        causal=causal,
        layers=layers,
        explicit=compared.explicit or bool(others),
    )


def _held(places: dict[str, str], pattern: str) -> dict[str, str]:
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


def _compared(model: PreTrainedModel, given: Mapping[str, Tensor], causal: bool) -> _Places:
    """Find the modules that call our attention function.

    None do when the function cannot be chosen, or would not do. Where masks that are spelled out lead to other weights
    than sdpa's short cuts, they are what the model's eager code follows.
    """
    try:
        seen, _ = _calls(model, IMPLEMENTATION, given, causal)
        told, ran = _calls(model, EXPLICIT, given, causal)
    except (WeightsUnavailable, ValueError):
        return _Places({})
    drawn = tuple(torch.tensor(call.weights()) for call in told)
    counts = Counter(call.place for call in told)
    at_once = {call.place for call, weights in zip(told, drawn, strict=True) if len(weights) > 1}
    one_by_one = {place for place in counts if counts[place] > ran[place]}
    return _Places(
        {call.place: call.module for call in told},
        counts,
        frozenset(at_once | one_by_one),
        not _alike(seen, told),
        drawn,
    )


def _calls(
    model: PreTrainedModel, implementation: str, given: Mapping[str, Tensor], causal: bool
) -> tuple[Sequence[Compared], Counter[str]]:
    """Run a twin with our function; give its calls, and how often each module ran: once for all windows of a layer."""
    ours = twin(model, implementation)
    name_places(backbone_of(ours))
    ran: Counter[str] = Counter()
    for module in backbone_of(ours).modules():
        module.register_forward_pre_hook(lambda module, given: ran.update([place_of(module)]))
    with same_chance(), recording() as seen, torch.inference_mode():
        backbone_of(ours)(**given, **_told(causal, False))
    return seen, ran


def _alike(first: Sequence[Compared], second: Sequence[Compared]) -> bool:
    tables = zip(first, second, strict=False)
    same = (np.allclose(one.weights(), other.weights(), rtol=0, atol=SAME) for one, other in tables)
    return len(first) == len(second) and all(same)


def _weighed(model: PreTrainedModel, given: Mapping[str, Tensor], compared: _Places, causal: bool) -> _Places:
    """Find the modules whose eager code gives weights.

    Every layer of weights that the model itself reports must be theirs.
    Raises  UnknownFamily  when one is not, or when neither they nor those that call our function are any.
    """
    slow = twin(backbone_of(model), "eager")
    name_places(slow)
    given_by: dict[int, tuple[nn.Module, Tensor]] = {}  # the tensors too, so that no address is used twice

    def note(module: nn.Module, taken: Any, result: Any) -> None:
        weights = weights_of(result, BATCH_HEAD_QUERY_KEY)
        if weights is not None:
            given_by.setdefault(weights.data_ptr(), (module, weights))  # the innermost speaks first

    for module in slow.modules():
        module.register_forward_pre_hook(_asked, with_kwargs=True)
        module.register_forward_hook(note)
    with same_chance(), torch.inference_mode():
        output = slow(**given, **_told(causal, True))
    reported = list(_reported(output))
    told = {weights.data_ptr() for weights in reported}
    found = [
        (place_of(module), module, weights)
        for address, (module, weights) in given_by.items()
        if shares(weights) and _of_heads(module, weights, told=address in told)
    ]
    places = {place for place, _, _ in found} | set(compared.modules)
    traced = [weights for module, weights in given_by.values() if place_of(module) in places] + list(compared.drawn)
    lost = [weights for weights in reported if _is_share(weights) and not _among(weights, traced)]
    _check_traced(model.config.model_type, len(reported), len(lost), bool(places))
    return _Places(
        {place: type(module).__name__ for place, module, _ in found},
        Counter(place for place, _, _ in found),
        frozenset(place for place, _, weights in found if len(weights) > 1),
    )


def _check_traced(model_type: str, reported: int, lost: int, shows: bool) -> None:
    if lost and shows:
        raise UnknownFamily(
            "Models of type {model_type!r} are not listed, and of {layers} layers of weights that this one reports, "
            "{lost} are of no module that weighs pairs of positions: keys may be sampled, or weights changed. Choose "
            "another model.",
            model_type=model_type,
            layers=reported,
            lost=lost,
        )
    if lost or not shows:
        raise UnknownFamily(
            "Models of type {model_type!r} are not listed, and this one shows no attention: of {layers} layers that "
            "its eager code reports, {found} could be traced to a module. Choose another model.",
            model_type=model_type,
            layers=reported,
            found=reported - lost,
        )


def _of_heads(module: nn.Module, weights: Tensor, *, told: bool) -> bool:
    """Say whether a table has a map for each head that its module declares; one without heads must be told of.

    Much else comes in tables of rows that sum to 1: points that are sampled, streams that are mixed.
    """
    heads = (getattr(module, name, None) for name in ("num_heads", "num_attention_heads", "n_heads", "n_head"))
    return weights.shape[1] == next((each for each in heads if isinstance(each, int)), weights.shape[1] if told else 0)


def _is_share(weights: Tensor) -> bool:
    """Say whether numbers could be weights at all; linear layers report their states beside those of others."""
    return bool((weights >= 0).all()) and bool((weights <= 1 + SAME).all())


def _among(weights: Tensor, kept: Sequence[Tensor]) -> bool:
    """Say whether a table is one that a module gave, in whatever shape."""
    flat = weights.float().flatten()
    same = (each.float().flatten() for each in kept if each.numel() == flat.numel())
    return any(torch.allclose(each.to(flat.device), flat, rtol=0, atol=ROUNDING) for each in same)


def _asked(module: nn.Module, given: Any, named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return given, told_to_weigh(module, named)


def _reported(output: Any, within: bool = False) -> Iterator[Tensor]:
    """Gather every table of weights that a model reports, under whatever name, in towers and stages too."""
    if isinstance(output, Tensor):
        yield from [output] if within and output.ndim >= TABLE_SIDES else []
    elif isinstance(output, Mapping):
        for name, value in output.items():
            yield from _reported(value, within or "attentions" in name)
    elif within and isinstance(output, list | tuple):
        for value in output:
            yield from _reported(value, within)
