"""A model is believed after one short pass: what is recorded of it is what its own eager code computes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from attnviz.errors import RecordError, WeightsUnavailable
from attnviz.families import Compared, Family
from attnviz.models.attention import recording
from attnviz.models.backbone import backbone_of
from attnviz.models.calls import Weighed, in_order, unnamed
from attnviz.models.eager import eager_calls
from attnviz.models.probe import long_probe, probe
from attnviz.record import KeptLayer, Visibility

MOST_APART = {torch.float32: 1e-3, torch.float64: 1e-3}  # rounding, with room: a wrong map is apart by tenths
MOST_APART_IN_HALF = 5e-2


def verify(
    model: PreTrainedModel, family: Family, layers: Mapping[str, int], given: Mapping[str, Tensor] | None = None
) -> dict[str, int]:
    """Record a short pass, and compare every layer with the model's own eager attention; say each stack's heads.

    `given` is what the model reads in that pass, as `probe` would make it. A model that compares all pairs of a short
    text alone has a longer one to read as well.

    Raises  WeightsUnavailable  when calls, shapes, row sums or weights are not what they should be.
    """
    if given is not None:
        return _verified(model, family, layers, given)
    by_hand = any(part.by_hand for part in family.stacks.values())
    longer = long_probe(model, causal=family.causal) if by_hand else None
    if longer is not None:
        _verified(model, family, layers, longer)
    return _verified(model, family, layers, probe(model, family.reads, causal=family.causal))


def _verified(
    model: PreTrainedModel, family: Family, layers: Mapping[str, int], given: Mapping[str, Tensor]
) -> dict[str, int]:
    with same_chance(), recording() as seen, torch.inference_mode():
        backbone_of(model)(**given, **family.told)
    with same_chance():
        theirs = family.sort(eager_calls(backbone_of(model), family, given))
    ours = family.sort(seen)
    told = _Told(type(model).__name__, MOST_APART.get(model.dtype, MOST_APART_IN_HALF))
    for stack, part in family.stacks.items():
        drawn, own = (_layers(calls, part.windows) for calls in (ours[stack], theirs[stack]))
        _check_count(stack, len(drawn), layers[stack])
        told.check_alike(stack, drawn, own)
    return {stack: calls[0].weights().shape[1] for stack, calls in ours.items()}


@contextmanager
def same_chance() -> Iterator[None]:
    """Let what a model draws by lot, as ViLT draws its patches, come out alike in each block."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def _layers(calls: Sequence[Compared], windows: bool) -> list[list[Compared]]:
    """Put together the calls of each layer: one, or where it attends in windows all of one place."""
    places = dict(in_order(calls))
    return list(places.values()) if windows else [[call] for call in calls]


def _check_count(stack: str, seen: int, layers: int) -> None:
    if seen != layers or not seen:
        raise WeightsUnavailable(
            "Stack {stack!r} has {layers} layers and {seen} showed their queries and keys. Load the model with "
            "attnviz.load or attnviz.wrap, which set its attention function.",
            stack=stack,
            layers=layers,
            seen=seen,
        )


@dataclass(frozen=True)
class _Told:
    """What a refusal speaks of: the model, and how far apart rounding alone can bring two weights of its type."""

    model: str
    most: float

    def check_alike(self, stack: str, drawn: Sequence[list[Compared]], own: Sequence[list[Compared]]) -> None:
        """Compare the layers of a stack, window by window."""
        if len(drawn) != len(own):
            raise WeightsUnavailable(
                "{model} ran {seen} layers of stack {stack!r} and its eager attention shows {own}. Choose another "
                "model.",
                model=self.model,
                seen=len(drawn),
                stack=stack,
                own=len(own),
            )
        for index, (first, second) in enumerate(zip(drawn, own, strict=True)):
            tables = self._tables(first), [table for call in second for table in call.weights()]
            if [table.shape for table in tables[0]] != [table.shape for table in tables[1]]:
                raise WeightsUnavailable(
                    "L{layer} of {model} gives no weights even in eager attention.", layer=index, model=self.model
                )
            for ours, theirs in zip(*tables, strict=True):
                self._compare(index, ours, theirs)

    def _tables(self, calls: Sequence[Compared]) -> list[np.ndarray]:
        """Spell out the weights of one layer's calls, checked at the door of a layer.

        Shape   each (head, query, key), float32.
        """
        try:
            tables = [table for call in calls for table in call.weights()]
            if any(isinstance(call, Weighed) for call in calls):
                for table in tables:
                    KeptLayer(*unnamed(table.shape[1:]), table, Visibility.full(*table.shape[1:]))
        except RecordError as why:
            raise WeightsUnavailable(
                "What {model} computes is no attention that can be shown ({why}). Choose another model.",
                model=self.model,
                why=str(why),
            ) from why
        return tables

    def _compare(self, index: int, drawn: np.ndarray, own: np.ndarray) -> None:
        apart = float(np.abs(drawn - own).max())
        if not apart <= self.most:
            raise WeightsUnavailable(
                "L{layer} of {model} is {apart:.2g} away from the model's own eager attention; up to {most:.2g} is "
                "rounding. Choose another model.",
                layer=index,
                model=self.model,
                apart=apart,
                most=self.most,
            )
