"""The image screen with real pictures: mouse, keyboard and touch, phone and dark, links, files of all kinds."""

import io
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from PIL import Image
from playwright.sync_api import Locator, expect

from attnviz.record import AttentionRecord
from tests.browser.conftest import LOADED, OpenTab, Tab, running
from tests.classifiers import detector

pytestmark = pytest.mark.browser

SIGHT = f"{LOADED}.find((name) => name.endsWith('/common/sight.js'))"
COMMIT = "c" * 40
SIDE = 12  # patches of the embedded model


def sight(tab: Tab, expression: str) -> Any:
    """Read what the views of a picture share."""
    return tab.page.evaluate(f"async () => {{ const {{ sight }} = await import({SIGHT}); return sight.{expression} }}")


def seen(tab: Tab) -> Locator:
    return tab.page.locator("figure.seen").get_by_role("application")


def readout(tab: Tab) -> Locator:
    return tab.page.locator(".readout")


def middle(canvas: Locator, row: int, col: int, side: int = SIDE) -> dict[str, float]:
    box = canvas.bounding_box()
    assert box
    return {"x": (col + 0.5) * box["width"] / side, "y": (row + 0.5) * box["height"] / side}


def bring(tab: Tab, name: str, data: bytes) -> None:
    """Choose a file, as a visitor does; dragging one there ends in the same input."""
    tab.page.locator(".st-key-picture_source").get_by_text("File").click()
    upload = tab.page.locator(".st-key-picture_file input[type=file]")
    upload.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})


@pytest.fixture
def tab(open_tab: OpenTab) -> Tab:
    return open_tab().open("/image").drawn()


def test_the_page_opens_on_a_picture_and_says_what_the_model_takes_it_for(tab: Tab) -> None:
    expect(readout(tab)).to_contain_text("CLS reads")
    expect(tab.page.locator(".classes li").first).to_contain_text("%")
    expect(tab.page.locator(".attnviz-report")).to_contain_text("every patch reads every patch")


def test_pointing_at_patches_and_walking_through_heads_ask_the_server_nothing(tab: Tab) -> None:
    canvas = seen(tab)
    canvas.hover(position=middle(canvas, 2, 2))
    expect(readout(tab)).to_contain_text("r2 c2 reads")
    sent = tab.sent
    for place in ((3, 3), (5, 8), (9, 1)):
        canvas.hover(position=middle(canvas, *place))
        expect(readout(tab)).to_contain_text(f"r{place[0]} c{place[1]} reads")
    assert tab.sent == sent


def test_a_click_stands_in_the_link_and_the_link_opens_on_it(tab: Tab, open_tab: OpenTab) -> None:
    canvas = seen(tab)
    canvas.click(position=middle(canvas, 4, 7))
    tab.page.get_by_role("gridcell", name="Layer 2, head 1").click()
    expect(tab.page).to_have_url(re.compile(rf"/image\?v=1&l=2&h=1&q={1 + 4 * SIDE + 7}$"))
    again = open_tab().open(tab.page.url.removeprefix(tab.address)).drawn()
    expect(readout(again)).to_contain_text("r4 c7 reads")
    assert sight(again, "choice.layer") == 2


def test_keys_alone_reach_patches_regions_and_heads(tab: Tab) -> None:
    tab.walk_to("application")
    tab.press("ArrowRight")  # CLS has no place: the middle
    expect(readout(tab)).to_contain_text("r6 c6 reads")
    tab.press("ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowUp")
    expect(readout(tab)).to_contain_text("4 patches, r5 c4 to r6 c5 read")
    expect(tab.page).to_have_url(re.compile(r"q=78&c=65"))
    tab.press("Escape")
    expect(readout(tab)).to_contain_text("Everything on average")
    tab.walk_to("gridcell")
    tab.press("ArrowUp")
    assert sight(tab, "choice.layer") == 4


def test_a_finger_chooses_a_patch_on_a_phone_and_the_page_keeps_its_width(open_tab: OpenTab) -> None:
    tab = open_tab(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).open("/image").drawn()
    canvas = seen(tab)
    canvas.scroll_into_view_if_needed()
    canvas.tap(position=middle(canvas, 3, 9))
    expect(readout(tab)).to_contain_text("r3 c9 reads")
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 390


def test_in_the_dark_the_overlay_takes_the_dark_ramp(open_tab: OpenTab) -> None:
    tab = open_tab(color_scheme="dark").open("/image").drawn()
    background = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    assert tab.page.evaluate(background) == "rgb(15, 19, 28)"
    expect(readout(tab)).to_contain_text("CLS reads")


def test_samples_are_chosen_by_their_names(tab: Tab) -> None:
    tab.page.get_by_role("radio", name="A cat").check()
    expect(tab.page).to_have_url(re.compile("i=cat"))
    expect(tab.page.locator("figure.given figcaption")).to_contain_text("451 × 300 pixels")


def test_a_deep_link_opens_on_a_fresh_server(open_tab: OpenTab) -> None:
    with running() as fresh:
        tab = open_tab(fresh).open("/image?v=1&i=coffee&l=3&h=0&q=20&c=46&o=light&w=smooth&ms=60&sc=row").drawn()
        expect(readout(tab)).to_contain_text("9 patches, r1 c7 to r3 c9 read")
        expect(tab.page.get_by_role("radio", name="Light")).to_be_checked()
        expect(tab.page.locator(".told")).to_contain_text("60 %")
        tab.leave()


def test_the_menu_keeps_each_pages_own_view(tab: Tab) -> None:
    tab.page.get_by_role("radio", name="A cat").check()
    expect(tab.page).to_have_url(re.compile("i=cat"))
    tab.page.get_by_role("link", name="Text").click()
    expect(tab.text_box()).to_have_value(re.compile("The cat sat"))
    tab.page.get_by_role("link", name="Image").click()
    expect(tab.page.locator("figure.given figcaption")).to_contain_text("451 × 300 pixels")


def test_a_real_photo_is_brought_drawn_and_shared_while_the_server_holds_it(
    tab: Tab, open_tab: OpenTab, shared: Path
) -> None:
    bring(tab, "chelsea.jpg", (shared / "inputs/photos/chelsea.jpg").read_bytes())
    expect(tab.page).to_have_url(re.compile("i=[0-9a-f]{32}"))
    expect(tab.page.get_by_text("for a while")).to_be_visible()
    again = open_tab().open(tab.page.url.removeprefix(tab.address)).drawn()
    expect(again.page.locator("figure.given figcaption")).to_contain_text("pixels")


VIT = {"m": "google/vit-tiny-patch16-224", "r": "a" * 40}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[str]:
    """A server with Google's ViT-Ti/16 and two tiny random detectors."""
    folder = tmp_path_factory.mktemp("models")
    home = folder / VIT["m"].replace("/", "--")
    home.mkdir()
    (home / VIT["r"]).symlink_to(shared / "weights/vit-tiny-patch16-224")
    finders = {
        "yolos": transformers.YolosImageProcessorPil(size={"height": 64, "width": 96}),
        "detr": transformers.DetrImageProcessorPil(size={"height": 96, "width": 128}),
    }
    for kind, processor in finders.items():
        detector(kind).save_pretrained(folder / f"made--{kind}" / COMMIT)
        processor.save_pretrained(folder / f"made--{kind}" / COMMIT)
    with running(ATTNVIZ_FOLDER=str(folder), HF_HUB_OFFLINE="1") as served:
        yield served


def test_each_lens_is_drawn_and_stands_in_the_link_with_how_it_is_made(open_tab: OpenTab, real: str) -> None:
    query = "&".join(f"{key}={value}" for key, value in VIT.items())
    tab = open_tab(real).open(f"/image?v=1&{query}&i=cat&l=11&h=1&q=0").drawn()
    tab.page.get_by_role("radio", name="Rollout", exact=True).click()
    expect(tab.page).to_have_url(re.compile("n=rollout"))
    tab.page.get_by_role("radio", name="As published").click()
    expect(tab.page.get_by_text("columns are divided by the sums of rows")).to_be_visible()
    expect(tab.page.locator(".tools .told")).to_contain_text("A score is no share")
    slider = tab.page.get_by_role("slider", name="Discarded")
    slider.focus()
    tab.press("ArrowRight", "ArrowRight")
    expect(tab.page).to_have_url(re.compile("n=rollout&dr=2&ru=published"))
    assert sight(tab, "shown") == "self rollout mean 2 % published"
    tab.page.get_by_role("radio", name="Relevance", exact=True).click()
    expect(tab.page.get_by_text("About “Egyptian cat”, which the model holds 74.2 % likely.")).to_be_visible()
    tab.page.locator(".classes").get_by_role("button", name="tabby").click()
    expect(tab.page).to_have_url(re.compile("n=relevance&k=281"))
    expect(tab.page.get_by_text("About “tabby”")).to_be_visible()
    again = open_tab(real).open(tab.page.url.removeprefix(real)).drawn()
    assert sight(again, "shown") == "self relevance 281"
    assert sight(again, "isExact")
    for each in (tab, again):
        each.leave()


def test_what_matters_is_asked_stopped_and_answered(open_tab: OpenTab, real: str) -> None:
    query = "&".join(f"{key}={value}" for key, value in VIT.items())
    tab = open_tab(real).open(f"/image?v=1&{query}&i=cat&l=11&h=1&q=0&n=relevance").drawn()
    tab.page.get_by_role("button", name="Take them out").click()
    tab.page.get_by_role("button", name="Stop").click()
    expect(tab.page.get_by_role("button", name="Take them out")).to_be_visible()
    expect(tab.page.locator(".areas")).to_be_hidden()
    tab.settled().page.get_by_role("button", name="Take them out").click()
    rows = tab.page.locator(".areas tbody tr")
    expect(rows).to_have_count(3)
    most, random, least = (float(rows.nth(row).locator("td").first.inner_text()) for row in range(3))
    assert most < random < least  # on the real model, of what speaks for its cat
    tab.leave()


def test_what_is_taken_away_has_the_size_of_the_picture_that_was_brought(tab: Tab, shared: Path) -> None:
    """2,400 × 1,600 pixels, of which the browser shows 1,280 × 853."""
    written = io.BytesIO()
    with Image.open(shared / "inputs/photos/chelsea.jpg") as photo:
        photo.resize((2400, 1600)).save(written, "JPEG")
    bring(tab, "large.jpg", written.getvalue())
    expect(tab.page.locator("figure.given figcaption")).to_contain_text("2400 × 1600 pixels")
    with tab.page.expect_download() as caught:
        tab.page.get_by_role("button", name="PNG").click()
    with Image.open(caught.value.path()) as saved:
        assert saved.size == (2400, 1600)
    with tab.page.expect_download() as caught:
        tab.page.get_by_role("button", name="SVG").click()
    assert 'viewBox="0 0 2400 1600"' in caught.value.path().read_text()[:500]
    with tab.page.expect_download() as caught:
        tab.page.get_by_test_id("stDownloadButton").get_by_role("button").click()
    assert AttentionRecord.open(caught.value.path()).stacks == {"self": 6}
    tab.page.get_by_role("button", name="Share").click()
    expect(tab.page.get_by_text("everything but your picture, which stays in this server")).to_be_visible()


@pytest.mark.parametrize(
    ("kind", "query", "name"), [("yolos", "s=self&q=27", "DET 2"), ("detr", "s=cross&q=2", "QUERY 2")]
)
def test_what_a_query_finds_is_said_and_framed(open_tab: OpenTab, real: str, kind: str, query: str, name: str) -> None:
    tab = open_tab(real).open(f"/image?v=1&m=made/{kind}&r={COMMIT}&{query}&i=cat&l=1&h=1").drawn()
    expect(readout(tab)).to_contain_text(re.compile(f"{name} finds .*“LABEL_"))
    expect(tab.page.get_by_role("heading", name="Finds")).to_be_visible()
    tab.page.locator(".classes").get_by_role("button").first.click()
    expect(readout(tab)).to_contain_text(" finds ")
    tab.leave()


def huge_png() -> bytes:
    """9,000 × 9,000 pixels of nothing in about 10 kB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 9_000, 9_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(9_000 * (1 + 9_000 // 8)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg() -> bytes:
    written = io.BytesIO()
    Image.effect_noise((640, 480), 80).convert("RGB").save(written, "JPEG")
    return written.getvalue()


def gif() -> bytes:
    """10,000 frames of one pixel."""
    frame = b"\x21\xf9\x04\x00\x01\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"
    return b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" + 10_000 * frame + b"\x3b"


HOSTILE = [
    ("huge.png", huge_png(), "81.0 megapixels"),
    ("cut.jpg", jpeg()[:9_000], "breaks off"),
    ("moving.gif", gif(), "no PNG, JPEG or WebP"),
    ("drawn.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no PNG, JPEG or WebP"),
    ("old.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nquit\n", "no PNG, JPEG or WebP"),
    ("two.jpg", jpeg() + b"PK\x03\x04" + bytes(5_000), "no part of the picture"),
    ("none.png", b"", "no PNG, JPEG or WebP"),
]


def test_hostile_files_are_refused_each_in_its_words_and_the_server_lives(tab: Tab) -> None:
    for name, data, said in HOSTILE:
        bring(tab, name, data)
        expect(tab.page.get_by_role("alert").filter(has_text=said)).to_be_visible()
        tab.page.locator(".st-key-picture_source").get_by_text("Samples").click()
        expect(tab.page.get_by_role("alert")).to_have_count(0)
    canvas = seen(tab)
    canvas.hover(position=middle(canvas, 1, 1))
    expect(readout(tab)).to_contain_text("r1 c1 reads")
    assert tab.page.request.get(f"{tab.address}/healthz").ok


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a model of 1,370 tokens and 6 heads, too many to travel at once."""
    folder = tmp_path_factory.mktemp("models")
    home = folder / "made--dinov2" / COMMIT
    torch.manual_seed(0)
    small = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "image_size": 518, "patch_size": 14}
    transformers.Dinov2Model(transformers.Dinov2Config(**small)).save_pretrained(home)
    size = {"shortest_edge": 518}
    crop = {"height": 518, "width": 518}
    transformers.BitImageProcessorPil(size=size, crop_size=crop).save_pretrained(home)
    with running(ATTNVIZ_FOLDER=str(folder), HF_HUB_OFFLINE="1") as served:
        yield served


def test_a_model_too_large_to_travel_is_looked_at_by_rows(open_tab: OpenTab, large: str) -> None:
    tab = open_tab(large).open(f"/image?v=1&m=made/dinov2&r={COMMIT}&i=cat&l=1&h=1&q=700").drawn()
    assert sight(tab, "isLong")
    expect(readout(tab)).to_contain_text("r18 c33 reads")
    expect(readout(tab)).not_to_contain_text("≈")  # exact numbers have come
    expect(tab.page.locator("figure.given figcaption")).to_contain_text("33 % was never seen")
    rows = sight(tab, "far.tiles.get(sight.rowsPath).length")
    assert rows == 6 * 1370
    come = f"async () => {{ const {{ sight }} = await import({SIGHT}); return sight.far.tiles.get(sight.mapPath) }}"
    tab.page.wait_for_function(come)
    sent = tab.sent
    canvas = seen(tab)
    canvas.hover(position=middle(canvas, 5, 5, side=37))
    expect(readout(tab)).to_contain_text("r5 c5 reads")
    assert tab.sent == sent
    tab.leave()
