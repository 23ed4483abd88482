"""One type of model, made small and held to its own eager attention: what comes of it."""

import re
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
import transformers
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from transformers import PretrainedConfig, PreTrainedModel
from transformers.models.auto import modeling_auto as lists

import attnviz
from attnviz.errors import AttnvizError
from attnviz.families import Compared, listed
from attnviz.models.attention import recording
from attnviz.models.backbone import backbone_of
from attnviz.models.calls import Weighed
from attnviz.models.discovery import is_decoder
from attnviz.models.eager import eager_calls
from attnviz.models.loading import LoadedModel
from attnviz.models.probe import probe
from attnviz.models.twin import twin
from attnviz.models.verify import same_chance
from tests.sweep.shrink import WAYS, shrunk, widened

VERIFIED, REFUSED, WRONG = "verified", "refused", "wrong"
WITHOUT, UNMADE = "no attention", "not constructible here"
OUTCOMES = (VERIFIED, REFUSED, WITHOUT, UNMADE, WRONG)
MOST_APART = 1e-5
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
    listed: bool = False
    reads: tuple[str, ...] = ()
    stacks: Mapping[str, int] = field(default_factory=dict)
    how: Mapping[str, str] = field(default_factory=dict)
    apart: float = 0.0
    output: float = 0.0
    rows: float = 0.0
    uneven: float = 0.0
    reported: int = 0  # tables of weights that the model's own output holds
    beside: tuple[str, ...] = ()  # shapes of softmaxes that are in no layer

    def as_dict(self) -> dict[str, Any]:
        """Turn into what a line of the results holds."""
        return asdict(self)


def every_type() -> tuple[str, ...]:
    """Name every type of configuration that transformers lists, in order."""
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

    return tuple(sorted({*CONFIG_MAPPING_NAMES, *lists.MODEL_MAPPING_NAMES}, key=str.lower))


def tried(model_type: str) -> Result:
    """Try each way to make a type small until one is verified; else say what the most telling one came to."""
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    found: list[Result] = []
    for way in WAYS:
        found.append(_tried(model_type, way))
        if found[-1].outcome in (VERIFIED, WRONG, WITHOUT):
            break
        if found[-1].outcome == REFUSED and not _cannot_read(found[-1].reason):
            break
    return min(found, key=lambda each: OUTCOMES.index(each.outcome) if each.outcome != WRONG else -1)


def _cannot_read(reason: str) -> bool:
    return "cannot read" in reason


def _tried(model_type: str, way: str) -> Result:
    named: dict[str, Any] = {"name": model_type, "way": way}
    try:
        model = made(model_type, way)
    except Exception as why:  # a configuration may bind its numbers in any way
        return Result(**named, outcome=UNMADE, reason=one_line(why))
    named["model"] = type(model).__name__
    try:
        named["listed"] = listed(model_type) is not None
        own = attnviz.wrap(model, None)
    except AttnvizError as why:
        attends = _softmaxes(model)
        if attends == []:
            return Result(**named, outcome=WITHOUT, reason="nothing in it attends: no softmax over pairs")
        return Result(**named, outcome=REFUSED, reason=one_line(why))
    except Exception as why:
        return Result(**named, outcome=WRONG, reason=one_line(why))
    return compared(own, model, named)


def made(model_type: str, way: str) -> PreTrainedModel:
    """Make a small model of a type, its weights drawn wide."""
    config = shrunk(model_type, way)
    door = model_class(model_type, config)
    with torch.device("meta"):
        count = sum(each.numel() for each in door._from_config(shrunk(model_type, way)).parameters())
    if count > MOST_PARAMETERS:
        raise ValueError(f"{count:,} parameters are left after shrinking")
    torch.manual_seed(0)
    model = door._from_config(config, attn_implementation="eager").eval().float()
    widened(model)
    return model


def model_class(model_type: str, config: PretrainedConfig) -> Any:
    """Find the class that a visitor's files of a type would open as; where no list has one, in the type's own code."""
    family = listed_safely(model_type)
    causal = family.causal if family else is_decoder(model_type)
    causal = causal and model_type not in lists.MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES
    first = ["MODEL_FOR_CAUSAL_LM_MAPPING"] if causal else ["MODEL_MAPPING"]
    rest = [name for name in sorted(dir(lists)) if name.endswith("_MAPPING") and name.startswith("MODEL")]
    for name in [*first, "MODEL_MAPPING", *rest]:
        mapping = getattr(lists, name)
        try:
            found = mapping[type(config)] if type(config) in mapping else ()
        except ValueError:  # a list may name what there is not
            continue
        for each in found if isinstance(found, tuple | list) else (found,):
            if each.config_class is type(config):
                return each
    return _in_own_code(config)


def listed_safely(model_type: str) -> Any:
    """Find the family that lists a type, or None, also where it is refused."""
    try:
        return listed(model_type)
    except AttnvizError:
        return None


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
    with same_chance(), torch.inference_mode(), _Softmaxes() as heard:
        plain = slow(**given, **family.told)
    apart = max(float(np.abs(a - b).max()) for a, b in zip(tables, others, strict=True))
    result = Result(
        **named,
        outcome=VERIFIED,
        reads=tuple(each.__name__ for each in family.reads),
        stacks=dict(own.layers),
        how={s: ("weights" if p.weighs else "q, k") + (" in windows" if p.windows else "") for s, p in family.stacks.items()},
        apart=apart,
        output=_output_apart(output, plain),
        rows=_rows(ours),
        uneven=max(map(_uneven, tables)),
        reported=0,
        beside=tuple(_beside(heard.tables, tables)),
    )
    return _judged(result)


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
    from attnviz.axes import Sides
    from attnviz.models.calls import unnamed

    worst = 0.0
    for call in (call for calls in ours.values() for call in calls):
        if isinstance(call, Weighed):
            sums = call.kept.sum(axis=-1)
        else:
            sums = call.layer(Sides(*unnamed((call.q.shape[1], call.k.shape[1])))).weights().sum(axis=-1)
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
        elif name in ("scaled_dot_product_attention", "multi_head_attention_forward"):
            self.tables.append(tuple(args[0].shape))
        return result


def _softmaxes(model: PreTrainedModel) -> list[Any] | None:
    """Hear what a refused model does with the input it would be given; None where it cannot read it."""
    from attnviz.models.discovery import reads_of

    try:
        given = probe(model, reads_of(model), causal=False)
        with same_chance(), torch.inference_mode(), _Softmaxes() as heard:
            twin_or_self(model)(**given)
    except Exception:
        return None
    return heard.tables


def twin_or_self(model: PreTrainedModel) -> nn.Module:
    """The part that attends, as it is."""
    return backbone_of(model)


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
        near = [t for shape, group in drawn.items() for t in group if shape[0] == own.shape[1] and shape[1] in (own.shape[2], own.shape[2] - 1)]
        if not any(_among(own[0], t) for t in near):
            yield "x".join(map(str, each.shape))


def _among(one: np.ndarray, table: np.ndarray) -> bool:
    return bool((np.abs(table - one[None, :, : table.shape[-1]]).max(axis=(-2, -1)) < 1e-4).any())


def one_line(why: Exception) -> str:
    """Put an error in one line, with no address of this machine in it."""
    told = str(why) if isinstance(why, AttnvizError) else f"{type(why).__name__}: {why}"
    plain = re.sub(r"(?:/[\w.\-]+){3,}/", "", " ".join(told.split()))
    return re.sub(r" at 0x[0-9a-f]+", "", plain)[:300]
