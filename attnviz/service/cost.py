"""What a capture will take, told from sizes alone before it starts."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from attnviz.axes import Sides
from attnviz.errors import TooLarge, TooLong
from attnviz.service.limits import Limits, sized

FLOAT_BYTES = 4  # models run in float32
BLOCK_BYTES = 4 * 64 * 2**20  # of scores, where no fast kernel knows the rule: four arrays of one block
ASIDE = 1.2  # what allocators lose, and what is small
START_BYTES = 24 * 10**6  # of the shortest pass
EAGER_ASIDE = 3  # layers' worth of scores, weights and their copies beside those that are kept
BY_HAND_ASIDE = 8  # the same where attention is written out by hand: DeBERTa adds three tables of scores
AT_ONCE = 4  # tables of all heads' scores that attention written out by hand holds at a time
BANDS = ("longformer", "led")
BLOCKS = ("big_bird", "bigbird_pegasus")  # which lay out every pair of a layer, read or not
SUMS = ("longt5",)  # each head of which has a bias of its own
SINKS = ("gpt_oss", "mimo_v2_flash")  # no fast kernel knows a sink
INNER_WIDTHS = ("intermediate_size", "ffn_dim", "n_inner", "hidden_dim")  # as OPT, GPT-2 and DistilBERT call it


@dataclass(frozen=True)
class Sizes:
    """The sizes of a model that a capture's memory depends on.

    Unit    widths: numbers a token, all heads together; tables: how many weights of (query, key) are kept, each n²;
            band: scores of a token in one layer, all heads together, where it is compared with those near it alone.
    """

    layers: int
    heads: int
    hidden_width: int
    query_width: int
    key_width: int
    inner_width: int
    exactly: bool = False  # a soft-cap or a sink: scores are computed block by block
    tables: int = 0
    band: int = 0
    biases: int = 0  # of (query, key) that are kept once for all layers, whose scores are then held all at once

    @classmethod
    def of(cls, config: Any, layers: int, *, weighs: bool = False) -> Self:
        """Read the sizes from a configuration as transformers gives it; `weighs` says that weights are kept."""
        heads = config.num_attention_heads
        latent = (getattr(config, "qk_nope_head_dim", None) or 0) + (getattr(config, "qk_rope_head_dim", None) or 0)
        width = latent or getattr(config, "head_dim", None) or config.hidden_size // heads
        groups = heads if latent else getattr(config, "num_key_value_heads", None) or heads
        inner = next((size for name in INNER_WIDTHS if (size := getattr(config, name, None))), 4 * config.hidden_size)
        exactly = bool(getattr(config, "attn_logit_softcapping", None)) or config.model_type in SINKS
        tables = layers * heads if weighs else 0
        widths = config.hidden_size, heads * width, groups * width, inner
        return cls(layers, heads, *widths, exactly, tables, heads * _band(config), _biases(config, heads))


def _biases(config: Any, heads: int) -> int:
    return 1 if config.model_type in BLOCKS else heads if config.model_type in SUMS else 0


def _band(config: Any) -> int:
    """Count the keys near a token with which it is compared, in a model that compares it with no others."""
    windows = getattr(config, "attention_window", None) if config.model_type in BANDS else None
    return (max(windows) if isinstance(windows, list | tuple) else int(windows)) + 1 if windows else 0


@dataclass(frozen=True)
class Cost:
    """What one capture takes.

    Unit    record_bytes: what is kept; work_bytes: the peak while it runs, the record included.
    """

    record_bytes: int
    work_bytes: int


def estimate(sizes: Sizes, tokens: int) -> Cost:
    """Say what a capture takes, too high rather than too low.

    Source  Measured: the peaks of real passes of nine architectures at 64 to 2,048 tokens, repeated for two of them
            in tests/service/test_cost.py. The record counts twice, for the holes that its making leaves in the heap.
    """
    if sizes.tables:
        return _estimate_weights(sizes, tokens)
    record = sizes.layers * tokens * (sizes.query_width + sizes.key_width) * FLOAT_BYTES
    stream = 4 * (sizes.hidden_width + sizes.query_width + sizes.key_width)
    layer = tokens * (stream + 3 * sizes.inner_width) * FLOAT_BYTES
    mask = 3 * tokens**2 * FLOAT_BYTES
    scores = min(4 * sizes.heads * tokens**2 * FLOAT_BYTES, BLOCK_BYTES) if sizes.exactly else 0
    if sizes.biases:
        record += tokens**2 * (sizes.biases * FLOAT_BYTES + 1)
        scores = AT_ONCE * sizes.heads * tokens**2 * FLOAT_BYTES
    if sizes.band:  # where some tokens are read everywhere, as many numbers again
        padded = tokens + sizes.band // sizes.heads
        record, layer = 2 * record + tokens**2 // 8, layer * padded // tokens
        scores = AT_ONCE * padded * sizes.band * FLOAT_BYTES
    return Cost(record, START_BYTES + int(ASIDE * (2 * record + layer + mask + scores)))


def _estimate_weights(sizes: Sizes, tokens: int) -> Cost:
    """Say what a capture takes that keeps every weight: n² numbers a head, which the model itself keeps only once."""
    table = tokens**2 * FLOAT_BYTES
    record = sizes.tables * table
    stream = tokens * (4 * (sizes.hidden_width + 2 * sizes.query_width) + 3 * sizes.inner_width) * FLOAT_BYTES
    return Cost(record, START_BYTES + int(ASIDE * (record + BY_HAND_ASIDE * sizes.heads * table + stream)))


def check_characters(text: str, limits: Limits) -> None:
    """Refuse a text that is too long to be looked at.

    Raises  TooLong  with both numbers and what to do.
    """
    count, limit = len(text), limits.max_characters
    if count > limit:
        raise TooLong(
            "The text has {count:,} characters and this server reads {limit:,}. Shorten it by {excess:,}.",
            count=count,
            limit=limit,
            excess=count - limit,
        )


def check_tokens(count: int, model: str, positions: int | None, limits: Limits) -> None:
    """Refuse a text that has more tokens than the model, or this server, reads.

    Raises  TooLong  with both numbers and what to do.
    """
    if positions is not None and count > positions:
        raise TooLong(
            "The text has {count:,} tokens and {model} reads {limit:,}. Shorten it by {excess:,}, or choose a model "
            "with a longer window.",
            count=count,
            model=model,
            limit=positions,
            excess=count - positions,
        )
    if count > limits.max_tokens:
        raise TooLong(
            "The text has {count:,} tokens and this server reads {limit:,}. Shorten it by {excess:,}.",
            count=count,
            limit=limits.max_tokens,
            excess=count - limits.max_tokens,
        )


def check_cost(count: int, model: str, sizes: Sizes, limits: Limits) -> None:
    """Refuse a capture that would not fit in memory.

    Raises  TooLarge  with what it needs, what is allowed, and the length that fits.
    """
    cost = estimate(sizes, count)
    fits = fitting_tokens(sizes, limits)
    _check(count, model, cost.record_bytes, limits.max_record_bytes, fits)
    _check(count, model, cost.work_bytes, limits.max_work_bytes, fits)


def check_proof(count: int, model: str, heads: int, layer: int, limits: Limits) -> None:
    """Refuse a proof that would not fit in memory: eager attention keeps n² weights of every head of every layer.

    Raises  TooLarge  with what it needs, what is allowed, and the length that fits.
    """
    each = (layer + 1 + EAGER_ASIDE) * heads * FLOAT_BYTES
    fits = int((limits.max_work_bytes / each) ** 0.5)
    _check(count, model, each * count**2, limits.max_work_bytes, fits)


def check_sides(sides: Mapping[str, Sequence[Sides]], model: str, heads: int, limits: Limits) -> None:
    """Refuse the capture of a picture that would not fit in memory, as if every weight of it were kept.

    Raises  TooLarge  with what it needs and what is allowed.
    """
    layers = [each for own in sides.values() for each in own]
    needed = START_BYTES + sum(heads * _weighed(each) * FLOAT_BYTES for each in layers)
    for allowed in (limits.max_record_bytes, limits.max_work_bytes):
        if needed > allowed:
            raise TooLarge(
                "The picture takes about {needed} of memory in {model} and this server allows {allowed}. Choose a "
                "model that reads smaller pictures.",
                needed=sized(needed),
                model=model,
                allowed=sized(allowed),
            )


def _weighed(sides: Sides) -> int:
    """Count the pairs that one head of a layer weighs."""
    if sides.windows is None:
        return len(sides.queries) * len(sides.keys)
    return sum(len(window) ** 2 for window in sides.windows.where)


def _check(count: int, model: str, needed: int, allowed: int, fits: int) -> None:
    if needed > allowed:
        raise TooLarge(
            "{count:,} tokens in {model} need about {needed} of memory and this server allows {allowed}. Shorten the "
            "text to about {fits:,} tokens, or choose a smaller model.",
            count=count,
            model=model,
            needed=sized(needed),
            allowed=sized(allowed),
            fits=fits,
        )


def fitting_tokens(sizes: Sizes, limits: Limits) -> int:
    """Find the most tokens whose capture fits."""

    def too_many(count: int) -> bool:
        cost = estimate(sizes, count)
        return cost.record_bytes > limits.max_record_bytes or cost.work_bytes > limits.max_work_bytes

    return bisect_right(range(1, limits.max_tokens + 1), 0, key=too_many)
