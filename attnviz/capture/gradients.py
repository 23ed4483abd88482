"""How much a number that a model gives, as the score of a class, would change with every weight of its attention."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from attnviz.axes import Sides
from attnviz.capture.classes import label_of
from attnviz.encode import Encoded, encode
from attnviz.errors import MeasureError, TooLarge, WeightsUnavailable
from attnviz.inputs import Input
from attnviz.models.attention import noted, recording
from attnviz.models.differentiable import Live, run_differentiably
from attnviz.models.loading import LoadedModel
from attnviz.record import GradientLayer, Gradients
from attnviz.record.arrays import sealed

Target = int | Callable[[Any], Tensor] | None

MAX_BYTES = 2 * 10**9
START_BYTES = 24 * 10**6
FLOAT_BYTES = 4
TABLES = 2  # of each layer: the weights and their slopes
PASSING = 6  # tables of the largest layer while it is worked on
WITHOUT_NOTHING = ("ConditionalDetrObjectDetectionOutput",)  # whose last class is a kind like the others
STREAM = 16  # numbers of the model's width that each token leaves behind in each layer


def gradients(model: LoadedModel, given: Input, target: Target = None, *, max_bytes: int = MAX_BYTES) -> Gradients:
    """Run the model once in its own eager attention, and differentiate the target for the weights of every layer.

    The target is a class, by its number, whose score before the softmax is meant; the likeliest class when none is
    named; or a function that takes the model's output and gives one number.

    Shape   for each layer of each stack: weights and gradients (head, query, key).
    Raises  MeasureError        when the model attends in windows, or gives no scores of classes to choose from.
            TooLarge            when the work would take more than `max_bytes`, before it starts.
            WeightsUnavailable  when a module shows no weights that its output was made of.
    Source  Selvaraju et al. 2017, arXiv:1610.02391, applied to attention by Chefer et al. 2021, arXiv:2103.15679.
    """
    encoded = encode(model, given)
    _check_whole(encoded)
    _check_cost(model, encoded, max_bytes)
    with recording():
        output, found = run_differentiably(model.model, model.family, encoded.tensors)
        encoded = encoded.settled(noted())
    name, value = _aimed(model, output, target)
    tensors = [each.weights for each in found]
    slopes = torch.autograd.grad(value, tensors, allow_unused=True)
    layers = {stack: _layers(stack, sides, _of(model, stack, found, slopes)) for stack, sides in encoded.sides.items()}
    return Gradients(model.facts, name, float(value.detach()), layers)


def object_of(query: int, kind: int | None = None) -> Callable[[Any], Tensor]:
    """Aim at what one object query of a detector sees: the score of a kind, or of its likeliest but for "no object".

    Source  Carion et al. 2020, arXiv:2005.12872, §3.2: the last class is "no object".
    """

    def score(output: Any) -> Tensor:
        own = output.logits[0, query]
        kinds = own if type(output).__name__ in WITHOUT_NOTHING else own[:-1]
        return kinds.max() if kind is None else own[kind]

    score.__name__ = f"query {query}" if kind is None else f"query {query}, class {kind}"
    return score


def _aimed(model: LoadedModel, output: Any, target: Target) -> tuple[str, Tensor]:
    """Find the number to differentiate in the output, and its name.

    Raises  MeasureError  when there is none.
    """
    if callable(target):
        value = target(output)
        if not isinstance(value, Tensor) or value.numel() != 1 or not value.requires_grad:
            raise MeasureError(
                "The target {name} gives no single number that depends on the attention of {model}. Let it give one "
                "of the numbers in the output.",
                name=getattr(target, "__name__", "target"),
                model=model.name,
            )
        return getattr(target, "__name__", "target"), value.reshape(())
    logits = getattr(output, "logits", None)
    if logits is None or logits.ndim != 2 or model.headless:
        raise MeasureError(
            "{model} gives no scores of classes. Choose a model that classifies, or give a function of its output as "
            "target.",
            model=model.name,
        )
    if target is not None and not 0 <= target < logits.shape[1]:
        raise MeasureError(
            "{model} has classes 0 to {last}; {target} was asked for.",
            model=model.name,
            last=int(logits.shape[1]) - 1,
            target=target,
        )
    index = int(logits[0].argmax()) if target is None else target
    return label_of(model, index), logits[0, index]


def _of(
    model: LoadedModel, stack: str, found: Sequence[Live], slopes: Sequence[Tensor | None]
) -> list[tuple[Live, Tensor | None]]:
    """Pick the calls of one stack, in the order of the pass."""
    pairs = zip(found, slopes, strict=True)
    return [(own, slope) for own, slope in pairs if model.family.stack_of(own.module, own.place) == stack]


def _layers(
    stack: str, sides: Sequence[Sides], calls: Sequence[tuple[Live, Tensor | None]]
) -> tuple[GradientLayer, ...]:
    """Name the positions of each layer."""
    if len(calls) != len(sides):
        raise WeightsUnavailable(
            "Stack {stack!r} has {layers} layers and {seen} showed weights to differentiate by. Choose another model.",
            stack=stack,
            layers=len(sides),
            seen=len(calls),
        )
    return tuple(_layer(own, live, slope) for own, (live, slope) in zip(sides, calls, strict=True))


def _layer(sides: Sides, live: Live, slope: Tensor | None) -> GradientLayer:
    weights = live.weights.detach()
    slope = torch.zeros_like(weights) if slope is None else slope  # the target does not depend on this layer
    tables = (table.permute(live.layout)[0].float().cpu().contiguous() for table in (weights, slope))
    return GradientLayer(sides.queries, sides.keys, *(sealed(table.numpy()) for table in tables))


def _check_whole(encoded: Encoded) -> None:
    for stack, sides in encoded.sides.items():
        for index, own in enumerate(sides):
            if own.windows is not None:
                raise MeasureError(
                    "Gradients are followed through layers that read the whole input; L{layer} of {stack!r} reads "
                    "windows of it. Choose a model without windows, such as ViT.",
                    layer=index,
                    stack=stack,
                )


def _check_cost(model: LoadedModel, encoded: Encoded, allowed: int) -> None:
    """Refuse what would not fit: eager attention keeps every weight, and gives each a slope."""
    config = model.model.config
    heads, width = _greatest(config, _HEADS, model.facts.heads), _greatest(config, _WIDTHS, 1024)
    layers = [own for sides in encoded.sides.values() for own in sides]
    tables = [heads * len(own.queries) * len(own.keys) * FLOAT_BYTES for own in layers]
    stream = sum(STREAM * width * len(own.queries) * FLOAT_BYTES for own in layers)
    needed = START_BYTES + TABLES * sum(tables) + PASSING * max(tables) + stream
    if needed > allowed:
        raise TooLarge(
            "Gradients for every weight take about {needed:,} MB of memory in {model} and {allowed:,} are allowed. "
            "Choose a model that reads smaller pictures, or a lens without gradients.",
            needed=needed // 10**6,
            model=model.name,
            allowed=allowed // 10**6,
        )


_HEADS = ("num_attention_heads", "encoder_attention_heads", "decoder_attention_heads", "num_heads", "n_head")
_WIDTHS = ("hidden_size", "hidden_sizes", "d_model", "embed_dim", "n_embd", "dim")


def _greatest(config: Any, names: Sequence[str], otherwise: int) -> int:
    """Read the greatest number that a configuration gives under some names, be it one or one a stage."""
    parts = [config, *(each for each in vars(config).values() if hasattr(each, "model_type"))]
    told = [getattr(part, name, None) for part in parts for name in names]
    numbers = [number for each in told for number in (each if isinstance(each, list | tuple) else [each])]
    return max((number for number in numbers if isinstance(number, int)), default=otherwise)
