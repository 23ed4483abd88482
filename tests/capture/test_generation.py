import copy
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import GenerationConfig, PreTrainedModel

import attnviz
from attnviz.axes import Tokens
from attnviz.capture import capture, generate
from attnviz.encode import encode
from attnviz.errors import Cancelled, InputError, ModelRefused, TooLong, Unreadable
from attnviz.inputs import Chat, Generated, Text, TextPair, Turn
from attnviz.models.loading import LoadedModel, load_folder, wrap
from tests import tiny, tiny_translators
from tests.encode.test_chat import CHATML, talking

CAT = Text("The cat sat")
ONCE = Text("Once upon a time")
# Written by transformers 5.23, greedily; of stories260k the same stands in llama2.c's own doc.
STORIES = {
    "stories260k": (
        "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw "
        "a big, red ball."
    ),
    "babyllama-105": "Once upon a time, there was a little girl named Lily. Sh",
}
NAMES = {"أوباما": "obama", "ابراهيم": "abrahim"}


def source_of(model: LoadedModel, given: Generated, stack: str) -> str:
    axis = capture(model, given).layer(stack, 0).queries
    assert isinstance(axis, Tokens)
    return axis.source


def own_way(model: LoadedModel, given: Text, **settings: Any) -> tuple[int, ...]:
    """What transformers' own search writes."""
    ids = model.processor(given.text, return_tensors="pt", return_token_type_ids=False)
    before = 1 if "decoder" in model.family.stacks else ids["input_ids"].shape[1]
    found = model.model.generate(**ids, do_sample=False, **settings)
    return tuple(found[0, before:].tolist())


@pytest.mark.parametrize("name", STORIES)
def test_real_decoders_go_on_as_transformers_lets_them(shared: Path, name: str):
    model = load_folder(shared / "weights" / name, name)
    written = generate(model, ONCE, max_new_tokens=40)
    assert written.ids == own_way(model, ONCE, max_new_tokens=40, num_beams=1)
    assert source_of(model, written, "self") == STORIES[name]
    assert written.given == ONCE


@pytest.mark.parametrize("method", ["greedy", "beam"])
@pytest.mark.parametrize("name", NAMES)
def test_a_real_encoder_decoder_writes_names(shared: Path, name: str, method: Any):
    model = load_folder(shared / "weights" / "aren-transliteration", "aren")
    written = generate(model, Text(name), method=method)
    assert written.ids == own_way(model, Text(name), max_new_tokens=64, num_beams=4 if method == "beam" else 1)
    record = capture(model, written)
    assert record.stacks == {"encoder": 6, "decoder": 6, "cross": 6}
    assert list(record.layer("cross", 0).queries) == [*NAMES[name], "</s_tgt>"]
    assert list(record.layer("decoder", 0).keys) == ["<s_tgt>", *NAMES[name]]
    assert list(record.layer("cross", 0).keys) == list(name)


@pytest.mark.parametrize("kind", ["gpt2", "llama", "gemma2", "mistral", "gpt_oss", "bloom"])
@pytest.mark.parametrize("method", ["greedy", "beam"])
def test_any_decoder_goes_on_as_transformers_lets_it(kind: str, method: Any):
    model = tiny.loaded(kind)
    beams = 4 if method == "beam" else 1
    assert generate(model, CAT, method=method, max_new_tokens=8).ids == own_way(
        model, CAT, max_new_tokens=8, num_beams=beams
    )


@pytest.mark.parametrize("kind", sorted(tiny_translators.MODELS))
@pytest.mark.parametrize("method", ["greedy", "beam"])
def test_any_encoder_decoder_writes_as_transformers_lets_it(kind: str, method: Any):
    model = tiny_translators.loaded(kind)
    written = generate(model, CAT, method=method, max_new_tokens=6)  # mostly broken off before its end
    start = 2 if kind in ("mbart", "plbart", "fsmt") else 1 if "gemma" in kind else 0
    own = own_way(model, CAT, max_new_tokens=6, num_beams=4 if method == "beam" else 1, decoder_start_token_id=start)
    assert written.ids == own
    read = capture(model, written).layer("decoder", 0).keys
    assert read[0] == ("<pad>", "<s>", "</s>")[start]
    if method == "greedy":  # in the pass over all, each token is the likeliest again: it starts and goes on alike
        again = generate(model, CAT, max_new_tokens=6, candidates=1)
        told = model.model(**encode(model, again).tensors, use_cache=False).logits[0].argmax(dim=-1)
        assert tuple(told.tolist())[:-1] == written.ids[:-1]  # the last may be an end that its settings force


@pytest.mark.parametrize("model", [tiny.loaded("llama"), tiny_translators.loaded("t5")], ids=["llama", "t5"])
@pytest.mark.parametrize("method", ["greedy", "beam", "sample"])
def test_candidates_are_the_models_own_likelihoods_in_one_pass_over_all(model: LoadedModel, method: Any):
    written = generate(model, CAT, method=method, max_new_tokens=5, candidates=3)
    ids = model.processor(CAT.text, return_tensors="pt")["input_ids"]
    own = torch.tensor([written.ids])
    with torch.inference_mode():
        if "decoder" in model.family.stacks:
            read = torch.cat([torch.tensor([[0]]), own[:, :-1]], dim=1)
            scores = model.model(input_ids=ids, decoder_input_ids=read).logits[0]
        else:
            scores = model.model(input_ids=torch.cat([ids, own], dim=1)).logits[0, ids.shape[1] - 1 : -1]
    likely = scores.softmax(dim=-1).topk(3)
    assert len(written.candidates) == len(written.ids) == 5
    shares = [[each.probability for each in place] for place in written.candidates]
    np.testing.assert_allclose(shares, likely.values, rtol=0, atol=1e-5)
    if method == "greedy":
        assert likely.indices[:, 0].tolist() == list(written.ids)


def test_candidates_are_named_for_a_reader_and_can_be_left_out():
    written = generate(tiny.loaded("gpt2"), CAT, max_new_tokens=3)
    assert [len(place) for place in written.candidates] == [5, 5, 5]
    assert all(each.label.strip() for place in written.candidates for each in place)
    assert generate(tiny.loaded("gpt2"), CAT, max_new_tokens=3, candidates=0).candidates == ()


@pytest.mark.parametrize("model", [tiny.loaded("llama"), tiny_translators.loaded("bart")], ids=["llama", "bart"])
def test_the_rows_of_a_record_belong_to_the_sequence_that_beams_chose(model: LoadedModel):
    beams = generate(model, CAT, method="beam", beams=5, max_new_tokens=8)
    record, fresh = capture(model, beams), capture(model, Generated(CAT, beams.ids))
    for stack in record.stacks:
        for layer in range(record.stacks[stack]):
            np.testing.assert_array_equal(record.layer(stack, layer).weights(), fresh.layer(stack, layer).weights())
    queries = record.layer(list(record.stacks)[-1], 0).queries
    assert isinstance(queries, Tokens)
    raw = model.processor.convert_ids_to_tokens(list(beams.ids))
    assert list(queries.raw[-len(raw) :]) == raw


def test_a_seed_writes_the_same_whatever_other_threads_draw():
    model = tiny.loaded("llama")

    def drawn(seed: int) -> tuple[int, ...]:
        torch.rand(7)
        return generate(model, CAT, method="sample", max_new_tokens=12, seed=seed, candidates=0).ids

    alone = {seed: drawn(seed) for seed in range(4)}
    assert len(set(alone.values())) == 4
    with ThreadPoolExecutor(4) as pool:
        for seed, ids in zip([0, 1, 2, 3] * 4, pool.map(drawn, [0, 1, 2, 3] * 4), strict=True):
            assert ids == alone[seed]


def test_sampling_leaves_the_chance_of_others_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    generate(tiny.loaded("llama"), CAT, method="sample", max_new_tokens=4, seed=9)
    assert torch.equal(torch.rand(3), expected)


def test_draws_follow_the_models_own_likelihoods():
    """200 first tokens: each share within four standard deviations of its probability."""
    model = tiny.loaded("gpt2")
    place = generate(model, CAT, max_new_tokens=1, candidates=3).candidates[0]
    drawn = [generate(model, CAT, method="sample", max_new_tokens=1, seed=seed, candidates=0) for seed in range(200)]
    labels = [capture_label(model, each) for each in drawn]
    for each in place:
        off = abs(labels.count(each.label) / 200 - each.probability)
        assert off <= 4 * (each.probability * (1 - each.probability) / 200) ** 0.5 + 0.01


def capture_label(model: LoadedModel, written: Generated) -> str:
    from attnviz.encode.written import label_of

    return label_of(model.processor, written.ids[0])


def test_a_low_temperature_or_a_small_share_leaves_the_likeliest_alone():
    model = tiny.loaded("gpt2")
    greedy = generate(model, CAT, max_new_tokens=6, candidates=0).ids
    for settings in ({"temperature": 0.01}, {"top_p": 0.001}):
        for seed in range(5):
            told: dict[str, Any] = {"method": "sample", "max_new_tokens": 6, "candidates": 0, "seed": seed} | settings
            assert generate(model, CAT, **told).ids == greedy


def test_what_is_written_ends_where_the_model_ends_or_its_positions_do():
    llama, bart = tiny.loaded("llama"), tiny_translators.loaded("bart")
    long = Text("猫" * 20 + "a")  # 63 tokens of 64
    assert len(generate(llama, long, max_new_tokens=50).ids) == 1
    with pytest.raises(TooLong, match=r"has 64 tokens and LlamaForCausalLM reads 64, which leaves.* by 1 or more"):
        generate(llama, Text("猫" * 20 + "ab"))
    with pytest.raises(TooLong, match="has 65 tokens"):
        generate(llama, Text("猫" * 21))
    forever = wrap(copied(tiny_translators.model("bart"), eos_token_id=None), bart.processor)
    assert len(generate(forever, CAT, max_new_tokens=500, candidates=0).ids) == 64


def copied(model: PreTrainedModel, **settings: Any) -> PreTrainedModel:
    own = copy.deepcopy(model)
    own.generation_config = GenerationConfig(**(own.generation_config.to_dict() | settings))
    if settings.get("eos_token_id", 0) is None:
        own.config.eos_token_id = None
    return own


HOSTILE: list[dict[str, Any]] = [
    {"max_length": 10**9, "max_new_tokens": 10**9, "num_beams": 10**4, "num_return_sequences": 10**4},
    {"do_sample": True, "temperature": 1e-9, "top_k": 1, "cache_implementation": "static"},
    {"prompt_lookup_num_tokens": 10**6, "token_healing": True, "guidance_scale": 9.0},
    {"min_length": 10**9, "max_time": 1e-9, "stop_strings": ["e"], "low_memory": True},
    {"penalty_alpha": 0.5, "dola_layers": "high", "num_beam_groups": 7, "output_attentions": True},
]


@pytest.mark.parametrize("settings", HOSTILE, ids=lambda each: next(iter(each)))
@pytest.mark.parametrize("kind", ["gpt2", "bart"])
def test_settings_that_come_with_a_model_ask_for_no_more_than_was_asked(settings: dict[str, Any], kind: str):
    plain = tiny.loaded(kind) if kind == "gpt2" else tiny_translators.loaded(kind)
    own = copy.deepcopy(plain.model)
    for name, value in settings.items():
        setattr(own.generation_config, name, value)
    written = generate(wrap(own, plain.processor), CAT, max_new_tokens=5)
    assert len(written.ids) <= 5
    assert written.ids == generate(plain, CAT, max_new_tokens=5).ids or "min_length" in settings


def test_settings_that_make_no_sense_are_refused_in_words():
    own = copy.deepcopy(tiny_translators.model("bart"))
    own.generation_config.forced_bos_token_id = 10**6
    with pytest.raises(ModelRefused, match="cannot write here"):
        generate(wrap(own, tiny_translators.tokenizer()), CAT)


def test_what_keeps_a_model_from_repeating_itself_is_heard():
    own = copy.deepcopy(tiny.model("gpt2"))
    plain = generate(tiny.loaded("gpt2"), CAT, max_new_tokens=20).ids
    own.generation_config.no_repeat_ngram_size = 1
    once = generate(wrap(own, tiny.tokenizer("bytes")), CAT, max_new_tokens=20).ids
    assert len(set(plain)) < len(plain)
    assert len(set(once)) == len(once)


def test_the_model_is_left_as_it_was():
    model = tiny.loaded("gpt2")
    before = model.model.generation_config.to_dict(), set(vars(model.model))
    generate(model, CAT, method="beam", max_new_tokens=3)
    assert (model.model.generation_config.to_dict(), set(vars(model.model))) == before


@pytest.mark.parametrize("model", [tiny.loaded("gpt2"), tiny_translators.loaded("t5")], ids=["gpt2", "t5"])
def test_it_stops_when_nobody_waits(model: LoadedModel):
    asked: list[int] = []

    def stopped() -> bool:
        asked.append(1)
        return len(asked) == 3

    with pytest.raises(Cancelled):
        generate(model, CAT, max_new_tokens=50, stopped=stopped)
    assert len(asked) == 3


def test_a_conversation_is_answered_where_its_template_lets_the_answer_begin():
    model = talking(CHATML)
    chat = Chat((Turn("user", "The cat?"),))
    written = generate(model, chat, max_new_tokens=3)
    axis = capture(model, written).layer("self", 0).queries
    assert isinstance(axis, Tokens)
    assert axis.source.startswith("<|im_start|>user\nThe cat?<|im_end|>\n<|im_start|>assistant\n")
    assert "<|im_start|>assistant" not in source_of(model, Generated(Text("a"), written.ids), "self")
    turns = [{"role": "user", "content": "The cat?"}]
    prompt = model.processor.apply_chat_template(turns, add_generation_prompt=True, return_tensors="pt")["input_ids"]
    own = model.model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=3, do_sample=False)
    assert tuple(own[0, prompt.shape[1] :].tolist()) == written.ids


@pytest.mark.parametrize("name", ["mbart50", "nllb"])
def test_a_target_begins_with_the_language_that_was_set(name: str):
    words = getattr(tiny_translators, name)()
    model = wrap(tiny_translators.made("m2m_100", len(words)), words)
    record = capture(model, generate(model, Text("a"), max_new_tokens=4))
    assert record.layer("decoder", 0).queries[0] == ("fr_XX" if name == "mbart50" else "fra_Latn")


def test_mbart_starts_with_the_language_that_was_set():
    words = tiny_translators.mbart()
    model = wrap(tiny_translators.made("mbart", len(words)), words)
    assert capture(model, generate(model, Text("a"), max_new_tokens=4)).layer("decoder", 0).keys[0] == "fr_XX"


def test_who_writes_nothing_is_refused_with_the_way_out():
    with pytest.raises(Unreadable, match="BertModel does not go on with Text"):
        generate(tiny.loaded("bert"), CAT)
    for bare, words in (
        (tiny.model("gpt2").base_model, tiny.tokenizer("bytes")),
        (tiny_translators.model("bart").base_model, tiny_translators.tokenizer()),
    ):
        with pytest.raises(ModelRefused, match=r"without the part that writes words\. Open it with attnviz\.load"):
            generate(wrap(bare, words), CAT)
    with pytest.raises(Unreadable, match="TextPair is no source"):
        generate(tiny_translators.loaded("t5"), TextPair("a", "b"))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"method": "magic"}, "greedy, beam, sample"),
        ({"max_new_tokens": 10**9}, "max_new_tokens is from 1 to 4,096; 1000000000"),
        ({"max_new_tokens": 0}, "from 1"),
        ({"method": "beam", "beams": 1000}, "beams is from 1 to 16"),
        ({"temperature": 0.0}, "temperature is from 0.01 to 100"),
        ({"temperature": float("nan")}, "temperature is from"),
        ({"top_p": 1.5}, "top_p is from 0.001 to 1"),
        ({"seed": -1}, "seed is from 0"),
        ({"candidates": 10**6}, "candidates is from 0 to 100"),
    ],
)
def test_numbers_out_of_bounds_are_refused_with_the_bounds(settings: dict[str, Any], says: str):
    with pytest.raises(InputError, match=says):
        generate(tiny.loaded("gpt2"), CAT, **settings)


def test_the_door_writes():
    model = tiny.loaded("gpt2")
    assert (
        attnviz.generate(model, attnviz.Text("The cat"), max_new_tokens=2).ids
        == generate(model, Text("The cat"), max_new_tokens=2).ids
    )
