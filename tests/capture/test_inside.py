"""Every step of a head is the model's own, and each follows from the one before it."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch
from transformers import PreTrainedModel

import attnviz
from attnviz import share
from attnviz.capture.inside import STEPS, Inside, Step, inside
from attnviz.encode import encode
from attnviz.errors import MeasureError, WeightsUnavailable
from attnviz.inputs import Input, Text, TextPair
from attnviz.lab.arithmetic import spelled
from attnviz.lab.bench import read, written
from attnviz.lab.inside import MOST_LINES, code_of, slice_of
from attnviz.models.loading import LoadedModel
from attnviz.models.twin import twin
from attnviz.record import AttentionRecord
from tests import tiny, tiny_translators

TEXT = Text(tiny.TEXT)
PAIR = TextPair("the cat sat on the mat", "a dog chased the mouse")
Found = dict[str, Any]


class Places:
    """Where a family keeps what its steps are made by, and the file of its eager attention."""

    def __init__(self, block: str, given: Input = TEXT, stack: str = "self", **parts: str) -> None:
        self.block, self.given, self.stack, self.parts = block, given, stack, parts


BERT = Places(
    "encoder.layer.{}",
    words="embeddings.word_embeddings",
    q="attention.self.query",
    k="attention.self.key",
    v="attention.self.value",
    output="attention.output.dense",
    after="attention.output.LayerNorm",
)
LLAMA = Places(
    "layers.{}",
    words="embed_tokens",
    normed="input_layernorm",
    q="self_attn.q_proj",
    k="self_attn.k_proj",
    v="self_attn.v_proj",
    output="self_attn.o_proj",
    residual="post_attention_layernorm",
)
T5 = Places(
    "encoder.block.{}.layer.0",
    PAIR,
    "encoder",
    words="encoder.embed_tokens",
    normed="layer_norm",
    q="SelfAttention.q",
    k="SelfAttention.k",
    v="SelfAttention.v",
    output="SelfAttention.o",
)
GPT2 = Places("h.{}", words="wte", normed="ln_1", qkv="attn.c_attn", output="attn.c_proj", residual="ln_2")
KINDS: Mapping[str, Places] = MappingProxyType(
    {"bert": BERT, "gpt2": GPT2, "llama": LLAMA, "t5": T5, "minilm": BERT, "repeats-1": LLAMA, "repeats-2": LLAMA}
)
EMBEDDED = ("minilm", "repeats-1", "repeats-2")
LETTERS = Text("k q x b k q x b k")
CASES = [(kind, layer) for kind in KINDS for layer in (0, 1) if (kind, layer) != ("repeats-1", 1)]


@cache
def loaded(kind: str) -> LoadedModel:
    if kind in EMBEDDED:
        return attnviz.load(kind)
    return tiny_translators.loaded(kind) if kind == "t5" else tiny.loaded(kind)


def given(kind: str) -> Input:
    return LETTERS if kind.startswith("repeats") else KINDS[kind].given


@cache
def found(kind: str, layer: int) -> Inside:
    return inside(loaded(kind), given(kind), KINDS[kind].stack, layer)


def modules(kind: str, layer: int, model: PreTrainedModel) -> dict[str, Any]:
    """The parts of one block by what they make."""
    places = KINDS[kind]
    block, words = places.block.format(layer), {"words": places.parts["words"]}
    inner = {name: f"{block}.{place}" for name, place in places.parts.items()}
    return {name: model.get_submodule(place) for name, place in (inner | {"block": block} | words).items()}


@cache
def own(kind: str, layer: int) -> Found:
    """What the model's own eager code is given and gives: listened to by hooks of this test alone."""
    slow, seen = twin(loaded(kind).backbone, "eager"), Found()

    def keep(name: str) -> Callable[..., None]:
        def hook(module: Any, given: Any, named: Any, result: Any) -> None:
            first = given[0] if given else named.get("hidden_states")
            seen.setdefault(name, (first, result[0] if isinstance(result, tuple) else result))

        return hook

    for name, module in modules(kind, layer, slow).items():
        module.register_forward_hook(keep(name), with_kwargs=True)
    file = importlib.import_module(type(slow).__module__)
    whole, calls = file.eager_attention_forward, []

    def listened(module: Any, query: Any, key: Any, value: Any, mask: Any, **rest: Any) -> Any:
        output, weights = whole(module, query, key, value, mask, **rest)
        calls.append({"q": query, "k": key, "v": value, "W": weights, "O": output.transpose(1, 2)})
        return output, weights

    file.eager_attention_forward = listened
    try:
        with torch.inference_mode():
            slow(**encode(loaded(kind), given(kind)).tensors)
    finally:
        file.eager_attention_forward = whole
    return seen | {"call": calls[layer]}


def close(table: np.ndarray, tensor: torch.Tensor) -> None:
    np.testing.assert_allclose(table, tensor[0].float().numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("kind", "layer"), CASES)
def test_what_is_compared_weighed_and_mixed_is_what_the_eager_code_compares_weighs_and_mixes(kind, layer):
    steps, theirs = found(kind, layer), own(kind, layer)
    for name in ("q", "k", "v", "W", "O"):
        close(steps.table(name), theirs["call"][name])


@pytest.mark.parametrize(("kind", "layer"), CASES)
def test_every_vector_is_the_one_that_the_models_own_part_was_given_or_gave(kind, layer):
    steps, theirs = found(kind, layer), own(kind, layer)
    close(steps.table("E"), theirs["words"][1])
    close(steps.table("X"), theirs["block"][0])
    close(steps.table("J"), theirs["output"][0])
    close(steps.table("Y"), theirs["output"][1])
    for name, table in (("normed", "N"), ("after", "Z")):
        assert (name in steps.steps) == (name in theirs)
        if name in theirs:
            close(steps.table(table), theirs[name][1])
    residual = theirs["residual"][0] if "residual" in theirs else theirs.get("after", theirs["block"][::-1])[0]
    close(steps.table("R"), residual)


@pytest.mark.parametrize(("kind", "layer"), CASES)
def test_queries_keys_and_values_are_what_the_projections_gave_cut_into_heads(kind, layer):
    steps, theirs = found(kind, layer), own(kind, layer)
    made = steps.steps["projected"].tables
    fused = theirs["qkv"][1].chunk(3, dim=-1) if "qkv" in theirs else [theirs[name][1] for name in "qkv"]
    for name, whole in zip("qkv", fused, strict=True):
        close(made[name], whole.unflatten(-1, (len(made[name]), -1)).transpose(1, 2))


def test_what_a_family_does_not_have_is_left_out():
    assert {"normed", "turned", "biased", "masked"} <= set(found("bert", 0).without)
    assert {"turned", "biased", "after"} <= set(found("gpt2", 0).without)
    assert {"biased", "after"} <= set(found("llama", 0).without)
    assert {"scaled", "turned", "masked", "after"} <= set(found("t5", 1).without)
    assert {"masked", "turned"} <= set(found("llama", 1).steps)
    assert "biased" in found("t5", 1).steps


def learned(module: Any, name: str) -> np.ndarray:
    """The numbers of a part, 0 where it has none of the name."""
    tensor = getattr(module, name, None)
    return np.zeros(1, np.float32) if tensor is None else tensor.detach().numpy()


def weights_of(module: Any) -> tuple[np.ndarray, np.ndarray]:
    """The matrix and the bias of a projection, so that it is vectors @ matrix + bias."""
    matrix = module.weight if type(module).__name__ == "Conv1D" else module.weight.T
    return matrix.detach().numpy(), np.float32(0) if getattr(
        module, "bias", None
    ) is None else module.bias.detach().numpy()


def names_of(kind: str, layer: int) -> dict[str, np.ndarray]:
    """What the code of the steps starts from: the model's own learned numbers."""
    model, steps = loaded(kind).backbone, found(kind, layer)
    parts = modules(kind, layer, model)
    ids = encode(loaded(kind), given(kind)).tensors["input_ids"][0].numpy()
    known = {
        "ids": ids,
        "embeddings": parts["words"].weight.detach().numpy(),
        "visible": steps.visible,
        "X": steps.table("X"),
    }
    known |= {
        name: steps.table(name) for name in ("P", "B") if any(name in step.tables for step in steps.steps.values())
    }
    if "qkv" in parts:
        matrix, bias = weights_of(parts["qkv"])
        pairs = zip(np.split(matrix, 3, axis=1), np.split(bias, 3), strict=True)
    else:
        pairs = (weights_of(parts[name]) for name in "qkv")
    for name, (matrix, bias) in zip("QKV", pairs, strict=True):
        known |= {f"W_{name}": matrix, f"b_{name}": bias}
    known["W_O"], known["b_O"] = weights_of(parts["output"])
    known["d"] = np.int64(steps.table("q").shape[2])
    if steps.turn is not None:
        known |= {"cos": steps.turn.cos, "sin": steps.turn.sin}
    return known


def norm_names(module: Any) -> dict[str, Any]:
    eps = module.eps if hasattr(module, "eps") else module.variance_epsilon
    return {"gain": learned(module, "weight"), "shift": learned(module, "bias"), "eps": eps}


@pytest.mark.parametrize("library", ["numpy", "torch"])
@pytest.mark.parametrize(("kind", "layer"), CASES)
def test_the_code_beside_each_step_makes_its_numbers_from_those_of_the_steps_before(kind, layer, library):
    steps, code = found(kind, layer), code_of(found(kind, layer))[library]
    parts = modules(kind, layer, loaded(kind).backbone)
    opening = dict(loaded(kind).backbone.named_modules()).get("embeddings.LayerNorm")
    norms = {"embedded": opening, "normed": parts.get("normed"), "after": parts.get("after")}
    known: dict[str, Any] = {"np": np, "torch": torch, **names_of(kind, layer)}
    for name, step in steps.steps.items():
        assert 1 <= len(code[name].splitlines()) <= MOST_LINES
        known |= norm_names(norms[name]) if norms.get(name) is not None else {}
        if library == "torch":
            known = {key: torch.tensor(each) if isinstance(each, np.ndarray) else each for key, each in known.items()}
        exec(code[name], known)
        for table in step.tables:
            if table in ("P", "B") or (name, table, layer) == ("embedded", "X", 1):
                continue  # given to the code, not made by it
            np.testing.assert_allclose(np.asarray(known[table]), step.tables[table], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("kind", "layer"), CASES)
def test_scores_softmax_values_and_projection_lead_to_what_the_models_attention_gives(kind, layer):
    steps, names = found(kind, layer), names_of(kind, layer)
    q, k, v = (steps.table(name).astype(np.float64) for name in "qkv")
    k, v = (np.repeat(each, len(q) // len(each), axis=0) for each in (k, v))
    scores = q @ k.swapaxes(1, 2) * steps.scaling + names.get("B", 0)
    scores = np.where(steps.visible, scores, -np.inf)
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = raised / raised.sum(axis=-1, keepdims=True) @ v
    joined = mixed.swapaxes(0, 1).reshape(mixed.shape[1], -1)
    np.testing.assert_allclose(
        joined @ names["W_O"] + names["b_O"], own(kind, layer)["output"][1][0].numpy(), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("kind", ["bert", "llama", "minilm"])
def test_weights_are_those_of_the_record(kind):
    record: AttentionRecord = attnviz.capture(loaded(kind), given(kind))
    np.testing.assert_allclose(found(kind, 1).table("W"), record.layer("self", 1).weights(), atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "has"),
    [
        ("opt", "scaled"),  # which multiplies q before the scores
        ("gpt_neox", "turned"),  # whose q, k and v lie head by head, of which a part is turned
        ("cohere", "turned"),  # which turns neighbours
        ("phi3", "turned"),
        ("qwen3", "sized"),
        ("gemma2", "capped"),
        ("olmo2", "added"),
        ("modernbert", "masked"),
        ("distilbert", "after"),
        ("albert", "after"),
    ],
)
def test_other_families_are_followed_through_what_is_their_own(kind, has):
    steps = inside(tiny.loaded(kind), TEXT, "self", 1)
    assert has in steps.steps
    assert {"projected", "scores", "weights", "mixed", "joined", "output"} <= set(steps.steps)
    record = attnviz.capture(tiny.loaded(kind), TEXT)
    np.testing.assert_allclose(steps.table("W"), record.layer("self", 1).weights(), atol=1e-5)


def test_the_first_layer_of_modernbert_has_no_norm_before_nor_after():
    steps = inside(tiny.loaded("modernbert"), TEXT, "self", 0)
    assert {"normed", "after"} <= set(steps.without)


@pytest.mark.parametrize(
    ("kind", "step", "why"),
    [
        ("deepseek_v3", "projected", "more than one projection each"),
        ("gpt_neox", "residual", "adds more than this to the stream at once"),
    ],
)
def test_a_step_that_cannot_be_followed_is_refused_with_the_reason_and_the_others_stay(kind, step, why):
    steps = inside(tiny.loaded(kind), TEXT, "self", 1)
    assert step not in steps.steps
    assert step not in steps.without
    assert why in str(steps.refused[step])
    assert {"scores", "weights", "mixed"} <= set(steps.steps)


def test_latent_attention_says_nothing_of_what_was_not_followed():
    assert not {"turned", "sized", "normed"} & set(inside(tiny.loaded("deepseek_v3"), TEXT).without)


def test_a_model_that_gives_weights_alone_is_refused():
    with pytest.raises(WeightsUnavailable, match="gives the weights of its heads and not what they are made of"):
        inside(tiny.loaded("xlnet"), TEXT)


def test_a_sink_is_refused_rather_than_left_out():
    with pytest.raises(WeightsUnavailable, match="sink"):
        inside(tiny.loaded("gpt_oss"), TEXT)


def test_cross_attention_is_refused():
    with pytest.raises(WeightsUnavailable, match="another text"):
        inside(loaded("t5"), PAIR, "cross")


def test_the_decoder_of_a_translator_is_causal_and_has_its_own_words():
    steps = inside(loaded("t5"), PAIR, "decoder", 1)
    assert "masked" in steps.steps
    assert len(steps.table("E")) == len(steps.table("X")) == len(steps.tokens)


def test_a_layer_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(MeasureError, match="no L9 in a stack 'self'; it has self L0 to L1"):
        inside(tiny.loaded("bert"), TEXT, "self", 9)


def test_the_model_keeps_no_hook_and_the_steps_cannot_be_written_to():
    model = tiny.loaded("gpt2")
    before = sum(len(module._forward_hooks) for module in model.model.modules())
    steps = inside(model, TEXT)
    assert sum(len(module._forward_hooks) for module in model.model.modules()) == before
    with pytest.raises(ValueError, match="read-only"):
        steps.table("W")[0, 0, 0] = 1


def test_steps_come_in_one_order():
    for kind, layer in CASES:
        names = [*found(kind, layer).steps]
        assert names == sorted(names, key=STEPS.index)


@pytest.mark.parametrize(("kind", "layer"), CASES)
def test_a_slice_for_the_lab_is_a_bench_whose_scores_are_the_part_that_its_numbers_make(kind, layer):
    steps = found(kind, layer)
    query = len(steps.tokens) - 2
    cut = slice_of(steps, 1, query)
    assert cut is not None
    assert query in cut.tokens
    assert read(written(cut.bench)) == cut.bench
    rows, numbers = list(cut.tokens), list(cut.numbers)
    q, k = (steps.of_head(name, 1)[np.ix_(rows, numbers)] for name in "qk")
    done = cut.bench.attended()
    np.testing.assert_allclose(done.scaled, q @ k.T * steps.scaling, atol=0.05)
    seen = steps.visible[min(1, len(steps.visible) - 1)][np.ix_(rows, rows)]
    assert (done.visible == seen).all()


def test_a_slice_is_of_the_keys_that_the_query_reads_most():
    cut = slice_of(inside(attnviz.load("minilm"), Text(share.EXAMPLE), "self", 3), 1, 8)
    assert cut is not None
    assert cut.tokens == (0, 2, 6, 8)  # [CLS], cat, mat and it
    assert spelled(cut.bench.divisor) == "5.656"  # √32


def test_numbers_too_large_for_the_bench_make_no_slice():
    steps = found("bert", 0)
    large = Step("projected", {name: 1e4 * table for name, table in steps.steps["projected"].tables.items()})
    assert slice_of(replace(steps, steps={**steps.steps, "projected": large}), 0, 0) is None
