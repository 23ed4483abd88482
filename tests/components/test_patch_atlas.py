"""Every head small: what the chosen patch reads in it, and where heads are chosen."""

import pytest
from playwright.sync_api import Locator, expect

from tests.components.conftest import Harness
from tests.components.harness.pictures import at

pytestmark = pytest.mark.browser


@pytest.fixture
def atlas(harness: Harness) -> Locator:
    harness.settle(of="pictures", choice={"query": at(1, 2), "scale": "row"})
    harness.shelve("plain-picture")
    harness.shelve("plain")
    return harness.mount("patch_atlas", width=264)


def sight(harness: Harness, name: str) -> object:
    return harness.page.evaluate(f"async () => {{ await harness.frame(); return harness.sight.{name} }}")


def cell(atlas: Locator, layer: int, head: int) -> Locator:
    return atlas.get_by_role("gridcell", name=f"Layer {layer}, head {head}")


def darkness(atlas: Locator, layer: int, head: int, down: float, across: float) -> int:
    """How dark a tile is at a place given as fractions: white is 0."""
    return atlas.page.evaluate(
        """([layer, head, down, across]) => {
          const root = document.querySelector('[data-view="patch_atlas"]').shadowRoot;
          const canvas = root.querySelector("canvas");
          const box = root.querySelector(`.cell[data-layer="${layer}"][data-head="${head}"]`).getBoundingClientRect();
          const at = canvas.getBoundingClientRect();
          const [x, y] = [box.left - at.left + across * box.width, box.top - at.top + down * box.height];
          const ratio = canvas.width / at.width;
          return 255 - canvas.getContext("2d").getImageData(Math.floor(x * ratio), Math.floor(y * ratio), 1, 1).data[0];
        }""",
        [layer, head, down, across],
    )


def test_a_tile_is_the_row_of_the_chosen_patch_on_its_grid(atlas: Locator) -> None:
    """In L0 H0 r1 c2 reads r3 c4 of 4 rows and 6 columns; in L1 that head is H2."""
    for layer, head in ((0, 0), (1, 2)):
        assert darkness(atlas, layer, head, 3.5 / 4, 4.5 / 6) > 200
        assert darkness(atlas, layer, head, 0.5 / 4, 0.5 / 6) < 150
    expect(atlas.locator(".caption")).to_have_text("L0 H0 · what r1 c2 reads")


def test_another_patch_has_other_tiles(harness: Harness, atlas: Locator) -> None:
    harness.page.evaluate("harness.sight.choose({ query: 0 })")
    harness.page.evaluate("harness.frame()")
    assert darkness(atlas, 0, 1, 0.5 / 4, 5.5 / 6) > 200  # the class token reads r0 c5


def test_a_click_and_the_arrow_keys_choose_a_head(harness: Harness, atlas: Locator) -> None:
    cell(atlas, 1, 1).click()
    assert sight(harness, "choice.head") == 1
    harness.page.keyboard.press("ArrowRight")
    harness.page.keyboard.press("ArrowUp")
    assert (sight(harness, "choice.layer"), sight(harness, "choice.head")) == (0, 2)
    expect(cell(atlas, 0, 2)).to_be_focused()
    expect(cell(atlas, 0, 2)).to_have_attribute("aria-selected", "true")


def test_several_heads_are_joined_by_mean_or_largest(harness: Harness, atlas: Locator) -> None:
    atlas.get_by_role("radio", name="Layer", exact=True).check()
    assert sight(harness, "parts.length") == 3
    atlas.get_by_role("radio", name="Largest", exact=True).check()
    assert sight(harness, "shown") == "self max"
    atlas.get_by_role("radio", name="All", exact=True).check()
    assert sight(harness, "parts.length") == 6


def test_heads_come_into_a_set_by_shift_or_m_and_go_again(harness: Harness, atlas: Locator) -> None:
    cell(atlas, 1, 2).click(modifiers=["Shift"])
    assert sight(harness, "shown") == "self 0.0*100,1.2*100"
    cell(atlas, 0, 0).focus()
    harness.page.keyboard.press("m")
    assert sight(harness, "shown") == "self 1.2"


def test_heads_of_another_grid_show_the_place_where_the_patch_lies(harness: Harness) -> None:
    harness.settle(of="pictures", choice={"query": at(1, 3, before=0), "scale": "row"})
    harness.shelve("stages-picture")
    harness.shelve("stages")
    atlas = harness.mount("patch_atlas", width=264)
    assert darkness(atlas, 1, 0, 1.5 / 2, 2.5 / 3) > 200  # the coarse r0 c1 reads r1 c2
    atlas.get_by_role("radio", name="All", exact=True).check()
    assert sight(harness, "parts.length") == 1  # a mean is of one grid


def test_stacks_can_be_chosen_where_there_are_several(harness: Harness) -> None:
    harness.settle(of="pictures", choice={"stack": "cross", "query": 1})
    harness.shelve("finder-picture")
    harness.shelve("finder-cross")
    atlas = harness.mount("patch_atlas", width=264)
    atlas.get_by_role("radio", name="Decoder", exact=True).check()
    assert harness.page.evaluate("harness.sight.choice.stack") == "decoder"
