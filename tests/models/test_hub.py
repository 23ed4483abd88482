"""A download over real HTTP: from a hub on loopback that can be told to fail."""

import itertools
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import huggingface_hub
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.errors import Cancelled, HubUnreachable, ModelError, ModelNotFound, ModelRefused, UnknownFamily
from attnviz.models import catalogue, hub
from tests.models.hub_server import Hub, Repo

REPO = "karpathy/stories260k"
GB = 10**9
WEIGHTS = "model.safetensors"
ROOT = Path(__file__).parents[2]


def never() -> bool:
    return False


def quiet(_done: int, _total: int) -> None:
    pass


fetch = partial(hub.fetch, max_bytes=GB, report=quiet, stopped=never)


def names(path: Path) -> set[str]:
    return {file.name for file in path.iterdir()}


def leftovers(folder: Path) -> list[str]:
    """Everything below a folder that is neither a whole model nor a lock."""
    return [str(path) for path in folder.rglob("*.part")]


# What comes, and how


def test_a_model_comes_whole_with_its_progress(at_hub: Hub, tmp_path: Path):
    said: list[tuple[int, int]] = []
    fetched = fetch(REPO, folder=tmp_path, report=lambda done, total: said.append((done, total)))
    assert fetched.commit == at_hub.repos[REPO].head
    assert fetched.path == tmp_path / "karpathy--stories260k" / fetched.commit
    assert len(said) > 10
    assert said == sorted(said)
    assert {total for _, total in said} == {fetched.nbytes}
    assert said[-1] == (fetched.nbytes, fetched.nbytes)
    assert fetched.nbytes == sum(file.stat().st_size for file in fetched.path.iterdir())


def test_only_weights_configuration_and_tokenizer_come(at_hub: Hub, tmp_path: Path):
    assert names(fetch(REPO, folder=tmp_path).path) == {
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "LICENSE-MIT.txt", WEIGHTS,
    }  # fmt: skip


@pytest.mark.slow
def test_the_folder_that_came_is_the_model(at_hub: Hub, tmp_path: Path):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    path = fetch(REPO, folder=tmp_path).path
    model = AutoModelForCausalLM.from_pretrained(path, use_safetensors=True, trust_remote_code=False)
    tokens = AutoTokenizer.from_pretrained(path)("Once upon a time", return_tensors="pt")
    with torch.inference_mode():
        assert torch.isfinite(model(**tokens).logits).all()


def test_shards_come_as_the_index_lists_them(server: Hub, stories: dict[str, bytes], tmp_path: Path):
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    server.repos["org/sharded"] = Repo(
        {
            "config.json": stories["config.json"],
            "model.safetensors.index.json": json.dumps(index).encode(),
            "model-00001-of-00002.safetensors": b"one",
            "model-00002-of-00002.safetensors": b"two!",
            "consolidated.safetensors": b"the same weights in one",
        }
    )
    fetched = fetch("org/sharded", folder=tmp_path)
    assert names(fetched.path) == {
        "config.json", "model.safetensors.index.json",
        "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
    }  # fmt: skip


def test_the_operators_mirror_and_proxy_are_used(at_hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    proxy, at_hub.url = at_hub.url, "http://mirror.invalid"
    monkeypatch.setenv("HF_ENDPOINT", at_hub.url)
    monkeypatch.setenv("HTTP_PROXY", proxy)
    huggingface_hub.close_session()
    fetched = fetch(REPO, folder=tmp_path)
    assert WEIGHTS in names(fetched.path)
    assert {request.path.split("/")[2] for request in at_hub.asked} == {"mirror.invalid"}


def test_nothing_but_the_model_is_asked_for(at_hub: Hub, tmp_path: Path):
    fetched = fetch(REPO, folder=tmp_path)
    allowed = ("/api/models/karpathy/stories260k?", f"/{REPO}/resolve/{fetched.commit}/", "/store/")
    assert [request.path for request in at_hub.asked if not request.path.startswith(allowed)] == []
    # With telemetry on, huggingface_hub tells of torch, and asks huggingface.co which agent runs it.
    assert [
        request.headers["user-agent"] for request in at_hub.asked if "torch/" in request.headers["user-agent"]
    ] == []


# What is refused


def test_a_model_that_does_not_exist_is_said_so(server: Hub, tmp_path: Path):
    with pytest.raises(ModelNotFound, match=r"no model nobody/nothing.*spelling"):
        fetch("nobody/nothing", folder=tmp_path)


def test_a_revision_that_does_not_exist_is_said_so(at_hub: Hub, tmp_path: Path):
    with pytest.raises(ModelNotFound, match=rf"{REPO} has no revision {'0' * 40}"):
        fetch(REPO, revision="0" * 40, folder=tmp_path)


def test_a_gated_model_names_the_page_of_its_licence(at_hub: Hub, tmp_path: Path):
    at_hub.repos[REPO].gated = True
    with pytest.raises(ModelRefused, match=rf"licence, at {at_hub.url}/{REPO}\."):
        fetch(REPO, folder=tmp_path)


class Burglar:
    """Runs a command when unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


def test_a_repository_of_pickles_is_refused_and_never_opened(server: Hub, stories: dict[str, bytes], tmp_path: Path):
    mark = tmp_path / "was-run"
    server.repos["org/pickled"] = Repo(
        {"config.json": stories["config.json"], "pytorch_model.bin": pickle.dumps(Burglar(mark))}
    )
    with pytest.raises(ModelRefused, match=r"pytorch_model\.bin alone, a pickle"):
        fetch("org/pickled", folder=tmp_path / "models")
    assert not mark.exists()
    assert server.sent == {}


def test_a_model_with_code_of_its_own_is_refused_before_its_weights(at_hub: Hub, tmp_path: Path):
    files = at_hub.repos[REPO].files
    config = json.loads(files["config.json"]) | {"auto_map": {"AutoModel": "modeling_stories.Stories"}}
    at_hub.repos[REPO].push(files | {"config.json": json.dumps(config).encode()})
    with pytest.raises(ModelRefused, match="code of its own"):
        fetch(REPO, folder=tmp_path)
    assert at_hub.sent.keys() == {"config.json"}
    assert leftovers(tmp_path) == []


def test_a_tokenizer_with_code_of_its_own_is_refused_before_the_weights(at_hub: Hub, tmp_path: Path):
    settings = json.dumps({"auto_map": {"AutoTokenizer": ["tokenization_stories.Stories", None]}}).encode()
    at_hub.repos[REPO].push(at_hub.repos[REPO].files | {"tokenizer_config.json": settings})
    with pytest.raises(ModelRefused, match=r"auto_map in tokenizer_config\.json"):
        fetch(REPO, folder=tmp_path)
    assert WEIGHTS not in at_hub.sent


def test_a_family_attnviz_cannot_read_is_refused_before_its_weights(at_hub: Hub, tmp_path: Path):
    with pytest.raises(UnknownFamily, match=r"type 'llama'.*It reads 2 types; the most alike are"):
        fetch(REPO, folder=tmp_path, families={"bert", "gpt2"})
    assert at_hub.sent.keys() == {"config.json"}


def test_a_model_too_large_is_refused_before_a_byte_of_its_weights(at_hub: Hub, tmp_path: Path):
    with pytest.raises(ModelRefused, match=r"takes 1\.\d MB and this server downloads up to 1\.0 MB a model"):
        fetch(REPO, folder=tmp_path, max_bytes=1_000_000)
    assert at_hub.sent.keys() == {"config.json"}


def test_a_model_larger_than_the_disk_is_refused_first(at_hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 500_000, 500_000))
    with pytest.raises(ModelRefused, match=r"disk has 0\.5 MB left"):
        fetch(REPO, folder=tmp_path)
    assert at_hub.sent.keys() == {"config.json"}


@pytest.mark.parametrize("name", ["../../outside.json", "/etc/outside.json", "sub/outside.json", ".outside.json"])
def test_a_file_name_that_leaves_the_folder_is_not_fetched(at_hub: Hub, tmp_path: Path, name: str):
    at_hub.repos[REPO].push(at_hub.repos[REPO].files | {name: b"{}"})
    fetch(REPO, folder=tmp_path / "models")
    assert list(tmp_path.rglob("*outside*")) == []


@pytest.mark.parametrize("listed", [{"a": "../model.safetensors"}, {"a": "gone.safetensors"}, {"a": 1}, {}, "text"])
def test_an_index_that_lists_what_is_not_there_is_refused(
    server: Hub, stories: dict[str, bytes], tmp_path: Path, listed: object
):
    index = json.dumps({"weight_map": listed}).encode()
    server.repos["org/odd"] = Repo({"config.json": stories["config.json"], "model.safetensors.index.json": index})
    with pytest.raises(ModelRefused, match=r"model\.safetensors\.index\.json of org/odd lists"):
        fetch("org/odd", folder=tmp_path)


@pytest.mark.parametrize("config", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b"{}" + b" " * 1_000_000])
def test_a_configuration_that_is_none_is_refused(at_hub: Hub, tmp_path: Path, config: bytes):
    at_hub.repos[REPO].push(at_hub.repos[REPO].files | {"config.json": config})
    with pytest.raises(ModelRefused, match=r"config\.json"):
        fetch(REPO, folder=tmp_path)
    assert WEIGHTS not in at_hub.sent


# What breaks on the way


def test_a_download_cut_off_says_how_far_it_came_and_a_second_try_succeeds(at_hub: Hub, tmp_path: Path):
    at_hub.cut[WEIGHTS] = 400_000
    size = len(at_hub.repos[REPO].files[WEIGHTS])
    with pytest.raises(HubUnreachable, match=rf"{WEIGHTS} broke off after 4\d\d,\d\d\d of {size:,} bytes"):
        fetch(REPO, folder=tmp_path)
    assert hub.downloaded(REPO, tmp_path) is None
    assert leftovers(tmp_path) == []
    at_hub.cut.clear()
    assert WEIGHTS in names(fetch(REPO, folder=tmp_path).path)


def test_a_connection_lost_once_goes_on_where_it_stopped(at_hub: Hub, tmp_path: Path):
    at_hub.cut[WEIGHTS], at_hub.cuts = 400_000, 1
    path = fetch(REPO, folder=tmp_path).path / WEIGHTS
    assert path.read_bytes() == at_hub.repos[REPO].files[WEIGHTS]
    first, second = [request.headers.get("range") for request in at_hub.asked if "/store/" in request.path]
    assert first is None
    assert second == f"bytes={at_hub.sent[WEIGHTS] - (path.stat().st_size - int(second[6:-1]))}-"


def test_a_hub_that_cannot_go_on_starts_over(at_hub: Hub, tmp_path: Path):
    at_hub.cut[WEIGHTS], at_hub.cuts, at_hub.ignores_ranges = 400_000, 1, True
    said: list[int] = []
    path = fetch(REPO, folder=tmp_path, report=lambda done, _: said.append(done)).path / WEIGHTS
    assert path.read_bytes() == at_hub.repos[REPO].files[WEIGHTS]
    assert said[-1] == max(said)


def test_a_busy_hub_is_asked_again(at_hub: Hub, tmp_path: Path):
    at_hub.busy = 2
    assert WEIGHTS in names(fetch(REPO, folder=tmp_path).path)


def test_a_hub_that_stays_busy_is_given_up(at_hub: Hub, tmp_path: Path):
    at_hub.busy = 10**9
    with pytest.raises(HubUnreachable, match=r"broke off after 0 of \d+ bytes \(the hub answered 503\)"):
        fetch(REPO, folder=tmp_path)


@pytest.mark.parametrize(
    "change", [lambda c: c[:-1] + bytes([c[-1] ^ 1]), lambda c: c + b"?"], ids=["changed", "longer"]
)
@pytest.mark.parametrize("name", [WEIGHTS, "tokenizer.json"])
def test_bytes_that_are_not_the_hubs_own_are_never_kept(at_hub: Hub, tmp_path: Path, name: str, change):
    at_hub.lies[name] = change(at_hub.repos[REPO].files[name])
    with pytest.raises(HubUnreachable, match=rf"{name} (arrived with the hash|is longer)"):
        fetch(REPO, folder=tmp_path)
    assert hub.downloaded(REPO, tmp_path) is None


def test_a_hub_out_of_reach_is_said_so(tmp_path: Path, server: Hub, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubUnreachable, match=r"http://127\.0\.0\.1:9 did not answer for org/name"):
        fetch("org/name", folder=tmp_path)


def test_a_mirrors_login_is_not_shown_to_visitors(tmp_path: Path, server: Hub, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://operator:secret@127.0.0.1:9")
    with pytest.raises(HubUnreachable, match=r"http://127\.0\.0\.1:9 did not answer") as raised:
        fetch("org/name", folder=tmp_path)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("endpoint", ["not an address", "ftp://127.0.0.1", "http://"])
def test_an_endpoint_that_is_none_is_said_so(
    tmp_path: Path, server: Hub, monkeypatch: pytest.MonkeyPatch, endpoint: str
):
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    with pytest.raises(HubUnreachable):
        fetch("org/name", folder=tmp_path)


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>Please log in to the wireless network</html>",
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"id": "org/name"}',
        b'{"id": "org/name", "sha": "%s", "siblings": 7}' % (b"a" * 40),
        b'{"id": "org/name", "sha": "%s", "siblings": [{"rfilename": 7}]}' % (b"a" * 40),
        b'{"id": "org/name", "sha": "%s", "siblings": [{"rfilename": "config.json", "lfs": {}}]}' % (b"a" * 40),
    ],
)
def test_an_answer_that_is_no_hubs_is_said_so(server: Hub, tmp_path: Path, answer: bytes):
    server.describes = answer
    with pytest.raises(HubUnreachable):
        fetch("org/name", folder=tmp_path)


def test_a_download_that_nobody_wants_stops(at_hub: Hub, tmp_path: Path):
    asked = itertools.count()
    with pytest.raises(Cancelled, match=r"stopped after \d[\d,]+ of \d"):
        fetch(REPO, folder=tmp_path, stopped=lambda: next(asked) > 20)
    assert hub.downloaded(REPO, tmp_path) is None
    assert leftovers(tmp_path) == []


def test_a_killed_download_leaves_the_next_one_healthy(at_hub: Hub, tmp_path: Path):
    at_hub.hold[WEIGHTS] = 400_000
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from attnviz.models import hub
        hub.fetch(sys.argv[1], folder=Path(sys.argv[2]), max_bytes=10**9, report=print, stopped=lambda: False)
    """)
    running = subprocess.Popen([sys.executable, "-c", script, REPO, str(tmp_path)], cwd=ROOT, stdout=subprocess.DEVNULL)
    assert at_hub.held.wait(60)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert leftovers(tmp_path) != []
    assert hub.downloaded(REPO, tmp_path) is None
    at_hub.go_on.set()
    path = fetch(REPO, folder=tmp_path).path
    assert (path / WEIGHTS).read_bytes() == at_hub.repos[REPO].files[WEIGHTS]
    assert leftovers(tmp_path) == []


def test_what_a_killed_download_left_is_swept_and_one_under_way_is_not(at_hub: Hub, tmp_path: Path):
    left = tmp_path / "org--other" / f"{'a' * 40}.part"
    left.mkdir(parents=True)
    (left / WEIGHTS).write_bytes(b"half")
    at_hub.hold[WEIGHTS] = 400_000
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(fetch, REPO, folder=tmp_path)
        assert at_hub.held.wait(30)
        assert not left.exists()
        hub.sweep(tmp_path)
        at_hub.go_on.set()
        assert WEIGHTS in names(running.result(30).path)


def test_eight_who_ask_at_once_share_one_download(at_hub: Hub, tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        fetched = list(pool.map(lambda _: fetch(REPO, folder=tmp_path), range(8)))
    assert len(set(fetched)) == 1
    assert at_hub.sent[WEIGHTS] == len(at_hub.repos[REPO].files[WEIGHTS])


def test_who_waits_for_anothers_download_can_leave(at_hub: Hub, tmp_path: Path):
    at_hub.hold[WEIGHTS] = 400_000
    first = threading.Thread(target=fetch, args=(REPO,), kwargs={"folder": tmp_path})
    first.start()
    assert at_hub.held.wait(30)
    with pytest.raises(Cancelled):
        fetch(REPO, folder=tmp_path, stopped=lambda: True)
    at_hub.go_on.set()
    first.join(30)
    assert hub.downloaded(REPO, tmp_path) is not None


# What is here already


def test_a_commit_that_is_here_opens_without_the_network(at_hub: Hub, tmp_path: Path):
    first = fetch(REPO, folder=tmp_path)
    at_hub.asked.clear()
    assert fetch(REPO, revision=first.commit, folder=tmp_path) == first
    assert fetch(REPO, folder=tmp_path, offline=True) == first
    assert at_hub.asked == []


def test_a_branch_that_moved_does_not_move_a_pinned_commit(at_hub: Hub, tmp_path: Path):
    old = at_hub.repos[REPO].head
    files = at_hub.repos[REPO].files
    new = at_hub.repos[REPO].push(files | {"generation_config.json": b'{"max_length": 7}'})
    pinned = fetch(REPO, revision=old, folder=tmp_path)
    assert (pinned.path / "generation_config.json").read_bytes() == files["generation_config.json"]
    assert fetch(REPO, folder=tmp_path).commit == new
    assert fetch(REPO, revision=old, folder=tmp_path) == pinned


# Whose commit


def test_a_commit_of_a_strangers_pull_request_is_refused_before_a_file_of_it(at_hub: Hub, tmp_path: Path):
    strange = at_hub.repos[REPO].propose(at_hub.repos[REPO].files | {"tokenizer.json": b'{"not": "the owner\'s"}'})
    with pytest.raises(ModelRefused, match=rf"Commit {strange} is not among the newest 1 of .*without the commit\."):
        fetch(REPO, revision=strange, folder=tmp_path)
    with pytest.raises(ModelRefused, match=f"Commit {strange}"):
        fetch(REPO, revision=strange[:12], folder=tmp_path)
    assert at_hub.sent == {}


def test_a_commit_of_a_strangers_pull_request_is_refused_for_a_model_of_the_catalogue(at_hub: Hub, tmp_path: Path):
    repo = at_hub.repos["openai-community/gpt2"] = Repo(at_hub.repos[REPO].files)
    strange = repo.propose(repo.files | {"config.json": b"{}"})
    with pytest.raises(ModelRefused, match=f"Commit {strange} is not .* of openai-community/gpt2"):
        fetch("openai-community/gpt2", revision=strange, folder=tmp_path)
    assert WEIGHTS in names(fetch("openai-community/gpt2", revision=repo.head, folder=tmp_path).path)


def test_an_old_commit_is_looked_for_page_by_page_at_the_hub_that_was_asked(at_hub: Hub, tmp_path: Path):
    old, files, at_hub.page = at_hub.repos[REPO].head, at_hub.repos[REPO].files, 2
    for number in range(5):
        at_hub.repos[REPO].push(files | {"generation_config.json": b'{"max_length": %d}' % number})
    assert fetch(REPO, revision=old, folder=tmp_path).commit == old
    assert len([request for request in at_hub.asked if "/commits/main" in request.path]) == 3


def test_a_history_without_end_is_given_up(at_hub: Hub, tmp_path: Path):
    at_hub.page = 1
    at_hub.repos[REPO].branch[:0] = [at_hub.repos[REPO].head, *(f"{number:040x}" for number in range(50))]
    strange = at_hub.repos[REPO].propose({"config.json": b"{}", WEIGHTS: b""})
    with pytest.raises(ModelRefused, match="not among the newest 10 of"):
        fetch(REPO, revision=strange, folder=tmp_path)


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b"7", b'[{"title": "no id"}]', b'["text"]', b"null"])
def test_a_history_that_is_none_opens_nothing(at_hub: Hub, tmp_path: Path, answer: bytes):
    at_hub.recounts = answer
    with pytest.raises(ModelError):
        fetch(REPO, revision=at_hub.repos[REPO].head, folder=tmp_path)
    assert at_hub.sent == {}


def test_an_answer_about_another_commit_is_not_taken_for_the_one_asked_for(at_hub: Hub, tmp_path: Path):
    at_hub.describes = b'{"id": "org/name", "sha": "%s", "siblings": []}' % (b"a" * 40)
    with pytest.raises(HubUnreachable, match=rf"answers for commit {'a' * 40} of {REPO}, not for {'b' * 40}\."):
        fetch(REPO, revision="b" * 40, folder=tmp_path)


def test_a_commit_that_is_here_is_not_asked_about_again(at_hub: Hub, tmp_path: Path):
    first = fetch(REPO, folder=tmp_path)
    at_hub.repos[REPO].branch.clear()
    assert fetch(REPO, revision=first.commit, folder=tmp_path) == first


def test_a_branch_is_opened_by_its_name_where_a_notebook_names_one(at_hub: Hub, tmp_path: Path):
    assert fetch(REPO, revision="main", folder=tmp_path).commit == at_hub.repos[REPO].head
    assert [request for request in at_hub.asked if "/commits/" in request.path] == []


# Where nobody answers


def test_a_hub_that_went_away_leaves_what_came_before(at_hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first = fetch(REPO, folder=tmp_path)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert fetch(REPO, folder=tmp_path) == first


def test_an_offline_server_asks_nobody(at_hub: Hub, tmp_path: Path):
    with pytest.raises(ModelRefused, match=r"mode offline.*ATTNVIZ_MODELS"):
        fetch(REPO, folder=tmp_path, offline=True)
    assert at_hub.asked == []


# Whose token


@pytest.fixture
def logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A machine whose operator is logged in to the hub in both ways there are."""
    token = "hf_the_operators_own"
    monkeypatch.setenv("HF_TOKEN", token)
    kept = tmp_path / "token"
    kept.write_text(token)
    monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", str(kept))
    assert huggingface_hub.get_token() == token
    return token


def test_the_operators_token_is_never_sent_for_a_visitors_model(at_hub: Hub, tmp_path: Path, logged_in: str):
    fetch(REPO, folder=tmp_path / "models", token=logged_in)
    assert [request for request in at_hub.asked if "authorization" in request.headers] == []
    assert logged_in not in repr(at_hub.asked)


def test_a_login_alone_is_not_used_even_for_the_catalogue(at_hub: Hub, tmp_path: Path, logged_in: str):
    at_hub.repos["google/gemma-3-270m"] = Repo(at_hub.repos[REPO].files, gated=True)
    with pytest.raises(ModelRefused, match="licence"):
        fetch("google/gemma-3-270m", folder=tmp_path / "models")
    assert logged_in not in repr(at_hub.asked)


def test_a_gated_model_of_the_catalogue_comes_with_the_operators_token(at_hub: Hub, tmp_path: Path):
    at_hub.repos["google/gemma-3-270m"] = Repo(at_hub.repos[REPO].files, gated=True)
    assert WEIGHTS in names(fetch("google/gemma-3-270m", folder=tmp_path, token="hf_given").path)
    sent = {request.path.split("/")[1]: request.headers.get("authorization") for request in at_hub.asked}
    assert sent["google"] == "Bearer hf_given"
    assert sent["store"] is None  # another host: a token stays with the hub


# What a visitor may name

HOSTILE = [
    "", ".", "..", "../../etc", "/etc", "/etc/passwd", "./models", "~", "~/models", "C:\\models", "a\\b", "a/b/c",
    "a//b", "/a/b", "a/b/", "-rf", "--help", "a--b", "a..b", "a/..", "../a", "a.git", "a b", "a\x00b", "a\nb",
    "file:///etc/passwd", "hf://a/b", "http://127.0.0.1/a/b", "a?b", "a#b", "a%2e%2e", "a@b", "a:b", "$(id)", "`id`",
    "<img src=x onerror=alert(1)>", "模型", "ａ/ｂ", "a/\u202eb", "é/e", "a" * 97, "a" * 10_000, "a." + "b/c.", "-/-",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_name_of_a_model_is_refused(text: str):
    with pytest.raises(ModelRefused, match="is not the name of a model"):
        hub.check_id(text)


@pytest.mark.parametrize("text", ["gpt2", "google-bert/bert-base-uncased", "Qwen/Qwen2.5-0.5B", "a_b/c_d", " gpt2 \n"])
def test_a_name_of_a_model_passes(text: str):
    assert hub.check_id(text) == text.strip()


@given(st.text(max_size=40))
def test_no_text_makes_a_path_outside_the_models(text: str):
    try:
        name = hub.check_id(text)
    except ModelRefused:
        return
    home = hub._home(name, Path("/models"))
    assert home.parent == Path("/models")
    assert ".." not in home.parts


@pytest.mark.parametrize(
    "pasted", ["https://huggingface.co/org/name", "huggingface.co/org/name/tree/main", "https://hf.co/org/name?x=1"]
)
def test_a_pasted_address_is_answered_with_the_name_in_it(pasted: str):
    with pytest.raises(ModelRefused, match="give org/name alone"):
        hub.check_id(pasted)


def test_a_folder_of_that_name_is_never_opened(
    server: Hub, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copytree(shared / "weights" / "stories260k", tmp_path / "models")
    shutil.copytree(shared / "weights" / "stories260k", tmp_path / "org" / "models")
    monkeypatch.chdir(tmp_path)
    for name in ("models", "org/models"):
        assert hub.admit(name, "open") == name
        with pytest.raises(ModelNotFound):
            fetch(name, folder=tmp_path / "downloads")
    for name in (".", str(tmp_path / "models"), "./models"):
        with pytest.raises(ModelRefused):
            hub.admit(name, "open")


@pytest.mark.parametrize("revision", ["..", "a/../b", "../main", "-x", "a b", "main\n", "x" * 200])
def test_what_is_no_revision_is_refused(server: Hub, tmp_path: Path, revision: str):
    with pytest.raises(ModelRefused, match="is no revision"):
        fetch("org/name", revision=revision, folder=tmp_path)
    assert server.asked == []


# What a server opens


@pytest.mark.parametrize("mode", ["curated", "open", "offline"])
def test_an_embedded_model_opens_in_every_mode(mode: hub.Mode):
    assert hub.admit("minilm", mode) == catalogue.find("minilm")


def test_a_curated_server_opens_its_catalogue_alone():
    assert hub.admit("gpt2", "curated") == catalogue.find("gpt2")
    assert hub.admit("openai-community/gpt2", "curated") == catalogue.find("gpt2")
    with pytest.raises(ModelRefused, match=r"org/name is not one of them \(mode curated\).*ATTNVIZ_MODELS=open"):
        hub.admit("org/name", "curated")


def test_an_open_server_opens_any_name():
    assert hub.admit("org/name", "open") == "org/name"
    assert hub.admit("gpt2", "open") == catalogue.find("gpt2")


def test_an_offline_server_opens_what_it_has(at_hub: Hub, tmp_path: Path):
    with pytest.raises(ModelRefused, match="mode offline"):
        hub.admit(REPO, "offline", tmp_path)
    fetch(REPO, folder=tmp_path)
    assert hub.admit(REPO, "offline", tmp_path) == REPO
    with pytest.raises(ModelRefused, match="mode offline"):
        hub.admit("gpt2", "offline", tmp_path)


@pytest.mark.parametrize("mode", ["curated", "open", "offline"])
@pytest.mark.parametrize("text", HOSTILE[:12])
def test_no_mode_opens_what_is_no_name(mode: hub.Mode, text: str, tmp_path: Path):
    with pytest.raises(ModelError):
        hub.admit(text, mode, tmp_path)
