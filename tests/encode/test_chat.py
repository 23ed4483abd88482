import copy
from pathlib import Path
from typing import Any

import pytest
from tokenizers import AddedToken

from attnviz.axes import Tokens
from attnviz.capture import capture, proof
from attnviz.encode import count, encode, template
from attnviz.encode.chat import chat_pieces
from attnviz.errors import ModelRefused, TooLong, Unreadable
from attnviz.inputs import Chat, Text, Turn
from attnviz.models.loading import LoadedModel, wrap
from attnviz.record import AttentionRecord
from tests import tiny

HELLO = Chat((Turn("system", "Be brief."), Turn("user", "The cat?"), Turn("assistant", "It sat."), Turn("user", "猫")))

CHATML = (  # as Qwen's
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
STRICT = (  # as Llama 2's, which begins with the token of a beginning and takes turns in one order
    "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant') }}{% endif %}"
    "{{ '[INST] ' + message['content'] + ' [/INST]' if message['role'] == 'user' else message['content'] + eos_token }}"
    "{% endfor %}"
)


def talking(template: str | None, kind: str = "llama") -> LoadedModel:
    """A tiny model whose tokenizer comes with a template, and with the tokens of ChatML beyond its own special ones."""
    own = copy.deepcopy(tiny.tokenizer(tiny.MODELS[kind][0]))
    own.add_tokens([AddedToken("<|im_start|>", special=True), AddedToken("<|im_end|>", special=True)])
    own.chat_template = template
    return wrap(_wider(kind, len(own)), own)


def _wider(kind: str, words: int) -> Any:
    own = copy.deepcopy(tiny.model(kind))
    own.resize_token_embeddings(words)
    own.config.max_position_embeddings = 128
    return own


@pytest.fixture(scope="module")
def qwen() -> LoadedModel:
    return talking(CHATML)


@pytest.mark.parametrize(("source", "turns"), [(CHATML, HELLO.turns), (STRICT, HELLO.turns[1:])])
@pytest.mark.parametrize("answer", [False, True])
def test_the_tokens_are_those_of_transformers_own_template(source: str, turns: tuple[Turn, ...], answer: bool):
    model = talking(source)
    told = [{"role": turn.role, "content": turn.text} for turn in turns]
    own = model.processor.apply_chat_template(told, add_generation_prompt=answer)["input_ids"]
    assert chat_pieces(model, Chat(turns), answer=answer)[1].ids == tuple(own)


def test_roles_and_marks_are_seen_and_marks_are_special(qwen: LoadedModel):
    axis = encode(qwen, HELLO).sides["self"][0].queries
    assert isinstance(axis, Tokens)
    assert axis.source.startswith("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nThe cat?<|im_end|>\n")
    special = [label for label, odd in zip(axis, axis.special, strict=True) if odd]
    assert special == ["<|im_start|>", "<|im_end|>"] * 4
    first = [at for at, label in enumerate(axis) if label == "<|im_start|>"]
    assert [axis.source[slice(*axis.spans[at])] for at in first if axis.spans[at]] == ["<|im_start|>"] * 4
    role = axis.source.index("user")
    assert any(span and span[0] == role and not odd for span, odd in zip(axis.spans, axis.special, strict=True))
    assert [label for label in axis if "/3" in label] == ["猫 1/3", "猫 2/3", "猫 3/3"]
    assert count(qwen, HELLO) == len(axis)


def test_a_conversation_is_captured_proved_and_kept(qwen: LoadedModel, tmp_path: Path):
    record = capture(qwen, HELLO)
    assert proof(qwen, record, "self", 1, 2).difference <= 1e-5
    record.save(tmp_path / "chat")
    assert AttentionRecord.open(tmp_path / "chat").given == HELLO


def test_the_start_of_a_text_comes_once():
    pieces = chat_pieces(talking(STRICT), Chat((Turn("user", "The cat?"),)))[1]
    assert pieces.raw.count("<s>") == 1


def test_a_model_without_a_template_is_refused_with_the_way_out():
    with pytest.raises(Unreadable, match=r"without a chat template\. Give it attnviz\.Text"):
        encode(tiny.loaded("llama"), HELLO)


def test_what_a_template_refuses_is_refused_in_its_words():
    with pytest.raises(Unreadable, match="Conversation roles must alternate user/assistant"):
        encode(talking(STRICT), HELLO)


def test_a_conversation_of_no_turns_or_of_no_text_is_refused(qwen: LoadedModel):
    with pytest.raises(Unreadable, match="has no turns"):
        encode(qwen, Chat(()))
    for turn in (Turn("user", "a\ud83d"), Turn("\ud83d", "a")):
        with pytest.raises(Unreadable, match="surrogate"):
            encode(qwen, Chat((turn,)))
    with pytest.raises(TooLong):
        encode(qwen, Chat((Turn("user", "猫" * 60),)))


def test_what_a_visitor_writes_is_no_program(qwen: LoadedModel):
    text, _ = chat_pieces(qwen, Chat((Turn("user", "{{ 6 * 7 }} {% for x in y %}"),)))
    assert "{{ 6 * 7 }} {% for x in y %}" in text


ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{% include '/etc/passwd' %}",
    "{{ messages[0].",
]


@pytest.mark.parametrize("source", ESCAPES)
def test_a_template_that_reaches_out_or_is_broken_is_refused(source: str):
    with pytest.raises(Unreadable, match="does not take this conversation"):
        encode(talking(source), HELLO)


GREEDY = [
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{{ 10 ** (10 ** 9) }}",
    "{{ 'a' * 10 ** 7 }}",
    "{% set a = namespace(b='a') %}{% for c in range(60) %}{% set a.b = a.b + a.b %}{% endfor %}{{ a.b }}",
]


@pytest.mark.parametrize("source", GREEDY)
def test_a_template_that_takes_too_much_is_stopped_and_this_process_goes_on(
    source: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(template, "MAX_SECONDS", 1.0)
    with pytest.raises(ModelRefused, match="takes more than 1 seconds, 256 MB or 1,048,576 characters"):
        encode(talking(source), HELLO)
    assert encode(tiny.loaded("llama"), Text("The cat"))


def test_the_process_of_a_template_knows_nothing_of_this_ones_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    asked: list[dict[str, str]] = []
    run = template.subprocess.run

    def watched(*given: Any, **named: Any) -> Any:
        asked.append(named["env"])
        return run(*given, **named)

    monkeypatch.setattr(template.subprocess, "run", watched)
    chat_pieces(talking(CHATML), Chat((Turn("user", "a text that nobody asked for before"),)))
    assert asked
    assert not set(asked[0]) & {"HF_TOKEN", "HOME"}


def test_a_template_is_filled_in_once_for_the_same_turns(monkeypatch: pytest.MonkeyPatch, qwen: LoadedModel):
    chat_pieces(qwen, HELLO)
    monkeypatch.setattr(template.subprocess, "run", lambda *given, **named: pytest.fail("filled in again"))
    assert chat_pieces(qwen, HELLO)[0].endswith("<|im_end|>\n")
