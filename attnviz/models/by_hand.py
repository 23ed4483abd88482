"""Attention that is written out by hand over parts of the input: what is compared there, and what its own code weighs.

No module here lets its function be chosen, and none shows a table of pairs. What each compares is read off its own
projections, and held, when a model is loaded, against the weights that its own code makes.
"""

import inspect
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from attnviz.errors import WeightsUnavailable
from attnviz.models.attention import Collector, Seen, compare, kept
from attnviz.models.calls import AnyCall, Call
from attnviz.models.places import place_of
from attnviz.record import Visibility
from attnviz.record.any_layer import blocks
from attnviz.record.arrays import sealed

Told = Mapping[str, Any]  # what a module is given, by name
FULL = "original_full"
NEVER = -1e9  # of a score: what LongT5 takes from that of a pair which is not to be compared, is more


@dataclass(frozen=True)
class Hand:
    """How one class of modules is read.

    `weighed` gives the weights that a module's own code made, over all pairs; `compared` says what it made them of,
    where that can be told.

    Shape   weighed (batch, head, query, key).
    """

    weighed: Callable[[Any, Told, Any], Tensor]
    compared: Callable[[Collector, Any, Told], AnyCall] | None = None


def compared(collector: Collector, module: nn.Module, given: tuple[Any, ...], named: Told) -> AnyCall:
    """Say what a module compared.

    Raises  WeightsUnavailable  when it read several inputs at once.
    """
    read = HANDS[type(module).__name__].compared
    assert read is not None
    return read(collector, module, told(module, given, named))


def weighed(module: nn.Module, given: tuple[Any, ...], named: Told, result: Any) -> Tensor:
    """Lay out over all pairs the weights that a module's own code made, the padding of the model cut away.

    Shape   (batch, head, query, key).
    """
    return HANDS[type(module).__name__].weighed(module, told(module, given, named), result)


def told(module: nn.Module, given: tuple[Any, ...], named: Told) -> Told:
    """Name what a module was given."""
    return inspect.signature(type(module).forward).bind(module, *given, **named).arguments


def _of_heads(states: Tensor, heads: int) -> Tensor:
    """Cut states into heads.

    Shape   states (batch, position, width); result (batch, head, position, d).
    """
    return states.unflatten(-1, (heads, -1)).transpose(1, 2)


def _check_alone(module: nn.Module, states: Tensor) -> None:
    if len(states) != 1:
        raise WeightsUnavailable(
            "{module} read {count} inputs at once; a record holds one. Give one alone.",
            module=type(module).__name__,
            count=len(states),
        )


def _before_padding(masked: Tensor) -> int:
    """Count the positions up to the last that is no padding.

    Shape   masked (position,), bool.
    """
    read = (~masked).nonzero()
    return int(read[-1]) + 1 if len(read) else 0


def _rows(count: int, seen: Callable[[np.ndarray], np.ndarray]) -> Iterator[np.ndarray]:
    """Spell out which keys each query sees, some queries at a time.

    Shape   each (query, key), bool; seen is given queries (query, 1).
    """
    for start, stop in blocks(0, count, count):
        yield seen(np.arange(start, stop)[:, None])


# A band around each token, and tokens that read and are read everywhere: Longformer's encoder, and LED's.


def _band_compared(collector: Collector, module: Any, given: Told) -> Call:
    """Read off a band. A token that reads everywhere has projections of its own, which stand beside those of the band.

    So its queries are compared with the keys that are made for them, and the others' with theirs.

    Source  Beltagy et al. 2020, arXiv:2004.05150, §3.1.
    """
    states, masked, everywhere = (given[name] for name in ("hidden_states", "is_index_masked", "is_index_global_attn"))
    _check_alone(module, states)
    count, heads = _before_padding(masked[0]), module.num_heads
    own, marked = states[:, :count], everywhere[0, :count]
    q, k = (_of_heads(project(own), heads)[0] for project in (module.query, module.key))
    if bool(marked.any()):
        theirs = _of_heads(module.query_global(own), heads)[0], _of_heads(module.key_global(own), heads)[0]
        rows = marked[:, None]
        q = torch.cat([q.masked_fill(rows, 0), theirs[0].masked_fill(~rows, 0)], dim=-1)
        k = torch.cat([k, theirs[1]], dim=-1)
    reach = module.one_sided_attn_window_size

    def seen() -> Seen:
        return _band(masked[0, :count].cpu().numpy(), marked.cpu().numpy(), reach), None

    visible, _ = collector.once(masked, reach, seen)
    name, scaling = type(module).__name__, 1 / math.sqrt(module.head_dim)
    return Call(name, place_of(module), kept(q), kept(k), scaling, visible)


def _band(masked: np.ndarray, everywhere: np.ndarray, reach: int) -> Visibility:
    """Let each token see those that are near it, and those that are read everywhere, which see every token.

    Shape   masked, everywhere (position,), bool.
    """
    key = np.arange(len(masked))

    def seen(query: np.ndarray) -> np.ndarray:
        near = np.abs(query - key) <= reach
        return (near | everywhere | everywhere[query]) & ~masked & ~masked[query]

    return Visibility.from_rows(_rows(len(masked), seen))


def _band_weighed(module: Any, given: Told, result: Any) -> Tensor:
    """Lay out a band, the columns of the tokens that are read everywhere before it, and their rows.

    Shape   (batch, head, query, key).
    """
    band, masked = result[1].transpose(1, 2), given["is_index_masked"][0]
    reach, everywhere = module.one_sided_attn_window_size, given["is_index_global_attn"][0].nonzero()[:, 0]
    length, count = band.shape[2], _before_padding(masked)
    columns, near = band[..., : len(everywhere)], band[..., len(everywhere) :]
    wide = band.new_zeros(*band.shape[:3], length + 2 * reach)
    at = torch.arange(length, device=band.device)[:, None] + torch.arange(2 * reach + 1, device=band.device)
    table = wide.scatter_(3, at.expand_as(near), near)[..., reach : reach + length]
    if len(everywhere):
        table[..., everywhere] += columns
        table[:, :, everywhere] = result[2]
    return table[:, :, :count, :count]


# Blocks of tokens, of which each sees its neighbours, the first and the last: BigBird.


def _blocks_compared(collector: Collector, module: Any, given: Told) -> AnyCall:
    """Read off blocks, or a short text, which is read whole.

    Source  Zaheer et al. 2020, arXiv:2007.14062, appendix D.
    """
    own, states = module.self, given["hidden_states"]
    q, k = (_of_heads(project(states), own.num_attention_heads) for project in (own.query, own.key))
    scaling = 1 / math.sqrt(own.attention_head_size)
    if module.attention_type == FULL:
        return compare(collector, module, q, k, given.get("attention_mask"), scaling)
    _check_alone(module, states)
    masked = given["to_mask"][0, 0, 0] == 0
    count = _before_padding(masked)

    def seen() -> Seen:
        size = own.block_size
        visible = _blocks(masked[:count].cpu().numpy(), size, len(masked) // size - 1)
        return visible, _repeats(count, size, len(masked) // size - 1, own.num_random_blocks)

    visible, bias = collector.once(given["to_mask"], 0, seen)
    heads = [kept(each[0, :, :count]) for each in (q, k)]
    return Call(type(module).__name__, place_of(module), heads[0], heads[1], scaling, visible, bias=bias)


def _blocks(masked: np.ndarray, size: int, last: int) -> Visibility:
    """Let each block see itself, its neighbours and both ends, which see every block.

    Shape   masked (position,), bool.
    """
    key = np.arange(len(masked)) // size

    def seen(query: np.ndarray) -> np.ndarray:
        own = query // size
        ends = (key == 0) | (key == last) | (own == 0) | (own == last)
        return ((np.abs(own - key) <= 1) | ends) & ~masked & ~masked[query]

    return Visibility.from_rows(_rows(len(masked), seen))


def _repeats(count: int, size: int, last: int, times: int) -> np.ndarray:
    """Say what the blocks that are drawn by lot add: outside training, transformers draws the first one each time.

    So all blocks between the ends count it so many times more, which adds a logarithm to its scores.

    Shape   (1, query, key), float32.
    """
    block = np.arange(count) // size
    rows = ((block > 0) & (block < last))[:, None]
    return sealed(np.where(rows & (block == 0), np.float32(math.log(1 + times)), np.float32(0))[None])


def _blocks_weighed(module: Any, given: Told, result: Any) -> Tensor:
    """Give the weights of a short text; those of a long one as the output is made of them.

    What the module reports leaves out all but one of the times that a block counts: given the keys' own numbers for
    values, its output tells them all.

    Shape   (batch, head, query, key).
    """
    if module.attention_type == FULL:
        weights: Tensor = result[1]
        return weights
    own, states = module.self, given["hidden_states"]
    heads, size, length = own.num_attention_heads, own.block_size, states.shape[1]
    q, k = (_of_heads(project(states), heads).contiguous() for project in (own.query, own.key))
    one_each = torch.eye(length, dtype=q.dtype, device=q.device).expand(len(q), heads, -1, -1)
    masks = [given[name].to(q.dtype) for name in ("band_mask", "from_mask", "to_mask")]
    cut = (given["from_blocked_mask"], given["to_blocked_mask"])
    sizes = (heads, own.num_random_blocks, own.attention_head_size, size, size, len(q), length, length)
    output, _ = own.bigbird_block_sparse_attention(q, k, one_each, *masks, *cut, *sizes, own.seed, None, None)
    count = _before_padding(given["to_mask"][0, 0, 0] == 0)
    table: Tensor = output.transpose(1, 2)
    return table[:, :, :count, :count]


# A band, and with it sums of stretches of the text, where there are any: LongT5's encoder.


def _sums_compared(collector: Collector, module: Any, given: Told) -> Call:
    """Read off a band and what follows it: keys made of the sums of neighbouring tokens, which each token sees.

    The first layer alone has biases, by distance, and hands them on.

    Source  Guo et al. 2022, arXiv:2112.07916, §3.1.
    """
    states, mask = given["hidden_states"], given["mask"]
    _check_alone(module, states)
    q, k = (_of_heads(project(states), module.n_heads)[0] for project in (module.q, module.k))
    if (sums := _sums(module, states, mask)) is not None:
        k = torch.cat([k, _of_heads(module.k(sums), module.n_heads)[0]], dim=1)

    def seen() -> Seen:
        return _near_and_sums(module, mask, states.shape[1])

    visible, bias = collector.once(mask, 0, seen)
    return Call(type(module).__name__, place_of(module), kept(q), kept(k), 1.0, visible, bias=bias)


def _sums(module: Any, states: Tensor, mask: Tensor) -> Tensor | None:
    """Add up stretches of tokens, as the module does; None where it knows none.

    Shape   states (1, position, width); result (1, stretch, width).
    """
    if not hasattr(module, "global_block_size"):
        return None
    own: Any = sys.modules[type(module).__module__]
    which, whole = own._make_global_fixed_block_ids(mask, module.global_block_size)
    summed: Tensor = own._create_global_aggregates(states, which, whole.shape[-1])
    return torch.as_tensor(module.global_input_layer_norm(summed))


def _near_and_sums(module: Any, mask: Tensor, count: int) -> Seen:
    """Say which keys each token sees, and what is added for their distance.

    Shape   the bias (head, query, key), float32, sums last among the keys.
    """
    reach = module.local_radius
    at = torch.arange(count, device=mask.device)
    apart = (at - at[:, None]).clamp(-reach, reach) + reach
    bias = module.compute_bias(module.block_len)[0, 0, :, 0, 1 : 2 * module.block_len][:, apart]
    read = mask[0] != 0 if mask.ndim == 2 else mask[0, 0].any(dim=-1).flatten()[:count]
    near = ((at - at[:, None]).abs() <= reach) & read & read[:, None]
    if mask.ndim == 2:
        own: Any = sys.modules[type(module).__module__]
        _, whole = own._make_global_fixed_block_ids(mask, module.global_block_size)
        beside = module.compute_side_bias(mask, whole)[0]
        bias, near = torch.cat([bias, beside.clamp_min(NEVER)], -1), torch.cat([near, beside[0] > NEVER], -1)
    visible = Visibility.from_mask(near[None].cpu().numpy())
    return visible, sealed(bias.float().masked_fill(~near, 0).cpu().numpy())


def _sums_weighed(module: Any, given: Told, result: Any) -> Tensor:
    """Lay out blocks, each of which was compared with itself and its neighbours, and after them the sums.

    Shape   (batch, head, query, key).
    """
    own, count, size = result[2].transpose(1, 2), given["hidden_states"].shape[1], module.block_len
    batch, heads, several, *_ = own.shape
    near, beside = own[..., : 3 * size], own[..., 3 * size :]
    wide = own.new_zeros(batch, heads, several, size, (several + 2) * size)
    first = size * torch.arange(several, device=own.device)[:, None, None]
    at = (first + torch.arange(3 * size, device=own.device)).expand_as(near)
    table = wide.scatter_(4, at, near)[..., size:-size].flatten(2, 3)[:, :, :count, :count]
    return torch.cat([table, beside.flatten(2, 3)[:, :, :count]], dim=-1)


# Every pair, under a mask: LED's decoder, and ProphetNet's encoder.


def _pairs_compared(collector: Collector, module: Any, given: Told) -> AnyCall:
    states, source = given["hidden_states"], given.get("key_value_states")
    q = _of_heads(module.q_proj(states), module.num_heads)
    k = _of_heads(module.k_proj(states if source is None else source), module.num_heads)
    return compare(collector, module, q, k, given.get("attention_mask"), module.scaling)


def _pairs_weighed(module: Any, given: Told, result: Any) -> Tensor:
    weights: Tensor = result[1]
    return weights


def _scores_compared(collector: Collector, module: Any, given: Told) -> AnyCall:
    states, source, mask = (given.get(name) for name in ("hidden_states", "key_value_states", "attention_mask"))
    q = _of_heads(module.query_proj(states), module.num_attn_heads)
    k = _of_heads(module.key_proj(states if source is None else source), module.num_attn_heads)
    return compare(collector, module, q, k, None if mask is None else mask[:, :1], module.head_dim**-0.5)


def _scores_weighed(module: Any, given: Told, result: Any) -> Tensor:
    """Share out the scores that a module reports as if they were weights, as it does itself to make its output.

    Shape   (batch, head, query, key).
    """
    scores: Tensor = result[1]
    return scores.softmax(dim=-1)


# Streams: the text that is read, and after it a row for each token to be written, so many ahead: ProphetNet's decoder.


def _streams_weighed(module: Any, given: Told, result: Any) -> Tensor:
    """Put the streams one after the other. Each reads the text, and of its own row the position itself.

    Shape   (batch, head, query, key).
    Source  Qi et al. 2020, arXiv:2001.04063, §3.2.
    """
    read, ahead = result[1], result[2]
    length, streams = read.shape[2], ahead.shape[1]
    table = read.new_zeros(*read.shape[:2], length * (1 + streams), length * (1 + streams))
    table[:, :, :length, :length] = read
    for stream in range(streams):
        own = slice(length * (1 + stream), length * (2 + stream))
        table[:, :, own, :length] = ahead[:, stream, :, :, :length]
        table[:, :, own, own] = ahead[:, stream, :, :, length:]
    return table


_BAND = Hand(_band_weighed, _band_compared)
_BLOCKS = Hand(_blocks_weighed, _blocks_compared)
_SUMS = Hand(_sums_weighed, _sums_compared)

HANDS: Mapping[str, Hand] = {  # class of module -> how it is read
    "LongformerSelfAttention": _BAND,
    "LEDEncoderSelfAttention": _BAND,
    "LEDDecoderAttention": Hand(_pairs_weighed, _pairs_compared),
    "BigBirdAttention": _BLOCKS,
    "BigBirdPegasusEncoderAttention": _BLOCKS,
    "LongT5LocalAttention": _SUMS,
    "LongT5TransientGlobalAttention": _SUMS,
    "ProphetNetAttention": Hand(_scores_weighed, _scores_compared),
    "ProphetNetNgramSelfAttention": Hand(_streams_weighed),
}
