"""How far every head reads: a dot a head, at its distance, against what even attention would have."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from attnviz import measures
from attnviz.components.distance_scatter import told
from tests.components.conftest import Harness
from tests.components.harness.pictures import plain

browser = pytest.mark.browser
DATA = told(measures.pixel_distance(plain(), "self"), identity="plain", stack="self")
EVEN = {"raw": DATA["raw"]["even"][0][0], "renormalised": DATA["renormalised"]["even"][0][0]}


def mounted(harness: Harness, width: int = 800, data: dict[str, Any] = DATA, **choice: Any) -> Locator:
    harness.settle(of="pictures", choice={"query": 0, **choice})
    harness.shelve("plain-picture")
    harness.shelve("plain")
    return harness.mount("distance_scatter", data=data, width=width)


@pytest.fixture
def view(harness: Harness) -> Locator:
    return mounted(harness)


def dot(view: Locator, layer: int, head: int) -> Locator:
    return view.locator(f'[data-layer="{layer}"][data-head="{head}"]')


def sight(harness: Harness, expression: str) -> Any:
    return harness.page.evaluate(f"async () => {{ await harness.frame(); return harness.sight.{expression} }}")


def test_the_level_of_even_attention_is_that_of_its_grid() -> None:
    """24 patches of 16 pixels in 4 rows and 6 columns, 3 tokens beside them, to which 3 of 27 parts go."""
    rows, cols = np.divmod(np.arange(24), 6)
    apart = 16 * np.hypot(rows[:, None] - rows, cols[:, None] - cols)
    assert EVEN["renormalised"] == pytest.approx(apart.mean(), abs=1e-3)
    assert EVEN["raw"] == pytest.approx(apart.mean() * 24 / 27, abs=1e-3)


def test_only_numbers_that_are_drawn_travel() -> None:
    assert [len(row) for row in DATA["raw"]["heads"]] == [3, 3]
    assert DATA["raw"]["heads"][0][0] == DATA["raw"]["heads"][1][2]  # the same head, in L0 the first and in L1 the last


@browser
def test_each_head_is_a_dot_higher_the_farther_it_reads(view: Locator) -> None:
    expect(view.get_by_role("gridcell")).to_have_count(6)
    lines = [(DATA["raw"]["heads"][0][head], float(dot(view, 0, head).get_attribute("cy") or 0)) for head in range(3)]
    assert [far for far, _ in sorted(lines)] == [far for far, _ in sorted(lines, key=lambda each: -each[1])]
    lefts = [float(dot(view, layer, head).get_attribute("cx") or 0) for layer in range(2) for head in range(3)]
    assert lefts == sorted(lefts)


@browser
def test_the_dashed_line_lies_at_even_attention_between_two_ticks(view: Locator) -> None:
    expect(view.locator("text.even")).to_have_text(f"even attention: {EVEN['raw']:.1f} px")
    y = float(view.locator("line.even").get_attribute("y1") or 0)
    ticks = {
        float(text.text_content() or 0): float(text.get_attribute("y") or 0)
        for text in view.locator("text.number[text-anchor=end]").all()
    }
    (zero, bottom), *_, (most, top) = sorted(ticks.items())
    assert (bottom - y) / (bottom - top) == pytest.approx((EVEN["raw"] - zero) / (most - zero), abs=1e-3)


@browser
def test_pointing_at_a_dot_says_its_head_and_its_pixels(view: Locator) -> None:
    far = DATA["raw"]["heads"][1][0]
    dot(view, 1, 0).hover()
    expect(view.locator(".tip")).to_have_text(f"L1 H0: {far:.1f} px")
    expect(view.locator(".said")).to_have_text(
        f"L1 H0: {far:.1f} px; even attention would lie at {EVEN['raw']:.1f} px."
    )


@browser
def test_a_click_beside_a_dot_chooses_its_head(harness: Harness, view: Locator) -> None:
    box = dot(view, 1, 1).bounding_box()
    assert box
    harness.page.mouse.click(box["x"] + box["width"] + 4, box["y"] + box["height"] / 2)
    assert (sight(harness, "choice.layer"), sight(harness, "choice.head")) == (1, 1)
    expect(dot(view, 1, 1)).to_have_attribute("aria-selected", "true")


@browser
def test_keys_walk_through_layers_and_from_near_to_far(harness: Harness, view: Locator) -> None:
    harness.page.keyboard.press("Tab")  # the switch
    harness.page.keyboard.press("Tab")
    expect(dot(view, 0, 0)).to_be_focused()
    harness.page.keyboard.press("ArrowRight")
    assert (sight(harness, "choice.layer"), sight(harness, "choice.head")) == (1, 0)
    expect(dot(view, 1, 0)).to_be_focused()
    order = np.argsort(DATA["raw"]["heads"][1], kind="stable").tolist()
    up = order[min(2, order.index(0) + 1)]
    harness.page.keyboard.press("ArrowUp")
    assert sight(harness, "choice.head") == up
    harness.page.keyboard.press("Home")
    assert sight(harness, "choice.layer") == 0


@browser
def test_patches_alone_have_no_share_of_tokens(harness: Harness, view: Locator) -> None:
    """L0 H1 is even but for the class token, so its patches lie at even attention once tokens have no say."""
    view.get_by_role("radio", name="Patches alone").check()
    assert sight(harness, "choice.distance") == "renormalised"
    expect(view.locator("text.even")).to_have_text(f"even attention: {EVEN['renormalised']:.1f} px")
    expect(dot(view, 0, 1)).to_have_attribute("aria-label", f"L0 H1: {EVEN['renormalised']:.1f} px")
    expect(view.locator(".caption")).to_contain_text("On this picture")
    expect(view.locator(".caption")).to_contain_text("divided by what it gives to patches")


@browser
def test_the_heads_that_are_joined_are_all_dark(harness: Harness) -> None:
    view = mounted(harness, average="heads", layer=1)
    expect(view.locator(".chosen")).to_have_count(3)
    expect(view.locator(".said")).to_contain_text("3 heads")


@browser
def test_the_table_says_every_number_by_layer_and_head(view: Locator) -> None:
    view.get_by_role("button", name="Table").click()
    rows = view.get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_have_text("H0H1H2even")
    numbers = [*DATA["raw"]["heads"][1], EVEN["raw"]]
    expect(rows.nth(2)).to_have_text("L1" + "".join(f"{far:.1f}" for far in numbers))


@browser
def test_distances_of_another_picture_are_not_drawn(harness: Harness) -> None:
    view = mounted(harness, data=DATA | {"id": "another"})
    expect(view.locator(".distance-scatter")).to_be_hidden()


@browser
@pytest.mark.parametrize("width", [358, 1100])
def test_it_fits_its_width_in_chinese_and_in_the_dark(harness: Harness, width: int) -> None:
    harness.page.set_viewport_size({"width": width + 32, "height": 844})
    harness.theme("dark")
    harness.settle(of="pictures", choice={"query": 0}, language="zh")
    harness.shelve("plain-picture")
    harness.shelve("plain")
    view = harness.mount("distance_scatter", data=DATA)
    expect(view.locator(".caption")).to_contain_text("就这张图片而言")
    assert harness.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
