"""The ES modules of the views: one address for their bytes, and a stub that finds it."""

import pytest
import streamlit as st

from attnviz.components import modules
from attnviz.components.head_atlas import head_atlas
from attnviz.components.token_strip import token_strip
from tests.components.conftest import Harness


def test_an_address_names_the_bytes_of_every_module():
    assert modules.address("common/store.js") == f"/modules/{modules.digest()}/common/store.js"
    assert len(modules.digest()) == 16


def test_an_address_lies_below_the_base_path_of_the_server(monkeypatch):
    monkeypatch.setattr(st, "get_option", lambda name: "/attn/" if name == "server.baseUrlPath" else None)
    assert modules.address("a.js") == f"/attn/modules/{modules.digest()}/a.js"


def test_a_changed_module_changes_every_address(monkeypatch, tmp_path):
    monkeypatch.setattr(modules, "FOLDER", tmp_path)
    (tmp_path / "view.js").write_text("one")
    try:
        modules.names.cache_clear()
        modules.digest.cache_clear()
        before = modules.digest()
        (tmp_path / "view.js").write_text("two")
        modules.digest.cache_clear()
        assert modules.digest() != before
    finally:
        monkeypatch.undo()
        modules.names.cache_clear()
        modules.digest.cache_clear()


def test_only_modules_are_served():
    assert "common/store.js" in modules.names()
    assert all(name.endswith(".js") and ".." not in name for name in modules.names())


def test_a_stub_has_several_lines_so_that_streamlit_does_not_take_it_for_a_path():
    assert "\n" in modules.stub("head_atlas/view.js").strip()
    assert modules.address("head_atlas/view.js") in modules.stub("head_atlas/view.js")


def test_a_view_is_styled_after_the_sheet_that_all_share():
    sheet = modules.style("head_atlas")
    assert 0 <= sheet.index(".view {") < sheet.index(".atlas")


def test_views_take_a_key_alone():
    for view in (head_atlas, token_strip):
        with pytest.raises(TypeError):
            view()


def test_no_view_writes_markup():
    for name in modules.names():
        source = (modules.FOLDER / name).read_text(encoding="utf-8")
        assert not any(word in source for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write")), (
            name
        )


@pytest.mark.browser
def test_a_view_that_is_taken_away_listens_no_more(cat: Harness):
    for view in ("head_atlas", "token_strip"):
        cat.mount(view)
    assert cat.store("listeners.size") == 2
    for view in ("head_atlas", "token_strip"):
        cat.unmount(view)
    assert cat.store("listeners.size") == 0
    cat.choose(head=3)


@pytest.mark.browser
def test_rendering_again_draws_into_the_same_view(cat: Harness):
    atlas = cat.mount("head_atlas")
    cat.theme("dark")
    cat.theme("light")
    assert atlas.get_by_role("grid").count() == 1
    assert cat.store("listeners.size") == 1
