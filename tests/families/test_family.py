from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from attnviz.axes import Named, Sides, Windows
from attnviz.errors import UnknownFamily, WeightsUnavailable
from attnviz.families import DECODER, FAMILIES, TEXT_ENCODER, Family, Part, family_for, listed
from attnviz.families.places import CROSS, ENCODER, patterns
from attnviz.families.places import DECODER as DECODER_AT

SIDES = Sides(Named(("a",)), Named(("b",)))


@dataclass
class Spoken:
    """A call that only remembers which module made it and what it was named with."""

    module: str
    place: str = ""
    named: list[object] = field(default_factory=list)
    lengths: tuple[int, int] = (1, 1)

    def layer(self, sides: Sides, others: Sequence["Spoken"] = ()) -> "Spoken":
        self.named = [sides, *others]
        return self


def test_a_model_type_belongs_to_one_family():
    listed = [name for family in FAMILIES for name in family.model_types]
    assert len(listed) == len(set(listed))
    assert family_for("bert") is TEXT_ENCODER
    assert family_for("llama") is DECODER
    assert (TEXT_ENCODER.causal, DECODER.causal) == (False, True)


def test_an_unknown_type_is_refused_with_the_most_alike_of_those_that_are_known():
    with pytest.raises(UnknownFamily, match=r"'nobody' yet\. It reads \d+ types; the most alike are nllb-moe, "):
        family_for("nobody")


@pytest.mark.parametrize(
    ("model_type", "says"), [("mamba", "without weighing"), ("yoso", "approximate"), ("funnel", "in blocks")]
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
    stacks = TEXT_ENCODER.assemble(calls, {"self": [SIDES] * 3}, {"self": 3})
    assert all(layer is call for layer, call in zip(stacks["self"], calls, strict=True))
    assert calls[0].named == [SIDES]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_layer_too_few_or_too_many_is_refused(count: int):
    with pytest.raises(WeightsUnavailable, match=f"has 2 layers and {count} showed"):
        DECODER.assemble([Spoken("LlamaAttention")] * count, {"self": [SIDES] * 2}, {"self": 2})


def test_attention_of_a_stranger_is_refused():
    with pytest.raises(WeightsUnavailable, match="ran in ViTAttention"):
        DECODER.assemble([Spoken("LlamaAttention"), Spoken("ViTAttention")], {"self": [SIDES]}, {"self": 1})


def test_the_facts_of_a_family_cannot_be_changed():
    with pytest.raises(TypeError):
        DECODER.stacks["self"] = ()  # type: ignore[index]


def test_one_class_serves_three_stacks_told_apart_by_where_its_modules_are():
    family = Family(
        "BART",
        ("bart",),
        {"encoder": Part(("A",), ENCODER), "decoder": Part(("A",), DECODER_AT), "cross": Part(("A",), CROSS)},
    )
    places = {
        "encoder.layers.0.self_attn": "encoder",
        "decoder.layers.0.self_attn": "decoder",
        "decoder.layers.0.encoder_attn": "cross",
        "decoder.block.0.layer.1.EncDecAttention": "cross",
        "decoder.transformer.h.0.crossattention": "cross",
        "encoder.block.0.layer.0.SelfAttention": "encoder",
    }
    assert {place: family.stack_of("A", place) for place in places} == places
    assert family.stack_of("B", "encoder.layers.0.self_attn") is None


def test_stacks_are_named_by_the_places_where_a_model_attends():
    assert list(patterns(["encoder.layer.0", "encoder.layer.1"])) == ["self"]
    assert list(patterns(["encoder.a", "decoder.a", "decoder.encoder_attn"])) == ["encoder", "decoder", "cross"]
    assert list(patterns(["text_model.a", "vision_model.a"])) == ["text", "image"]
    assert list(patterns(["vision_model.a", "text_encoder.a", "text_encoder.crossattention"])) == [
        "text",
        "image",
        "cross",
    ]


def test_windows_that_a_module_ran_over_one_by_one_are_one_layer():
    windows = Sides(Named(("a", "b")), Named(("a", "b")), Windows(((0,), (1,))))
    family = Family("windows", ("w",), {"self": Part(("A",), windows=True)})
    calls = [Spoken("A", "0"), Spoken("A", "0"), Spoken("A", "1")]
    layers = family.assemble(calls, {"self": [windows, SIDES]}, {"self": 2})["self"]
    assert (layers[0].named, layers[1].named) == ([windows, calls[1]], [SIDES])
