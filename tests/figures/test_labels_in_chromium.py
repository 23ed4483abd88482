"""Hostile labels, as a reader of the figure would see them."""

import re

import pytest

from attnviz import figures

pytestmark = pytest.mark.browser


@pytest.fixture
def drawn(hostile, page):
    page.set_content(figures.heatmap(hostile).to_html(include_plotlyjs=True))
    page.wait_for_selector(".xtick text")
    return page


def test_each_label_shows_the_characters_that_were_typed(drawn, hostile):
    shown = drawn.eval_on_selector_all(".xtick text", "all => all.map(each => each.textContent)")
    assert shown == [label.replace("\n", "↵") for label in hostile.keys]


def test_no_label_makes_an_element(drawn):
    assert drawn.locator(".xtick img, .xtick a, .xtick [style*=bold]").count() == 0


def test_hover_says_the_labels_under_the_mouse(drawn, hostile):
    cells = drawn.locator(".nsewdrag").bounding_box()
    count = len(hostile.keys)
    drawn.mouse.move(cells["x"] + cells["width"] * 0.5 / count, cells["y"] + cells["height"] * 0.5 / count)
    words = drawn.locator(".hoverlayer text").first
    words.wait_for()
    assert re.sub(r"\s+", " ", words.text_content()) == ('"<b>bold</b>" gives 1.00 of its attention to "<b>bold</b>"')
