import json

import pytest
from huggingface_hub import ModelInfo

from attnviz.errors import HubUnreachable, ModelRefused, UnknownFamily
from attnviz.models.repository import (
    RemoteFile,
    Repository,
    check_config,
    check_kind,
    check_size,
    check_small,
    read,
    weight_files,
)

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def holding(*names: str) -> Repository:
    return Repository("org/name", COMMIT, {name: RemoteFile(name, 10) for name in names})


def info(*siblings: dict[str, object], sha: str | None = COMMIT) -> ModelInfo:
    return ModelInfo(id="org/name", sha=sha, siblings=list(siblings))


def test_a_large_file_has_the_size_and_hash_of_its_content_not_of_its_pointer():
    large = {"rfilename": "a.safetensors", "size": 134, "blobId": "b" * 40}
    large["lfs"] = {"size": 5_000, "sha256": "c" * 64, "pointerSize": 134}
    assert read("org/name", info(large)).files["a.safetensors"] == RemoteFile("a.safetensors", 5_000, "c" * 64)


@pytest.mark.parametrize("sha", [None, "", "main", COMMIT[:-1], COMMIT.upper(), "../" + COMMIT])
def test_what_is_no_commit_never_becomes_a_folder(sha: str | None):
    with pytest.raises(HubUnreachable, match="names no commit"):
        read("org/name", info(sha=sha))


@pytest.mark.parametrize("size", [None, -1, "12"])
def test_a_file_of_unknown_size_is_not_fetched(size: object):
    with pytest.raises(HubUnreachable, match=r"how large org/name/config\.json is"):
        read("org/name", info({"rfilename": "config.json", "size": size}))


def test_files_beside_the_weights_are_configuration_and_tokenizer():
    repository = holding(
        "config.json", "vocab.txt", "spiece.model", "README.md", "modeling_x.py", "tf_model.h5", "adapter_config.json",
        "pytorch_model.bin.index.json", "model.safetensors.index.json", "training_args.bin",
    )  # fmt: skip
    assert [file.name for file in repository.side_files()] == ["config.json", "spiece.model", "vocab.txt"]


@pytest.mark.parametrize("weights", ["model.safetensors", "model.safetensors.index.json"])
def test_safetensors_are_welcome(weights: str):
    check_kind(holding("config.json", weights, "pytorch_model.bin"))


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["model.safetensors"], "has no config.json"),
        (["config.json", "pytorch_model.bin"], "pytorch_model.bin alone, a pickle"),
        (["config.json", "model.gguf"], "has no model.safetensors"),
        (["config.json", "adapter_model.safetensors"], "has no model.safetensors"),
        ([], "has no config.json"),
    ],
)
def test_what_is_no_model_in_safetensors_is_refused(names: list[str], why: str):
    with pytest.raises(ModelRefused, match=why):
        check_kind(holding(*names))


def test_one_file_of_weights_comes_before_shards():
    repository = holding("model.safetensors", "model.safetensors.index.json", "model-00001-of-00001.safetensors")
    assert [file.name for file in weight_files(repository, None)] == ["model.safetensors"]


def test_a_shard_is_named_once_however_many_tensors_it_holds():
    index = json.dumps({"weight_map": {"a": "1.safetensors", "b": "2.safetensors", "c": "1.safetensors"}}).encode()
    repository = holding("model.safetensors.index.json", "1.safetensors", "2.safetensors", "3.safetensors")
    assert [file.name for file in weight_files(repository, index)] == ["1.safetensors", "2.safetensors"]


def test_an_index_cannot_bring_a_pickle():
    repository = holding("model.safetensors.index.json", "pytorch_model.bin")
    with pytest.raises(ModelRefused, match=r"'pytorch_model\.bin', which is not there as safetensors"):
        weight_files(repository, b'{"weight_map": {"a": "pytorch_model.bin"}}')


def test_a_family_is_asked_for_only_when_families_are_given():
    check_config("org/name", b'{"model_type": "mamba"}', None)
    check_config("org/name", b'{"model_type": "bert"}', {"bert"})
    for content in (b'{"model_type": "mamba"}', b"{}", b'{"model_type": ["bert"]}'):
        with pytest.raises(UnknownFamily, match="It reads 1 types; the most alike are bert"):
            check_config("org/name", content, {"bert"})


def test_a_size_is_refused_only_above_the_limit():
    check_size("org/name", 100, max_bytes=100, free=100)
    with pytest.raises(ModelRefused, match=r"takes 2\.0 MB and this server downloads up to 1\.5 MB"):
        check_size("org/name", 2_000_000, max_bytes=1_500_000, free=10**9)
    with pytest.raises(ModelRefused, match=r"takes 2\.0 MB and the server's disk has 1\.0 MB"):
        check_size("org/name", 2_000_000, max_bytes=10**9, free=1_000_000)
    with pytest.raises(ModelRefused, match=r"has 11 bytes; attnviz reads up to 10"):
        check_small(RemoteFile("config.json", 11), 10)
