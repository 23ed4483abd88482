"""One type of model, made small and held to its own eager attention: what comes of it."""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
import transformers
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from transformers import PretrainedConfig, PreTrainedModel
from transformers.models.auto import modeling_auto as lists
from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

import attnviz
from attnviz.axes import Sides
from attnviz.errors import AttnvizError
from attnviz.families import Compared, listed
from attnviz.models.attention import recording
from attnviz.models.backbone import backbone_of
from attnviz.models.calls import Call, unnamed
from attnviz.models.discovery import SIGHTS, SOUNDS, is_decoder, reads_of
from attnviz.models.eager import eager_calls
from attnviz.models.listening import told_to_weigh
from attnviz.models.loading import LoadedModel
from attnviz.models.probe import probe
from attnviz.models.twin import twin
from attnviz.models.verify import same_chance
from tests.sweep.shrink import WAYS, shrunk, widened

VERIFIED, REFUSED, WRONG = "verified", "refused", "wrong"
WITHOUT, UNMADE = "no attention", "not constructible here"
OUTCOMES = (VERIFIED, REFUSED, WITHOUT, UNMADE, WRONG)
MOST_APART = 1e-5
GAINS = (1.5, 0.5)  # of the weights: where rounding grows from layer to layer, they are drawn again, less wide
ROUNDING = 1e-3
MOST_PARAMETERS = 450_000_000
FAR_FROM_EVEN = 0.05


@dataclass(frozen=True)
class Result:
    """What came of one type.

    Unit    apart: largest difference of a weight from eager; output: of the model's output, as a share of its largest
            number or of 1; rows: largest distance of a row's sum from 1; uneven: largest distance of a weight from an
            even row.
    """

    name: str
    outcome: str
    reason: str = ""
    way: str = ""
    model: str = ""
    gain: float = 0.0
    family: str = ""  # that lists the type
    given: str = ""
    stacks: Mapping[str, int] = field(default_factory=dict)
    how: Mapping[str, str] = field(default_factory=dict)
    apart: float = 0.0
    output: float = 0.0
    rows: float = 0.0
    uneven: float = 0.0
    unheard: int = 0  # tables that no softmax of the pass made
    beside: tuple[str, ...] = ()  # shapes of softmaxes that are in no layer

    def as_dict(self) -> dict[str, Any]:
        """Turn into what a line of the results holds."""
        return asdict(self)


def every_type() -> tuple[str, ...]:
    """Name every type of configuration that transformers lists, in order."""
    return tuple(sorted({*CONFIG_MAPPING_NAMES, *lists.MODEL_MAPPING_NAMES}, key=str.lower))


def tried(model_type: str) -> Result:
    """Try each way to make a type small until one is verified; else say what the most telling one came to."""
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    try:
        listed(model_type)
    except AttnvizError as why:
        return Result(model_type, REFUSED, one_line(why))
    found: list[Result] = []
    for way in WAYS:
        for gain in GAINS:
            found.append(_tried(model_type, way, gain))
            if not (found[-1].outcome == WRONG and found[-1].apart <= ROUNDING):
                break
        if found[-1].outcome in (VERIFIED, WRONG, WITHOUT) or not _may_do_otherwise(found[-1]):
            return found[-1]
    return min(found, key=lambda each: OUTCOMES.index(each.outcome))


def _may_do_otherwise(result: Result) -> bool:
    """Say whether another way to make it small may help: where it could not be made or run, or has no such layers."""
    return result.outcome == UNMADE or "cannot read" in result.reason or "has 0 layers" in result.reason


def _tried(model_type: str, way: str, gain: float) -> Result:
    named: dict[str, Any] = {"name": model_type, "way": way, "gain": gain}
    try:
        model = made(model_type, way, gain)
    except Exception as why:  # a configuration may bind its numbers in any way
        return Result(**named, outcome=UNMADE, reason=one_line(why))
    named["model"] = type(model).__name__
    try:
        family = listed(model_type)
        named["family"] = family.name if family else ""
        own = attnviz.wrap(model, None)
    except AttnvizError as why:
        if _softmaxes(model) == []:
            return Result(**named, outcome=WITHOUT, reason="nothing in it attends: no softmax over pairs")
        return Result(**named, outcome=REFUSED, reason=one_line(why))
    except Exception as why:
        fails = _fails(model)  # by itself, as where its configuration lacks a number
        return Result(**named, outcome=UNMADE if fails else WRONG, reason=one_line(why))
    return compared(own, model, named)


def made(model_type: str, way: str, gain: float = GAINS[0]) -> PreTrainedModel:
    """Make a small model of a type, its weights drawn wide."""
    config = shrunk(model_type, way)
    door = model_class(model_type, config)
    with torch.device("meta"):
        count = sum(each.numel() for each in door._from_config(shrunk(model_type, way)).parameters())
    if count > MOST_PARAMETERS:
        raise ValueError(f"{count:,} parameters are left after shrinking")
    torch.manual_seed(0)
    model = door._from_config(config, attn_implementation="eager").eval().float()
    widened(model, gain)
    return model


def model_class(model_type: str, config: PretrainedConfig) -> Any:
    """Find the class that a visitor's files of a type would open as; where no list has one, in the type's own code."""
    family = listed(model_type)
    opening = family.doors if family else ("AutoModelForCausalLM",) if _goes_on(model_type) else ("AutoModel",)
    mappings = [getattr(transformers, door)._model_mapping for door in (*opening, "AutoModel")]
    mappings += [getattr(lists, name) for name in sorted(dir(lists)) if re.fullmatch(r"MODEL_.*MAPPING", name)]
    found = [each for mapping in mappings for each in _listed_in(mapping, config)]
    own = (each for each in found if each.config_class is type(config))  # where a type borrows another's code, none is
    if (first := next(own, None)) is not None:
        return first
    try:
        return _in_own_code(config)
    except (ImportError, LookupError):
        if found:
            return found[0]
        raise


def _listed_in(mapping: Any, config: PretrainedConfig) -> list[Any]:
    try:
        found = mapping.get(type(config), ())
    except (ValueError, AttributeError):  # a list may name what there is not
        return []
    return list(found) if isinstance(found, tuple | list) else [found]


def _goes_on(model_type: str) -> bool:
    return is_decoder(model_type) and model_type not in lists.MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES


def _in_own_code(config: PretrainedConfig) -> Any:
    name = type(config).__module__.replace("configuration_", "modeling_")
    module = __import__(name, fromlist=["*"])
    own = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, PreTrainedModel)]
    fits = [each for each in own if each.config_class is type(config) and not each.__name__.endswith("PreTrainedModel")]
    if not fits:
        raise LookupError("configures a part of other models and has no model of its own")
    return min(fits, key=lambda each: ("For" in each.__name__, len(each.__name__)))


def compared(own: LoadedModel, model: PreTrainedModel, named: dict[str, Any]) -> Result:
    """Hold a loaded model to its eager code, closer than loading does, and look for attention that it does not show."""
    family = own.family
    given = probe(own.model, family.reads, causal=family.causal)
    with same_chance(), recording() as seen, torch.inference_mode():
        output = own.backbone(**given, **family.told)
    with same_chance():
        theirs = family.sort(eager_calls(own.backbone, family, given))
    ours = family.sort(seen)
    tables = [t for stack in family.stacks for call in ours[stack] for t in call.weights()]
    others = [t for stack in family.stacks for call in theirs[stack] for t in call.weights()]
    slow = twin(backbone_of(model), "eager")
    for module in slow.modules():
        module.register_forward_pre_hook(_asked, with_kwargs=True)
    with same_chance(), torch.inference_mode(), _Softmaxes() as heard:
        plain = slow(**given, **family.told)
    apart = max(float(np.abs(a - b).max()) for a, b in zip(tables, others, strict=True))
    whole = [table / table.sum(axis=-1, keepdims=True) for table in tables]  # as a softmax is before a sink's share
    whole = [one if _heard(one, heard.tables) else table for one, table in zip(whole, tables, strict=True)]
    result = Result(
        **named,
        outcome=VERIFIED,
        given=_given(given),
        stacks=dict(own.layers),
        how={
            s: ("weights" if p.weighs else "q, k") + (" in windows" if p.windows else "")
            for s, p in family.stacks.items()
        },
        apart=apart,
        output=_output_apart(output, plain),
        rows=_rows(ours),
        uneven=max(map(_uneven, tables)),
        unheard=sum(not _heard(table, heard.tables) for table in whole),
        beside=tuple(_beside(heard.tables, whole)),
    )
    return _judged(result)


def _given(tensors: Mapping[str, Tensor]) -> str:
    """Say in words what a model was given."""
    kinds = {"picture": SIGHTS, "sound": SOUNDS, "text": {"input_ids", "decoder_input_ids"}}
    return " and ".join(kind for kind, names in kinds.items() if names & tensors.keys()) or "states"


def _judged(result: Result) -> Result:
    for name in ("apart", "output", "rows"):
        if not getattr(result, name) <= MOST_APART:
            return Result(**{**asdict(result), "outcome": WRONG, "reason": f"{name} is {getattr(result, name):.1e}"})
    return result


def _output_apart(ours: Any, plain: Any) -> float:
    first, second = (next(_tensors(each)) for each in (ours, plain))
    if first.shape != second.shape:
        return float("inf")
    return float((first - second).abs().max() / max(1.0, float(second.abs().max())))


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        if value.is_floating_point() and value.numel():
            yield value.float()
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if "attention" not in name:
                yield from _tensors(each)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from _tensors(each)


def _rows(ours: Mapping[str, Sequence[Compared]]) -> float:
    """Find the row whose weights, its sink's share with them, are furthest from 1."""
    worst = 0.0
    for call in (call for calls in ours.values() for call in calls):
        if isinstance(call, Call):
            sums = call.layer(Sides(*unnamed((call.q.shape[1], call.k.shape[1])))).weights().sum(axis=-1)
        else:
            sums = call.weights().sum(axis=-1)
        worst = max(worst, float(np.abs(sums - 1).max()))
    return worst


def _uneven(table: np.ndarray) -> float:
    reachable = np.maximum((table > 0).sum(axis=-1, keepdims=True), 1)
    return float(np.where(table > 0, np.abs(table - 1 / reachable), 0).max())


class _Softmaxes(TorchFunctionMode):
    """Hear every softmax over a table of three sides or more, whoever calls it: a second witness of what attends."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Tensor | tuple[int, ...]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "")
        if name in ("softmax", "_softmax") and isinstance(result, Tensor) and result.ndim >= 3:
            self.tables.append(result.detach().clone())
        elif name == "multi_head_attention_forward" and result[1] is not None:
            self.tables.append(result[1].detach().clone())
        elif name in ("scaled_dot_product_attention", "multi_head_attention_forward"):
            self.tables.append(tuple(args[0].shape))
        return result


def _asked(module: nn.Module, given: Any, named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return given, told_to_weigh(module, named)


def _softmaxes(model: PreTrainedModel) -> list[Any] | None:
    """Hear what a refused model does with the input it would be given; None where it cannot read it."""
    try:
        given = probe(model, reads_of(model), causal=False)
        with same_chance(), torch.inference_mode(), _Softmaxes() as heard:
            backbone_of(model)(**given)
    except Exception:
        return None
    return heard.tables


def _fails(model: PreTrainedModel) -> bool:
    """Say whether a model cannot even be run as it is."""
    try:
        with torch.inference_mode():
            backbone_of(model)(**probe(model, reads_of(model), causal=False))
    except Exception:
        return True
    return False


def _beside(heard: Sequence[Any], tables: Sequence[np.ndarray]) -> Iterator[str]:
    """Name the softmaxes that no table we drew holds, by their shapes."""
    drawn = {}
    for table in tables:
        drawn.setdefault(table.shape[-2:], []).append(table)
    for each in heard:
        if isinstance(each, tuple):
            yield "kernel " + "x".join(map(str, each))
            continue
        own = each.float().numpy().reshape(-1, *each.shape[-2:])
        near = [
            t
            for shape, group in drawn.items()
            for t in group
            if shape[0] == own.shape[1] and shape[1] in (own.shape[2], own.shape[2] - 1)
        ]
        if not any(_among(own[0], t) for t in near):
            yield "x".join(map(str, each.shape))


def _heard(table: np.ndarray, heard: Sequence[Any]) -> bool:
    """Say whether one head of a table is among the softmaxes that were heard."""
    one, (queries, keys) = table[0], table.shape[-2:]
    for each in heard:
        if not isinstance(each, tuple):
            for other in (each, each.transpose(-1, -2), each.movedim(2, 0) if each.ndim == 4 else each):
                if other.shape[-2] == queries and other.shape[-1] >= keys:
                    all_of = other.float().numpy().reshape(-1, *other.shape[-2:])[:, :, :keys]
                    if (np.abs(all_of - one).max(axis=(-2, -1)) < 1e-4).any():
                        return True
    return False


def _among(one: np.ndarray, table: np.ndarray) -> bool:
    return bool((np.abs(table - one[None, :, : table.shape[-1]]).max(axis=(-2, -1)) < 1e-4).any())


def one_line(why: Exception) -> str:
    """Put an error in one line, with no address of this machine in it."""
    told = str(why) if isinstance(why, AttnvizError) else f"{type(why).__name__}: {why}"
    plain = re.sub(r"(?:/[\w.\-]+){3,}/", "", " ".join(told.split()))
    return re.sub(r" at 0x[0-9a-f]+", "", plain)[:300]
