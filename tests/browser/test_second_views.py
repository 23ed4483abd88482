"""The second views below a real picture: the map and the distances follow the hand, and stand in the link."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import torch
import transformers
from playwright.sync_api import Locator, expect

from tests.browser.conftest import LOADED, OpenTab, Tab, running

pytestmark = pytest.mark.browser

SIGHT = f"{LOADED}.find((name) => name.endsWith('/common/sight.js'))"
COMMIT = "c" * 40
TOKENS = 145  # of the embedded model: [CLS] and 12 × 12 patches


def sight(tab: Tab, expression: str) -> Any:
    return tab.page.evaluate(f"async () => {{ const {{ sight }} = await import({SIGHT}); return sight.{expression} }}")


def map_of(tab: Tab) -> Locator:
    view = tab.page.locator(".patch-map")
    view.wait_for(state="attached")
    view.scroll_into_view_if_needed()
    expect(tab.page.locator(".patch-map[data-painted]:not([data-painted=''])")).to_be_attached()
    return view


def cell(view: Locator, row: int, column: int, count: int = TOKENS) -> dict[str, float]:
    box = view.locator(".holder canvas").bounding_box()
    assert box
    side = (box["width"] - 58) / count
    return {"x": 56 + (column + 0.5) * side, "y": 52 + (row + 0.5) * side}


def test_a_cell_of_the_map_is_a_query_and_a_key_and_its_click_goes_to_the_picture_and_the_link(
    open_tab: OpenTab,
) -> None:
    tab = open_tab().open("/image").drawn()
    view = map_of(tab)
    canvas = view.locator(".holder canvas")
    sent = tab.sent
    canvas.hover(position=cell(view, 1 + 12 * 4 + 7, 1 + 12 * 9 + 2))
    expect(view.locator(".said")).to_contain_text("r4 c7 reads r9 c2: ")
    expect(view.locator(".said")).not_to_contain_text("≈")
    expect(tab.page.locator(".patch-view .readout")).to_contain_text("r4 c7 reads")
    assert tab.sent == sent
    canvas.click(position=cell(view, 1 + 12 * 4 + 7, 3))
    expect(tab.page).to_have_url(re.compile(rf"q={1 + 12 * 4 + 7}(&|$)"))


def test_the_numbers_of_the_map_are_the_records_own(open_tab: OpenTab) -> None:
    tab = open_tab().open("/image?v=1&i=cat&l=2&h=1").drawn()
    view = map_of(tab)
    tab.page.wait_for_function(f"async () => (await import({SIGHT})).sight.isExact")
    view.locator(".holder canvas").hover(position=cell(view, 40, 60))
    weight = sight(tab, f"exact.weights[40 * {TOKENS} + 60]")
    said = view.locator(".said").inner_text()
    assert float(said.split(": ")[1].removesuffix(" %")) == pytest.approx(100 * weight, rel=0.06)


def test_a_dot_of_the_distances_chooses_its_head_everywhere(open_tab: OpenTab) -> None:
    tab = open_tab().open("/image").drawn()
    tab.page.locator(".st-key-view_second").get_by_text("Distance").click()
    expect(tab.page).to_have_url(re.compile("b=distance"))
    scatter = tab.page.locator(".distance-scatter")
    dot = scatter.locator('[data-layer="1"][data-head="3"]')
    dot.scroll_into_view_if_needed()
    dot.hover()
    expect(scatter.locator(".tip")).to_have_text(re.compile(r"^L1 H3: \d+\.\d px$"))
    dot.click()
    expect(tab.page).to_have_url(re.compile(r"l=1&h=3"))
    expect(tab.page.get_by_role("gridcell", name="Layer 1, head 3")).to_have_attribute("aria-selected", "true")


def test_a_link_opens_on_the_distances_of_patches_alone(open_tab: OpenTab) -> None:
    tab = open_tab(locale="zh-CN", color_scheme="dark").open("/image?v=1&b=distance&ds=renormalised").drawn()
    scatter = tab.page.locator(".distance-scatter")
    expect(scatter.get_by_role("radio", name="仅图块")).to_be_checked()
    expect(scatter.get_by_role("gridcell")).to_have_count(24)


def test_on_a_phone_both_keep_the_width_of_the_page(open_tab: OpenTab) -> None:
    tab = open_tab(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).open("/image").drawn()
    view = map_of(tab)
    canvas = view.locator(".holder canvas")
    canvas.scroll_into_view_if_needed()
    canvas.tap(position=cell(view, 70, 30))
    expect(view.locator(".said")).to_contain_text("reads")
    assert sight(tab, "choice.query") == 70
    tab.page.locator(".st-key-view_second").get_by_text("Distance").click()
    expect(tab.page.locator(".distance-scatter svg")).to_be_visible()
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a model of 1,370 tokens, and one that reads 3,136 patches in windows."""
    folder = tmp_path_factory.mktemp("models")
    torch.manual_seed(0)
    home = folder / "made--dinov2" / COMMIT
    small = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "image_size": 518, "patch_size": 14}
    transformers.Dinov2Model(transformers.Dinov2Config(**small)).save_pretrained(home)
    size, crop = {"shortest_edge": 518}, {"height": 518, "width": 518}
    transformers.BitImageProcessorPil(size=size, crop_size=crop).save_pretrained(home)
    home = folder / "made--swin" / COMMIT
    stages = {"embed_dim": 24, "depths": [2, 2], "num_heads": [2, 4]}
    transformers.SwinModel(transformers.SwinConfig(image_size=224, **stages)).save_pretrained(home)
    transformers.ViTImageProcessorPil(size={"height": 224, "width": 224}).save_pretrained(home)
    with running(ATTNVIZ_FOLDER=str(folder), HF_HUB_OFFLINE="1") as served:
        yield served


def test_a_map_of_1370_tokens_comes_as_bytes_and_answers_exactly(open_tab: OpenTab, large: str) -> None:
    tab = open_tab(large).open(f"/image?v=1&m=made/dinov2&r={COMMIT}&i=cat&l=1&h=1&q=700").drawn()
    view = map_of(tab)
    view.locator(".holder canvas").hover(position=cell(view, 700, 300, 1370))
    expect(view.locator(".said")).to_have_text(re.compile(r"^r\d+ c\d+ reads r\d+ c\d+: [\d.]+ %$"))
    expect(view.locator(".caption")).to_contain_text("Each cell is the largest of")
    tab.leave()


def test_windows_of_a_large_grid_come_in_tiles_and_hatch_what_they_cannot_read(open_tab: OpenTab, large: str) -> None:
    tab = open_tab(large).open(f"/image?v=1&m=made/swin&r={COMMIT}&i=cat&l=0&h=1&q=0").drawn()
    view = map_of(tab)
    expect(view.locator(".caption")).to_contain_text("Hatched: the 98 % of all pairs")
    view.locator(".holder canvas").hover(position=cell(view, 10, 3000, 3136))
    expect(view.locator(".said")).to_contain_text("which lies in another window")
    tab.page.locator(".st-key-view_second").get_by_text("Distance").click()
    expect(tab.page.locator(".distance-scatter line.even")).not_to_have_count(0)
    tab.leave()
