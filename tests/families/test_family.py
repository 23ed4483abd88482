from dataclasses import dataclass, field

import pytest

from attnviz.errors import UnknownFamily, WeightsUnavailable
from attnviz.families import DECODER, FAMILIES, TEXT_ENCODER, family_for, listed

AXES = {"self": (["a"], ["b"])}


@dataclass
class Spoken:
    """A call that only remembers which module made it and what it was named with."""

    module: str
    named: list[object] = field(default_factory=list)

    def layer(self, queries: object, keys: object) -> "Spoken":
        self.named = [queries, keys]
        return self


def test_a_model_type_belongs_to_one_family():
    listed = [name for family in FAMILIES for name in family.model_types]
    assert len(listed) == len(set(listed))
    assert family_for("bert") is TEXT_ENCODER
    assert family_for("llama") is DECODER
    assert (TEXT_ENCODER.causal, DECODER.causal) == (False, True)


def test_an_unknown_type_is_refused_with_the_most_alike_of_those_that_are_known():
    with pytest.raises(UnknownFamily, match=r"'nobody' yet\. It reads \d+ types; the most alike are nemotron, "):
        family_for("nobody")


@pytest.mark.parametrize(
    ("model_type", "says"), [("mamba", "without weighing"), ("yoso", "approximate"), ("longformer", "in blocks")]
)
def test_a_type_without_a_table_of_pairs_is_refused_with_its_reason(model_type: str, says: str):
    with pytest.raises(UnknownFamily, match=f"{model_type!r}.*{says}"):
        listed(model_type)


def test_a_type_that_nobody_lists_is_left_to_be_found_out():
    assert listed("nobody") is None


def test_layers_come_in_the_order_of_the_calls():
    calls = [
        Spoken("AlbertAttention"),
        Spoken("AlbertAttention"),
        Spoken("AlbertAttention"),
    ]  # one module, three layers
    stacks = TEXT_ENCODER.assemble(calls, AXES, {"self": 3})
    assert all(layer is call for layer, call in zip(stacks["self"], calls, strict=True))
    assert calls[0].named == [["a"], ["b"]]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_layer_too_few_or_too_many_is_refused(count: int):
    with pytest.raises(WeightsUnavailable, match=f"has 2 layers and {count} showed"):
        DECODER.assemble([Spoken("LlamaAttention")] * count, AXES, {"self": 2})


def test_attention_of_a_stranger_is_refused():
    with pytest.raises(WeightsUnavailable, match="ran in ViTAttention"):
        DECODER.assemble([Spoken("LlamaAttention"), Spoken("ViTAttention")], AXES, {"self": 1})


def test_the_facts_of_a_family_cannot_be_changed():
    with pytest.raises(TypeError):
        DECODER.stacks["self"] = ()  # type: ignore[index]
