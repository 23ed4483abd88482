"""Any configuration of transformers, made small: few layers, narrow, of few words, with pictures of few patches.

Three ways are tried in turn, as configurations bind their numbers to each other in ways no rule foresees: the smallest
of every number, every width by one divisor (so that their ratios stay), and fewer layers and words alone. Of types that
a family lists, there is one made by hand as well.
"""

import copy
import dataclasses
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import CONFIG_MAPPING, PretrainedConfig, ResNetConfig

from tests.sweep import rules
from tests.sweep.rules import HEADS, LAYERS, MOST_LAYERS, WIDTH, WINDOW, WORDS
from tests.tiny_sizes import MODELS

SMALLEST, DIVIDED, SHALLOW, BY_HAND = WAYS = ("smallest", "divided", "shallow", "by hand")
SPREAD = {"initializer_range": 0.2, "init_std": 0.2}


def shrunk(model_type: str, way: str) -> PretrainedConfig:
    """Make a small configuration of a type, in one of the ways."""
    if way == BY_HAND:
        return CONFIG_MAPPING[model_type](**({"vocab_size": WORDS} | MODELS[model_type][1]))
    if model_type in rules.COMPOSED:
        parts = {name: shrunk(kind, way) for name, kind in rules.COMPOSED[model_type].items()}
        if "decoder" in parts:
            parts["decoder"].is_decoder = parts["decoder"].add_cross_attention = True
        return CONFIG_MAPPING[model_type](**parts)
    return _Shrinking(way).small(CONFIG_MAPPING[model_type](**rules.BOUND.get(model_type, {})))


@dataclasses.dataclass(frozen=True)
class _Whole:
    """What the fields of one configuration need to know of each other.

    `depth` is how many layers there are, `chosen` those that stay, `divisor` what widths are divided by.
    """

    given: Mapping[str, Any]
    depth: int
    chosen: Sequence[int]
    divisor: int


class _Shrinking:
    """One configuration and all that it holds, shrunk in one way; ids of special tokens stay alike throughout."""

    def __init__(self, way: str) -> None:
        self._way = way
        self._ids: dict[int, int] = {}

    def small(self, config: PretrainedConfig) -> PretrainedConfig:
        """Shrink a configuration and those that it holds."""
        if config.model_type == "timm_backbone":  # needs timm; any backbone of convolutions does as well
            shown = list(config.out_indices)
            return ResNetConfig(embedding_size=16, hidden_sizes=[16, 16, 32, 64], depths=[1] * 4, out_indices=shown)
        own = vars(config)  # where layers differ in a number, asking for it by name is refused
        named = [f.name for f in dataclasses.fields(config) if f.init]
        given = {name: own[name] if name in own else getattr(config, name, None) for name in named}
        unsaid = {f.name for f in dataclasses.fields(config) if f.default is None}
        fresh = self._fields(given, unsaid, own.get("_out_indices") or ())
        if self._way == SMALLEST and "rope_theta" in (fresh.get("rope_parameters") or ()) and _in_sections(config):
            fresh["rope_parameters"] = {"mrope_section": [2, 1, 1]} | fresh["rope_parameters"]
        bound = rules.SET.get(config.model_type) or rules.SET.get(type(config).__name__, {})
        return type(config)(**fresh | bound)

    def _fields(self, given: Mapping[str, Any], unsaid: set[str], shown: Sequence[int]) -> dict[str, Any]:
        depth = next((given[name] for name in given if _is_layers(name, given[name], given)), 0)
        whole = _Whole(given, depth, _chosen_layers(given, depth, len(shown) if depth else 0), _divisor(given))
        made = {
            name: self._one(name, value, whole)
            for name, value in given.items()
            if name not in rules.LEFT and not (name in unsaid & rules.COMPUTED and type(value) is int)
        }
        return made | _told_of_heads(made) | _told_of_tiles(made) | _told_of_stages(whole, shown)

    def _one(self, name: str, value: Any, whole: _Whole) -> Any:
        """Shrink one field."""
        if isinstance(value, PretrainedConfig):
            return self.small(value)
        if isinstance(value, dict):
            return self._mapping(value)
        if isinstance(value, list | tuple):
            return type(value)(self._several(name, value, whole))
        if type(value) is int:
            return self._number(name, value, whole)
        return SPREAD.get(name, value)

    def _mapping(self, value: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = copy.deepcopy(dict(value))
        for name, own in made.items():
            if isinstance(own, dict):
                made[name] = self._mapping(own)
            elif name == "mrope_section" and self._way == SMALLEST:
                made[name] = _sections(own)
        return made

    def _several(self, name: str, value: Sequence[Any], whole: _Whole) -> Iterable[Any]:
        whole_numbers = all(type(each) is int for each in value)
        if rules.TOKENS.search(name) and whole_numbers:
            return [self._token(each) for each in value]
        if whole.depth and len(value) == whole.depth and name not in ("depths", "conv_dim"):
            return [value[place] for place in whole.chosen]
        if rules.DEPTHS_OF_STAGES.search(name):
            return [min(each, LAYERS) if type(each) is int else each for each in value]
        if whole.depth and rules.PLACES.search(name) and whole_numbers:
            return dict.fromkeys(_place(each, whole.depth, len(whole.chosen)) for each in value)
        if name in rules.SIDES and len(value) == 2:
            patch = _patch(whole.given)
            return (4 * patch, 6 * patch) if patch > 4 else (64, 96)
        return self._widths(name, value)

    def _widths(self, name: str, value: Sequence[Any]) -> Iterable[Any]:
        if self._way == SMALLEST and name == "mrope_section":
            return _sections(value)
        if self._way == SMALLEST and name in rules.WIDTHS_IN_LISTS:
            return [rules.WIDTHS_IN_LISTS[name]] * len(value)
        return copy.deepcopy(value)

    def _number(self, name: str, value: int, whole: _Whole) -> int:
        if rules.TOKENS.search(name):
            return self._token(value)
        if rules.WORD_COUNT.search(name):
            return min(value, WORDS)
        if _is_layers(name, value, whole.given):
            layers = len(whole.chosen)
            return layers if name in rules.DEPTHS else min(value, max(LAYERS, layers))
        if name in rules.SIDES:
            return value if whole.given.get("window_size") and whole.given.get("depths") else _side(whole.given)
        if name in rules.POSITIONS:
            return min(value, 512)
        return self._width(name, value, whole)

    def _width(self, name: str, value: int, whole: _Whole) -> int:
        if self._way == SMALLEST:
            return min(value, _at_most(name, value, whole.given))
        if self._way == DIVIDED and rules.EXPERTS.search(name):
            return min(value, 8)
        wide = any(pattern.search(name) for pattern in (rules.NARROW, rules.BROAD, rules.HEAD_COUNT, rules.KEY_HEADS))
        fits = value >= whole.divisor and value % whole.divisor == 0
        return value // whole.divisor if self._way == DIVIDED and wide and fits else value

    def _token(self, value: int) -> int:
        if value < WORDS // 2:
            return value
        return self._ids.setdefault(value, WORDS - 1 - len(self._ids))


def _at_most(name: str, value: int, given: Mapping[str, Any]) -> int:
    """Say how large a number may be at most, if it shall be as small as can be."""
    if name in rules.AT_MOST:
        return rules.AT_MOST[name]
    heads = {own: given[own] for own in given if rules.HEAD_COUNT.search(own)}
    in_stages = any(isinstance(own, list | tuple) for own in heads.values())  # whose widths go by their heads
    bounds = (
        (rules.WINDOWS, value if _sees(given) else WINDOW),
        (rules.EXPERTS, 4),
        (rules.CHOSEN, 2),
        (rules.KEY_HEADS, HEADS if value >= max([own for own in heads.values() if type(own) is int] or [0]) else 2),
        (rules.HEAD_COUNT, HEADS),
        (rules.KEEP, value),
        (rules.NARROW, value if in_stages else WIDTH),
        (rules.BROAD, value if in_stages else 16 if "moe" in name or "expert" in name else 40),
    )
    return next((bound for pattern, bound in bounds if pattern.search(name)), value)


def _told_of_heads(made: Mapping[str, Any]) -> dict[str, int]:
    """Say how wide heads are, and how many keys there are, where a configuration leaves that open."""
    heads, width = made.get("num_attention_heads"), made.get("hidden_size")
    if type(heads) is not int:
        return {}
    told = {"head_dim": width // heads if type(width) is int else 8, "num_key_value_heads": heads}
    return {name: number for name, number in told.items() if name in made and made[name] is None}


def _told_of_tiles(made: Mapping[str, Any]) -> dict[str, Any]:
    """Let a large picture be two small ones, where pictures are cut into tiles."""
    sees = made.get("vision_config")
    if sees is None or not isinstance(made.get("image_grid_pinpoints"), list):
        return {}
    side = getattr(sees, "image_size", 64)
    return {"image_grid_pinpoints": [[side, 2 * side], [2 * side, side]]}


def _told_of_stages(whole: _Whole, shown: Sequence[int]) -> dict[str, list[int]]:
    """Name the layers, or the stages, that others build on: as many as before."""
    if not shown:
        return {}
    last = len(whole.chosen)
    return {"out_indices": list(range(last - len(shown) + 1, last + 1)) if whole.depth else list(shown)}


def _is_layers(name: str, value: Any, given: Mapping[str, Any]) -> bool:
    if type(value) is not int or rules.LAYER_COUNT.search(name) is None or rules.NO_LAYER_COUNT.search(name):
        return False
    stages = given.get("depths")
    return not (isinstance(stages, list | tuple) and len(stages) == value)


def _in_sections(config: PretrainedConfig) -> bool:
    """Say whether the code of a model shares the width of a head among time, rows and columns, told or not."""
    code = Path((sys.modules[type(config).__module__].__file__ or "").replace("configuration_", "modeling_"))
    return code.exists() and "mrope_section" in code.read_text(encoding="utf-8")


def _chosen_layers(given: Mapping[str, Any], depth: int, least: int) -> list[int]:
    """Choose layers so that each kind is among them, the first of each, and as many as others build on."""
    kinds = [given[n] for n in rules.KINDS_OF_LAYERS if given.get(n)]
    own = next((list(each) for each in kinds if len(each) == depth), None)
    firsts = sorted({own.index(kind) for kind in own}) if own else []
    rest = (place for place in range(depth) if place not in firsts)
    firsts = firsts[:MOST_LAYERS]
    while len(firsts) < min(max(LAYERS, least), depth):
        firsts.append(next(rest))
    return sorted(firsts)


def _divisor(given: Mapping[str, Any]) -> int:
    heads = [own for n, own in given.items() if rules.HEAD_COUNT.search(n) and type(own) is int and own > 1]
    return max(1, min(heads) // 4) if heads else 1


def _place(index: int, depth: int, layers: int) -> int:
    return max(index, -layers) if index < 0 else min(index, layers if index == depth else layers - 1)


def _sections(value: Iterable[int]) -> list[int]:
    """Share out half the width of a head, 4, over as many sections."""
    count = len(list(value))
    return [4 - (count - 1), *([1] * (count - 1))]


def _patch(given: Mapping[str, Any]) -> int:
    own = given.get("patch_size") or given.get("vision_patch_size") or 16
    own = own[0] if isinstance(own, list | tuple) else own
    return own if type(own) is int else 16


def _sees(given: Mapping[str, Any]) -> bool:
    return any(name in given for name in ("image_size", "patch_size", "num_channels"))


def _side(given: Mapping[str, Any]) -> int:
    patch = _patch(given)
    staged = any(isinstance(given.get(n), list | tuple) for n in rules.STAGED)
    return 128 if staged or patch < 8 else 4 * patch


def widened(model: torch.nn.Module, gain: float) -> None:
    """Draw weights so wide that rows are far from even, as a wrong map of even rows would pass for a right one.

    Vectors stay as they are made, but for gates and scales that begin at or near nothing, and for sinks.
    """
    own = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            _widen(name, tensor, own, gain)


def _widen(name: str, tensor: torch.Tensor, own: torch.Generator, gain: float) -> None:
    if not tensor.is_floating_point() or re.search(r"A_log|dt_bias|\.D$|codebook|weight_g$|original0", name):
        return
    if tensor.ndim >= 2 and tensor.numel() > tensor.shape[0]:
        embeds = re.search(r"embed|position|token|shared|wte|wpe", name)
        fan = tensor[0].numel() if tensor.ndim == 2 or tensor.ndim > 3 else tensor.shape[-1]
        tensor.copy_(torch.randn(tensor.shape, generator=own) * (0.7 if embeds else gain * fan**-0.5))
    elif "sink" in name or (tensor.ndim and bool((tensor == 0).all()) and re.search(r"gate|token|probe|query", name)):
        tensor.copy_(torch.randn(tensor.shape, generator=own))
    elif re.search(r"gamma|lambda|layer_?scale|gate", name) and tensor.ndim <= 2 and bool((tensor.abs() < 0.3).all()):
        tensor.fill_(0.5)
