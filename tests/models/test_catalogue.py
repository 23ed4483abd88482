import re

import pytest

from attnviz.errors import ModelNotFound
from attnviz.families import family_for
from attnviz.inputs import Input, Picture, Text, TextPair
from attnviz.models import embedded, hub
from attnviz.models.catalogue import CATALOGUE, Entry, find, reading

entries = pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)


def test_what_is_ready_comes_first():
    ready = [entry.ready for entry in CATALOGUE]
    assert ready == sorted(ready, reverse=True)
    assert ready[0]


def test_ready_is_what_is_embedded():
    assert [entry.name for entry in CATALOGUE if entry.ready] == [kept.provenance.name for kept in embedded.EMBEDDED]


def test_no_two_models_share_a_name():
    names = [name for entry in CATALOGUE for name in {entry.name, entry.repo}]
    assert len(names) == len(set(names))


def test_what_is_ready_comes_from_here():
    own = {kept.provenance.name for kept in embedded.OWN}
    assert {entry.name for entry in CATALOGUE if entry.repo.startswith("attnviz/")} == own


@pytest.mark.parametrize("kind", [Text, TextPair, Picture])
def test_a_screen_is_offered_the_models_that_read_its_input(kind: type[Input]):
    offered = reading(kind)
    assert all(kind in family_for(entry.model_type).reads for entry in offered)
    assert not any(kind in family_for(entry.model_type).reads for entry in set(CATALOGUE) - set(offered))


def test_the_text_screen_opens_on_minilm():
    assert reading(Text)[0].name == "minilm"


def test_a_family_at_the_hub_stands_together():
    families = [entry.family for entry in CATALOGUE if not entry.ready]
    assert len(set(families)) == sum(a != b for a, b in zip([None, *families], families, strict=False))


@entries
def test_a_visitor_can_type_either_name(entry: Entry):
    assert find(entry.name) == find(entry.repo) == entry
    assert hub.check_id(entry.name) == entry.name
    assert hub.check_id(entry.repo) == entry.repo


@entries
def test_a_line_in_each_language_describes_a_model(entry: Entry):
    assert entry.about.keys() == {"en", "zh"}
    assert all(line and "\n" not in line and len(line) <= 60 for line in entry.about.values())
    assert re.search(r"[一-鿿]", entry.about["zh"])
    assert entry.about["en"].isascii()


@entries
def test_attnviz_reads_every_family_it_lists(entry: Entry):
    assert entry.causal == family_for(entry.model_type).causal


@entries
def test_sizes_fit_the_parameters(entry: Entry):
    """Weights take 2 or 4 bytes a parameter; a few files hold a tensor twice or a buffer beside."""
    bytes_a_parameter = entry.megabytes * 1e6 / entry.parameters
    assert entry.ready or 1.9 < bytes_a_parameter < 4.5


def test_every_entry_can_be_a_key():
    assert len({*CATALOGUE}) == len(CATALOGUE)


@pytest.mark.parametrize(("typed", "meant"), [("gpt-2", "gpt2"), ("bert-base", "bert-base-cased"), ("", "minilm")])
def test_a_name_it_does_not_have_is_answered_with_what_is_close(typed: str, meant: str):
    with pytest.raises(ModelNotFound, match=rf"Close to it:.*\b{re.escape(meant)}"):
        find(typed)
