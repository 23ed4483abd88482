"""The one attention function attnviz gives to transformers: it runs the fast kernel, and remembers when asked to."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, eager_mask, sdpa_mask

from attnviz.errors import WeightsUnavailable
from attnviz.models.calls import AnyCall, Call, Tiled, Weighed
from attnviz.models.places import place_of
from attnviz.record import Visibility
from attnviz.record.arrays import sealed

IMPLEMENTATION = "attnviz"
EXPLICIT = "attnviz_explicit"  # as told by masks alone: for models whose masks sdpa would leave out, or guess
BLOCK_BYTES = 64 * 2**20  # of scores at a time, where no fast kernel knows the rule
MOST_WINDOW_BYTES = 2**28  # of one layer's weights, where it attends in windows

OnLayer = Callable[[int], None]
Seen = tuple[Visibility, np.ndarray | None]  # who sees whom, and what is added to the scores


@dataclass(eq=False)
class Collector:
    """The calls of one pass in one thread; masks that layers share are translated once."""

    on_layer: OnLayer | None
    calls: list[AnyCall] = field(default_factory=list)
    rules: dict[int, tuple[Tensor, Visibility, np.ndarray | None]] = field(default_factory=dict)
    laid: dict[tuple[int, int], tuple[Tensor, Seen]] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)  # what else the pass tells, as the order of shuffled patches

    def announce(self) -> None:
        """Tell whoever asked that the next call begins; what they raise ends the pass."""
        if self.on_layer is not None:
            self.on_layer(len(self.calls))

    def once(self, mask: Tensor, of: int, make: Callable[[], Seen]) -> Seen:
        """Make what layers share that are handed one mask, and go by one number, the first time that it is asked for.

        Shape   the bias beside it (head or 1, query, key), float32, or None.
        """
        if (id(mask), of) not in self.laid:
            self.laid[id(mask), of] = (mask, make())  # the mask too, so that its id stays its own
        return self.laid[id(mask), of][1]


_seen: ContextVar[Collector | None] = ContextVar("attnviz_seen", default=None)


def collecting() -> Collector | None:
    """The collector of this thread, while somebody is recording."""
    return _seen.get()


def noted() -> Mapping[str, Any]:
    """What the pass told beside its calls, while somebody is recording."""
    collector = _seen.get()
    return {} if collector is None else collector.notes


@contextmanager
def recording(on_layer: OnLayer | None = None) -> Iterator[list[AnyCall]]:
    """Collect attention calls in order until the block ends.

    Each thread has its own collector: visitors who share a model receive their own run. `on_layer` is told the number
    of each call before it runs; an error that it raises ends the pass there.
    """
    collector = Collector(on_layer)
    token = _seen.set(collector)
    try:
        yield collector.calls
    finally:
        _seen.reset(token)


def attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    is_causal: bool | None = None,
    **rest: Any,
) -> tuple[Tensor, None]:
    """Compute attention as transformers' sdpa does, and leave a `Call` when somebody is recording.

    Shape   query (batch, head, query, d), key and value (batch, kv_head, key, d); result (batch, query, head, d).
    Raises  WeightsUnavailable  when the module picks keys by a rule that is not handed over.
    """
    if rest.get("indices") is not None:  # a mask of them is made for "eager" and "sdpa" alone, by name
        raise WeightsUnavailable(
            "{module} picks the keys of each query by a rule that its own code alone follows. Choose another model.",
            module=type(module).__name__,
        )
    causal = is_causal if is_causal is not None else getattr(module, "is_causal", True)
    causal = bool(causal) and attention_mask is None and query.shape[2] > 1
    rule = _Rule(
        scaling=query.shape[-1] ** -0.5 if scaling is None else float(scaling),
        mask=attention_mask,
        causal=causal,
        softcap=rest.get("softcap"),
        sinks=rest.get("s_aux"),
        bias=rest.get("position_bias"),
    )
    collector = _seen.get()
    if collector is not None:
        collector.announce()
        collector.calls.append(_call(collector, module, query, key, rule))
    if rule.softcap is not None or rule.sinks is not None:  # sdpa refuses the one and overlooks the other
        return _exactly(query, key, value, rule, dropout if module.training else 0.0), None
    return sdpa_attention_forward(
        module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, is_causal=is_causal, **rest
    )


AttentionInterface.register(IMPLEMENTATION, attend)
AttentionMaskInterface.register(IMPLEMENTATION, sdpa_mask)  # without it a causal model would silently see the future


def attend_explicitly(module: nn.Module, *tensors: Tensor | None, **rest: Any) -> tuple[Tensor, None]:
    """Attend where a mask says so and nowhere else, as eager code does; sdpa takes a missing mask for a causal one.

    Shape   as `attend`.
    """
    return attend(module, *tensors, **{**rest, "is_causal": False})  # type: ignore[arg-type]  # as transformers calls it


AttentionInterface.register(EXPLICIT, attend_explicitly)
AttentionMaskInterface.register(EXPLICIT, eager_mask)


@dataclass(frozen=True, eq=False)
class _Rule:
    """How scores are made of queries and keys in one call."""

    scaling: float
    mask: Tensor | None
    causal: bool
    softcap: float | None
    sinks: Tensor | None
    bias: Tensor | None

    @property
    def plain(self) -> bool:
        """Whether every query sees every key, and nothing is done to its scores."""
        return not self.causal and all(each is None for each in (self.mask, self.softcap, self.sinks, self.bias))


def _call(collector: Collector, module: nn.Module, query: Tensor, key: Tensor, rule: _Rule) -> AnyCall:
    name, place = type(module).__name__, place_of(module)
    if query.shape[0] != 1 and rule.plain:
        return Tiled(name, place, kept(query), kept(key), rule.scaling)
    if query.shape[0] != 1:
        return Weighed(name, place, kept(_of_windows(name, query, key, rule)))
    visible, bias = _visible(collector, query.shape[2], key.shape[2], rule)
    return Call(
        module=name,
        place=place,
        q=kept(query[0]),
        k=kept(key[0]),
        scaling=rule.scaling,
        visible=visible,
        softcap=None if rule.softcap is None else float(rule.softcap),
        sinks=None if rule.sinks is None else kept(rule.sinks.reshape(-1).float()),
        bias=bias,
    )


def compare(
    collector: Collector, module: nn.Module, query: Tensor, key: Tensor, mask: Tensor | None, scaling: float
) -> AnyCall:
    """Note what a module compared that is written out by hand, under a mask that is spelled out or none.

    Shape   query (batch, head, query, d), key (batch, kv_head, key, d), mask (1, head or 1, query or 1, key).
    """
    return _call(collector, module, query, key, _Rule(scaling, mask, False, None, None, None))


def _of_windows(module: str, query: Tensor, key: Tensor, rule: _Rule) -> Tensor:
    """Make the weights of a call that compares the windows of one input side by side, which are few and small.

    Shape   (window, head, query, key), float32.
    Raises  WeightsUnavailable  when they would not be small, as where several inputs come at once.
    """
    count = query.shape[0] * query.shape[1] * query.shape[2] * key.shape[2]
    if 4 * count > MOST_WINDOW_BYTES:
        raise WeightsUnavailable(
            "{module} read {count} inputs at once; a record holds one. Give one alone.",
            module=module,
            count=query.shape[0],
        )
    return _weights(query.float(), repeat_kv(key, query.shape[1] // key.shape[1]).float(), rule, 0)


def kept(tensor: Tensor) -> np.ndarray:
    """Copy a tensor to the CPU as a read-only array of its own; bfloat16, which numpy lacks, as bit patterns.

    Shape   as given.
    """
    own = tensor.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)
    return sealed(own.view(torch.uint16).numpy() if own.dtype == torch.bfloat16 else own.numpy())


def _visible(collector: Collector, queries: int, keys: int, rule: _Rule) -> tuple[Visibility, np.ndarray | None]:
    """Translate masks and biases, once for all layers that are handed the same tensors."""
    bias = None if rule.bias is None else kept(rule.bias[0].float())
    if rule.mask is None:
        return (Visibility.causal if rule.causal else Visibility.full)(queries, keys), bias
    if id(rule.mask) not in collector.rules:
        split = _split(rule.mask, queries)
        collector.rules[id(rule.mask)] = (rule.mask, *split)  # the tensor too, so that its id stays its own
    _, seen, added = collector.rules[id(rule.mask)]
    if bias is None or added is None:
        return seen, added if bias is None else bias
    return seen, sealed(bias + added)


def _split(mask: Tensor, queries: int) -> tuple[Visibility, np.ndarray | None]:
    """Tell what a mask forbids from what it merely adds.

    Shape   mask (1, head or 1, query or 1, key), bool or float; the bias (head or 1, query, key), float32, or None.
    """
    own = mask[0].detach().cpu().expand(-1, queries, -1)
    if own.dtype == torch.bool:
        return Visibility.from_mask(own.numpy()), None
    forbidden = own <= torch.finfo(own.dtype).min / 2  # -inf, the smallest number, or a sum that holds it
    seen = Visibility.from_mask((~forbidden).numpy())
    added = own.masked_fill(forbidden, 0).float().numpy()
    return seen, sealed(added) if added.any() else None


def _exactly(query: Tensor, key: Tensor, value: Tensor, rule: _Rule, dropout: float) -> Tensor:
    """Compute attention by its definition, some queries at a time, for rules that no fast kernel knows.

    Shape   result (batch, query, head, d).
    """
    groups = query.shape[1] // key.shape[1]
    key, value = repeat_kv(key, groups), repeat_kv(value, groups)
    rows = max(1, BLOCK_BYTES // (4 * query.shape[0] * query.shape[1] * key.shape[2]))
    parts = []
    for start in range(0, query.shape[2], rows):
        weights = _weights(query[:, :, start : start + rows], key, rule, start).to(value.dtype)
        weights = nn.functional.dropout(weights, dropout, training=dropout > 0)
        parts.append(weights @ value)
    return torch.cat(parts, dim=2).transpose(1, 2).contiguous()


def _weights(query: Tensor, key: Tensor, rule: _Rule, start: int) -> Tensor:
    stop, keys = start + query.shape[2], key.shape[2]
    scores = (query @ key.transpose(2, 3)) * rule.scaling
    if rule.softcap is not None:
        scores = torch.tanh(scores / rule.softcap) * rule.softcap
    if rule.bias is not None:
        scores = scores + rule.bias[:, :, start:stop]
    if rule.causal:
        seen = torch.ones(stop - start, keys, dtype=torch.bool, device=scores.device).tril(start)
        scores = scores.masked_fill(~seen, float("-inf"))
    elif rule.mask is not None:
        mask = rule.mask[:, :, start:stop]
        scores = scores.masked_fill(~mask, float("-inf")) if mask.dtype == torch.bool else scores + mask
    if rule.sinks is not None:
        sinks = rule.sinks.reshape(1, -1, 1, 1).to(scores.dtype).expand(*scores.shape[:3], 1)
        return torch.cat([scores, sinks], dim=-1).softmax(dim=-1, dtype=torch.float32)[..., :-1]
    return scores.softmax(dim=-1, dtype=torch.float32)
