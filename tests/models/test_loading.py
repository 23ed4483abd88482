import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import Gemma3Config, Gemma3ForConditionalGeneration

from attnviz.capture import capture
from attnviz.errors import ModelError, ModelNotFound, ModelRefused, UnknownFamily
from attnviz.inputs import Text
from attnviz.models import loading
from attnviz.models.loading import load, load_folder, wrap
from tests import tiny

GIVEN = Text(tiny.TEXT)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A small BERT as a folder."""
    return save("bert", tmp_path / "bert")


def save(kind: str, folder: Path) -> Path:
    tiny.model(kind).save_pretrained(folder)
    tiny.tokenizer(tiny.MODELS[kind][0]).save_pretrained(folder)
    return folder


def rewrite(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize("kind", sorted(tiny.MODELS))
def test_a_folder_gives_the_model_that_was_saved(kind: str, tmp_path: Path):
    loaded = load_folder(save(kind, tmp_path / "kept"), "kept", "abc")
    assert (loaded.name, loaded.revision, loaded.facts.model_type) == ("kept", "abc", kind)
    assert loaded.nbytes == sum(tensor.nbytes for tensor in {*loaded.model.parameters(), *loaded.model.buffers()})
    assert not loaded.model.training
    assert not any(parameter.requires_grad for parameter in loaded.model.parameters())
    ours, theirs = capture(loaded, GIVEN), capture(tiny.loaded(kind), GIVEN)
    np.testing.assert_allclose(ours.layer("self", 1).weights(), theirs.layer("self", 1).weights(), rtol=0, atol=1e-6)


def test_half_precision_files_are_read_in_float32(tmp_path: Path):
    half = type(tiny.model("llama"))(tiny.model("llama").config).to(torch.bfloat16)
    half.save_pretrained(tmp_path)
    tiny.tokenizer("fallback").save_pretrained(tmp_path)
    assert load_folder(tmp_path, "half").facts.dtype == "float32"
    half.to(torch.float32)  # the configuration is shared with the other tests
    half.config.dtype = torch.float32


def test_a_notebook_opens_embedded_models_and_folders_by_name(saved: Path):
    assert load("minilm").facts.layers == 6
    assert load(str(saved)).name == load(saved).name == "bert"


@pytest.mark.parametrize("name", ["../bert", "/nowhere/at/all", "a b", ""])
def test_what_is_no_name_is_refused(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError):
        load(name) if name else load_folder(tmp_path / "none", "none")


def test_an_embedded_tokenizer_neither_cuts_nor_pads():
    minilm = load("minilm")
    assert len(capture(minilm, Text("cat " * 300)).layer("self", 0).queries) == 302
    assert minilm.positions == 512


def test_wrapping_leaves_the_users_model_as_it_is():
    own = tiny.model("gpt2")
    own.train()
    try:
        wrapped = wrap(own, tiny.tokenizer("bytes"))
        capture(wrapped, GIVEN)
        assert own.training
        assert not wrapped.model.training
        assert own.config._attn_implementation == "eager"
    finally:
        own.eval()
    shared = {parameter.data_ptr() for parameter in own.parameters()}
    assert {parameter.data_ptr() for parameter in wrapped.model.parameters()} == shared


def test_wrapping_takes_the_tokenizer_out_of_a_processor():
    class Processor:
        tokenizer = tiny.tokenizer("bytes")

    assert capture(wrap(tiny.model("gpt2"), Processor()), GIVEN).stacks == {"self": 2}


def test_wrapping_a_model_of_no_family_is_refused():
    class Other:
        class config:  # noqa: N801
            model_type = "mamba"

    with pytest.raises(UnknownFamily, match="'mamba'"):
        wrap(Other(), None)  # type: ignore[arg-type]


def test_a_model_of_pictures_and_text_is_read_as_text():
    tokenizer, sizes = tiny.MODELS["gemma3_text"]
    vision = {"num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 16, "patch_size": 8}
    config = Gemma3Config(
        text_config={"vocab_size": len(tiny.tokenizer(tokenizer)), **sizes},
        vision_config={"hidden_size": 32, "intermediate_size": 40, **vision},
        mm_tokens_per_image=4,
    )
    both = Gemma3ForConditionalGeneration._from_config(config, attn_implementation="eager")
    record = capture(wrap(both, tiny.tokenizer(tokenizer)), GIVEN)
    assert (record.stacks, record.model.model_type) == ({"text": 2}, "gemma3")


def test_a_notebooks_model_is_collected_and_frozen_once_and_a_folder_leaves_that_to_its_caller(
    saved: Path, monkeypatch: pytest.MonkeyPatch
):
    settled: list[str] = []
    monkeypatch.setattr(loading, "settle", lambda: settled.append("once"))
    load_folder(saved, "bert")
    assert settled == []
    load(saved)
    assert settled == ["once"]


def drop(tensor: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        del tensors[next(name for name in tensors if name.endswith(tensor))]
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})

    return change


def settings(**changes: Any) -> Callable[[Path], None]:
    return lambda folder: rewrite(folder / "config.json", **changes)


def bytes_of(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def long_header(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", 2**40) + b"{}")


LIES: dict[str, tuple[Callable[[Path], None], str]] = {
    "code of its own": (settings(auto_map={"AutoModel": "evil.Model"}), "auto_map"),
    "a tokenizer with code": (lambda f: rewrite(f / "tokenizer_config.json", auto_map={}), "auto_map"),
    "quantised": (settings(quantization_config={"bits": 4}), "quantised"),
    "no type": (settings(model_type=None), "model_type"),
    "a billion layers": (settings(num_hidden_layers=10**9), "num_hidden_layers to 1,000,000,000"),
    "a thousand layers": (settings(num_hidden_layers=1000), "do not belong together"),
    "layers below zero": (settings(num_hidden_layers=-1), "declares -1 layers"),
    "a wide lie": (settings(hidden_size=65_536), "do not belong together"),
    "an overflowing lie": (settings(hidden_size=2**30, vocab_size=2**31 - 1), "transformers cannot|belong"),
    "a million labels": (settings(num_labels=10**6), "num_labels"),
    "one layer more": (settings(num_hidden_layers=3), "lack|belong"),
    "a little wider": (settings(hidden_size=36), "transformers cannot"),
    "heads that do not divide": (settings(num_attention_heads=5), "transformers cannot"),
    "heads of text": (settings(num_attention_heads="four"), "transformers cannot"),
    "deep settings": (bytes_of("config.json", b'{"a":' * 100_000), "cannot be read"),
    "settings that are a list": (bytes_of("config.json", b"[]"), "holds list"),
    "settings that are no text": (bytes_of("config.json", b"\xff\xfe"), "cannot be read"),
    "no settings": (lambda f: (f / "config.json").unlink(), "missing"),
    "no weights": (lambda f: (f / "model.safetensors").unlink(), "safetensors only"),
    "weights cut off": (lambda f: (f / "model.safetensors").write_bytes(b"\x10" + b"\0" * 7), "damaged"),
    "a header too long": (long_header, "damaged"),
    "a lost query matrix": (drop("layer.1.attention.self.query.weight"), "lack 1 tensors"),
    "no tokenizer": (lambda f: [path.unlink() for path in f.glob("token*")] and None, "without a tokenizer"),
    "a broken tokenizer": (bytes_of("tokenizer.json", b"{}"), "transformers cannot"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_folder_that_lies_is_refused(saved: Path, lie: str):
    change, says = LIES[lie]
    change(saved)
    with pytest.raises(ModelRefused, match=says) as refused:
        load_folder(saved, "bert")
    assert str(saved.parent) not in str(refused.value)


def test_a_folder_of_no_family_is_refused(saved: Path):
    rewrite(saved / "config.json", model_type="mamba")
    with pytest.raises(UnknownFamily, match="'mamba'"):
        load_folder(saved, "bert")


def test_a_head_that_no_map_depends_on_may_be_missing(saved: Path):
    drop("pooler.dense.weight")(saved)
    assert capture(load_folder(saved, "bert"), GIVEN).stacks == {"self": 2}


def test_shards_are_read_and_lying_lists_of_them_refused(tmp_path: Path):
    tiny.model("bert").save_pretrained(tmp_path, max_shard_size="60KB")
    tiny.tokenizer("word pieces").save_pretrained(tmp_path)
    assert load_folder(tmp_path, "bert").facts.layers == 2
    index = tmp_path / "model.safetensors.index.json"
    for name in ("../secret.safetensors", "gone.safetensors", 7):
        rewrite(index, weight_map={"x": name})
        with pytest.raises(ModelRefused, match="is not in the folder"):
            load_folder(tmp_path, "bert")


def test_a_model_that_is_nowhere_is_not_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        loading.hub, "fetch", lambda repo, **_: (_ for _ in ()).throw(ModelNotFound("{repo}", repo=repo))
    )
    with pytest.raises(ModelNotFound, match="nobody/nothing"):
        load("nobody/nothing")


def test_a_model_of_the_hub_is_fetched_then_opened(saved: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []

    def fetch(repo: str, **_: Any) -> loading.hub.Fetched:
        asked.append(repo)
        return loading.hub.Fetched(saved, "c" * 40, 1)

    monkeypatch.setattr(loading.hub, "fetch", fetch)
    named, other = load("bert-base-uncased"), load("somebody/some-bert")
    assert asked == ["google-bert/bert-base-uncased", "somebody/some-bert"]
    assert (named.name, named.revision, other.name) == ("bert-base-uncased", "c" * 40, "somebody/some-bert")


def test_a_model_whose_files_lack_its_head_is_read_and_neither_writes_nor_names_classes(tmp_path: Path):
    from attnviz.capture import generate

    own = tiny.model("llama")
    assert not own.config.tie_word_embeddings
    own.model.save_pretrained(tmp_path)
    tiny.tokenizer("fallback").save_pretrained(tmp_path)
    model = load_folder(tmp_path, "headless")
    assert model.headless
    assert not tiny.loaded("llama").headless
    assert capture(model, GIVEN).stacks == {"self": tiny.LAYERS}
    with pytest.raises(ModelRefused, match="without the part that writes words"):
        generate(model, GIVEN, max_new_tokens=2)


@pytest.mark.parametrize(
    ("kind", "hooked"), [("bert", False), ("deberta-v2", True), ("xlnet", True), ("gpt_neo", True)]
)
def test_a_model_that_was_wrapped_before_is_listened_to_once(kind: str, hooked: bool):
    first = tiny.loaded(kind)
    again = wrap(first.model, tiny.tokenizer(tiny.MODELS[kind][0]))
    once, twice = (
        [len(each._forward_hooks) + len(each._forward_pre_hooks) for each in held.model.modules()]
        for held in (first, again)
    )
    assert once == twice
    assert (sum(once) > 0) == hooked
    assert capture(again, GIVEN).stacks == capture(first, GIVEN).stacks
