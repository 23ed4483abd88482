"""The two pictures: patches are chosen on them by any hand, and what is drawn lies where it belongs."""

from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.components.conftest import Harness
from tests.components.harness.pictures import at

pytestmark = pytest.mark.browser

CROSS = at(1, 2), at(3, 4)  # in L0 H0 the first reads the second


@pytest.fixture
def sighted(harness: Harness) -> Harness:
    harness.settle(of="pictures", choice={"query": CROSS[0], "scale": "row"})
    harness.shelve("plain-picture")
    harness.shelve("plain")
    return harness


@pytest.fixture
def view(sighted: Harness) -> Locator:
    mounted = sighted.mount("patch_view", width=800)
    expect(mounted.locator("[data-painted]")).to_be_attached()
    return mounted


def chosen(harness: Harness) -> tuple[int | None, int | None]:
    choice = harness.page.evaluate("async () => { await harness.frame(); return harness.sight.choice }")
    return choice["query"], choice["corner"]


def middle(stage: Locator, row: int, col: int) -> dict[str, float]:
    """Where the middle of a patch lies on the seen picture, in CSS pixels."""
    box = stage.bounding_box()
    assert box
    return {"x": (col + 0.5) * box["width"] / 6, "y": (row + 0.5) * box["height"] / 4}


def strengths(view: Locator, name: str, places: list[tuple[float, float]]) -> list[float]:
    """How dark a picture is at places given as fractions (down, across): white is 0."""
    return view.locator(f"figure.{name} canvas").evaluate(
        """(canvas, places) => places.map(([down, across]) => {
          const { data } = canvas.getContext("2d").getImageData(canvas.width * across, canvas.height * down, 1, 1);
          return 255 - data[0];
        })""",
        places,
    )


def patch(row: float, col: float) -> tuple[float, float]:
    return (row + 0.5) / 4, (col + 0.5) / 6


def test_the_patch_that_is_read_is_the_strongest_and_rows_are_not_columns(view: Locator) -> None:
    read, other, swapped = strengths(view, "seen", [patch(3, 4), patch(0, 0), patch(2, 3)])
    assert read > other + 60
    assert read > swapped + 60


def test_on_the_given_picture_it_lies_where_the_crop_says(view: Locator) -> None:
    """Row 3, column 4 of 16 pixels, 16 and 32 pixels into what was resized from 120 × 200 to 96 × 160."""
    place = ((16 + 3.5 * 16) / 96, (32 + 4.5 * 16) / 160)
    elsewhere = ((16 + 0.5 * 16) / 96, (32 + 1.5 * 16) / 160)
    read, other = strengths(view, "given", [place, elsewhere])
    assert read > other + 60
    expect(view.locator("figure.given figcaption")).to_have_text(
        "200 × 120 pixels. 60 % was never seen: it is hatched."
    )


def test_pointing_at_a_patch_says_what_it_reads_and_leaving_says_the_chosen_one_again(
    sighted: Harness, view: Locator
) -> None:
    readout = view.locator(".readout")
    expect(readout).to_contain_text("r1 c2 reads r3 c4")
    canvas = view.locator("figure.seen canvas")
    canvas.hover(position=middle(canvas, 2, 0))
    expect(readout).to_contain_text("r2 c0 reads")
    sighted.page.mouse.move(0, 0)
    expect(readout).to_contain_text("r1 c2 reads r3 c4")


def test_a_click_chooses_a_patch_and_a_second_one_frees_it(sighted: Harness, view: Locator) -> None:
    canvas = view.locator("figure.seen canvas")
    canvas.click(position=middle(canvas, 2, 5))
    assert chosen(sighted) == (at(2, 5), None)
    canvas.click(position=middle(canvas, 2, 5))
    assert chosen(sighted) == (None, None)
    sighted.page.mouse.move(0, 0)
    expect(view.locator(".readout")).to_contain_text("Everything on average")


def test_a_click_on_the_given_picture_chooses_the_same_patch(sighted: Harness, view: Locator) -> None:
    canvas = view.locator("figure.given canvas")
    box = canvas.bounding_box()
    assert box
    canvas.click(position={"x": box["width"] * (32 + 5.5 * 16) / 160, "y": box["height"] * (16 + 8) / 96})
    assert chosen(sighted) == (at(0, 5), None)
    canvas.click(position={"x": 2, "y": 2})  # never seen: no patch
    assert chosen(sighted) == (at(0, 5), None)


def test_a_drag_chooses_a_region_whose_rows_are_averaged(sighted: Harness, view: Locator) -> None:
    canvas = view.locator("figure.seen canvas")
    box = canvas.bounding_box()
    assert box
    start, end = middle(canvas, 1, 1), middle(canvas, 2, 3)
    sighted.page.mouse.move(box["x"] + start["x"], box["y"] + start["y"])
    sighted.page.mouse.down()
    sighted.page.mouse.move(box["x"] + end["x"], box["y"] + end["y"], steps=4)
    sighted.page.mouse.up()
    assert chosen(sighted) == (at(1, 1), at(2, 3))
    expect(view.locator(".readout")).to_contain_text("6 patches, r1 c1 to r2 c3 read r3 c4")


def test_arrow_keys_choose_with_shift_a_region_and_escape_frees(sighted: Harness, view: Locator) -> None:
    view.locator("figure.seen canvas").focus()
    press = sighted.page.keyboard.press
    press("ArrowRight")
    press("ArrowDown")
    assert chosen(sighted) == (at(2, 3), None)
    press("Shift+ArrowRight")
    press("Shift+ArrowUp")
    assert chosen(sighted) == (at(2, 3), at(1, 4))
    press("Escape")
    assert chosen(sighted) == (None, None)
    press("ArrowLeft")  # from nowhere: the middle
    assert chosen(sighted) == (at(2, 3), None)


def test_the_walk_ends_at_the_edge(sighted: Harness, view: Locator) -> None:
    view.locator("figure.seen canvas").focus()
    for _ in range(9):
        sighted.page.keyboard.press("ArrowRight")
    assert chosen(sighted) == (at(1, 5), None)


def test_tokens_beside_the_patches_are_buttons_and_what_they_get_is_said(sighted: Harness, view: Locator) -> None:
    chips = view.get_by_role("group", name="Tokens beside the patches").get_by_role("button")
    expect(chips).to_have_text(["All", "CLS", "REG 0", "REG 1"])
    chips.nth(1).click()
    assert chosen(sighted) == (0, None)
    expect(chips.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(chips.nth(2)).to_have_attribute("title", "≈ 3.7 %")  # one of 27


def test_turned_round_it_says_who_reads_the_patch(sighted: Harness, view: Locator) -> None:
    sighted.page.evaluate(f"harness.sight.choose({{ query: {CROSS[1]} }})")
    view.get_by_role("radio", name="who reads it").check()
    expect(view.locator(".readout")).to_contain_text("r3 c4 is read most by r1 c2")
    read, other = strengths(view, "seen", [patch(1, 2), patch(3, 2)])
    assert read > other + 60


def test_what_is_chosen_is_told_to_a_screen_reader_in_words(sighted: Harness, view: Locator) -> None:
    view.locator("figure.seen canvas").focus()
    sighted.page.keyboard.press("ArrowRight")
    expect(view.locator("[aria-live]")).to_contain_text("row 1, column 3 reads")
    canvas = view.get_by_role("application")
    expect(canvas).to_have_attribute("aria-label", "What the model saw: 6 × 4 patches of 96 × 64 pixels")


def test_each_tool_changes_the_choice_and_the_scale_says_what_colours_mean(sighted: Harness, view: Locator) -> None:
    for text in ("Light", "Smooth", "Shared"):
        view.get_by_role("radio", name=text, exact=True).check()
    view.get_by_label("Mass").fill("50")
    view.get_by_label("Opacity").fill("40")
    choice = sighted.page.evaluate("harness.sight.choice")
    drawn = {name: choice[name] for name in ("overlay", "drawing", "scale", "mass", "opacity")}
    assert drawn == {"overlay": "light", "drawing": "smooth", "scale": "shared", "mass": 50, "opacity": 40}
    expect(view.locator(".told")).to_contain_text("16 even shares of 3.7 %")
    expect(view.locator(".told")).to_contain_text("the fewest patches that hold 50 %")


def test_the_scale_of_one_map_says_that_noise_looks_like_signal(view: Locator) -> None:
    expect(view.locator(".told")).to_contain_text("noise looks like signal")


def test_a_grid_of_another_layer_is_drawn_where_its_patches_lie(harness: Harness) -> None:
    """The fine patch r1 c3 reads the coarse r1 c2, which covers rows 2 and 3, columns 4 and 5 of the fine grid."""
    harness.settle(of="pictures", choice={"query": at(1, 3, before=0), "scale": "row"})
    harness.shelve("stages-picture")
    harness.shelve("stages")
    view = harness.mount("patch_view", width=800)
    expect(view.locator("[data-painted]")).to_be_attached()
    inside, outside = strengths(view, "seen", [patch(2.2, 4.2), patch(0.2, 0.2)])
    assert inside > outside + 60
    harness.page.evaluate("harness.sight.go({ layer: 1, head: 0 })")
    assert chosen(harness) == (1, None)  # the coarse patch in which it lies


def test_queries_of_a_finder_are_chosen_by_name_and_read_the_picture(harness: Harness) -> None:
    harness.settle(of="pictures", choice={"stack": "cross", "query": 1, "scale": "row"})
    harness.shelve("finder-picture")
    harness.shelve("finder-cross")
    view = harness.mount("patch_view", width=800)
    expect(view.locator(".readout")).to_contain_text("QUERY 1 reads r2 c5")
    read, other = strengths(view, "seen", [patch(2, 5), patch(2, 1)])
    assert read > other + 60


def test_queries_that_read_each_other_are_dyed(harness: Harness) -> None:
    harness.settle(of="pictures", choice={"stack": "decoder", "query": 0, "scale": "row"})
    harness.shelve("finder-picture")
    harness.shelve("finder-decoder")
    view = harness.mount("patch_view", width=800)
    expect(view.locator(".readout")).to_contain_text("QUERY 0 reads QUERY 1")


@pytest.mark.parametrize("width", [390, 1100])
def test_it_fits_its_width(sighted: Harness, width: int) -> None:
    sighted.page.set_viewport_size({"width": width, "height": 844})
    view = sighted.mount("patch_view")
    expect(view.locator("[data-painted]")).to_be_attached()
    assert sighted.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_speaks_chinese(sighted: Harness, view: Locator) -> None:
    sighted.settle(of="pictures", language="zh", choice={})
    expect(view.locator("figure.seen h3")).to_have_text("模型看到的图片")


def test_exact_weights_take_the_place_of_bytes(sighted: Harness, view: Locator) -> None:
    expect(view.locator(".readout")).to_contain_text("≈")
    sighted.shelve("plain-exact")
    expect(view.locator(".readout")).to_contain_text("r3 c4 80.0 %")
    expect(view.locator(".readout")).not_to_contain_text("≈")


def test_the_table_says_every_weight_by_row_and_column(sighted: Harness, view: Locator) -> None:
    sighted.shelve("plain-exact")
    view.get_by_role("button", name="Table").click()
    table = view.get_by_role("table")
    rows = table.get_by_role("row")
    expect(rows).to_have_count(1 + 3 + 4)  # columns, tokens, rows
    expect(rows.nth(1)).to_have_text("CLS0.77 %")
    expect(rows.nth(4 + 3).get_by_role("cell").nth(4)).to_have_text("80.0 %")
    expect(table).to_have_accessible_name("What r1 c2 reads: tokens, then patches by row and column")


def test_the_row_is_saved_with_the_place_of_every_patch(sighted: Harness, view: Locator) -> None:
    sighted.shelve("plain-exact")
    with sighted.page.expect_download() as caught:
        view.get_by_role("button", name="CSV").click()
    assert caught.value.suggested_filename == "attnviz-self-0.0.csv"
    lines = caught.value.path().read_text().splitlines()
    assert lines[0] == "position,row,column,top,left,bottom,right,weight"
    assert len(lines) == 1 + 27
    assert lines[1].startswith("[CLS],,,,,,,0.00769")
    name, *place, weight = lines[1 + CROSS[1]].split(",")
    assert (name, place) == ("r3 c4", ["3", "4", "48", "64", "64", "80"])
    assert float(weight) == pytest.approx(0.8)


def test_the_picture_is_saved_at_the_size_of_the_given_one(sighted: Harness, view: Locator) -> None:
    with sighted.page.expect_download() as caught:
        view.get_by_role("button", name="PNG").click()
    with Image.open(caught.value.path()) as saved:
        assert saved.size == (200, 120)


def test_a_large_picture_is_asked_for_once_and_saved_in_its_own_size(harness: Harness) -> None:
    """The browser has it 1,280 pixels wide; it was given 2,000 wide."""
    harness.settle(of="pictures", choice={"query": CROSS[0], "scale": "row"})
    harness.shelve("plain-large")
    harness.shelve("plain")
    view = harness.mount("patch_view", width=800)
    expect(view.locator("[data-painted]")).to_be_attached()
    view.get_by_role("button", name="PNG").click()
    expect(view.get_by_role("status").filter(has_text="on its way")).to_be_visible()
    assert harness.page.evaluate("harness.triggers") == [["whole", "plain"]]
    with harness.page.expect_download() as caught:
        harness.shelve("plain-whole")
    with Image.open(caught.value.path()) as saved:
        assert saved.size == (2000, 1200)
    expect(view.get_by_role("status").filter(has_text="2000 × 1200")).to_be_visible()
    with harness.page.expect_download():  # it is here now
        view.get_by_role("button", name="PNG").click()
    assert len(harness.page.evaluate("harness.triggers")) == 1


def test_as_svg_each_patch_is_an_area_of_the_given_picture(sighted: Harness, view: Locator) -> None:
    """Of 160 × 96 pixels the middle 96 × 64 were seen, in patches of 16: 20 × 20 of the given 200 × 120."""
    sighted.shelve("plain-exact")
    sighted.page.evaluate("harness.sight.choose({ mass: 50 })")
    with sighted.page.expect_download() as caught:
        view.get_by_role("button", name="SVG").click()
    assert caught.value.suggested_filename == "attnviz-self-0.0.svg"
    space = "{http://www.w3.org/2000/svg}"
    root = ElementTree.parse(caught.value.path()).getroot()
    assert root.get("viewBox") == "0 0 200 120"
    image = root.find(f".//{space}image")
    assert image is not None
    assert image.get("href", "").startswith("data:image/png;base64,")
    areas = root.findall(f"{space}g/{space}rect")
    assert len(areas) == 24
    place = {name: float(areas[3 * 6 + 4].get(name, "")) for name in ("x", "y", "width", "height")}  # r3 c4
    assert place == {"x": 40 + 4 * 20, "y": 20 + 3 * 20, "width": 20, "height": 20}
    assert {area.get("fill-opacity") for area in areas} == {"0.7"}
    assert len({area.get("fill") for area in areas}) == 2  # what is read, and what the threshold leaves out
    assert root.findtext(f"{space}title", "").startswith("r1 c2 reads r3 c4 80.0")


def test_every_head_is_saved_as_one_picture(sighted: Harness, view: Locator) -> None:
    with sighted.page.expect_download() as caught:
        view.get_by_role("button", name="Heads").click()
    with Image.open(caught.value.path()) as saved:  # 3 heads, 2 layers, tiles of 112 × 75
        assert saved.size == (52 + 3 * (112 + 8) + 16, 44 + 18 + 8 + 2 * (75 + 8) + 16)
        places = [(52 + int(112 * (col + 0.5) / 6), 70 + int(75 * (row + 0.5) / 4)) for row, col in ((3, 4), (0, 0))]
        read, unread = (saved.convert("L").getpixel(place) for place in places)
    assert read + 60 < unread


def test_scores_are_saved_as_scores(sighted: Harness, view: Locator) -> None:
    sighted.settle(of="pictures", lens="relevance", choice={"query": CROSS[0]}, epoch="second")
    sighted.shelve("plain-relevance")
    with sighted.page.expect_download() as caught:
        view.get_by_role("button", name="CSV").click()
    lines = caught.value.path().read_text().splitlines()
    assert lines[0].endswith(",score")
    assert lines[1 + CROSS[1]].endswith(",2.5")


def test_a_score_has_no_shared_scale_and_the_switch_says_so(sighted: Harness, view: Locator) -> None:
    sighted.settle(of="pictures", lens="relevance", choice={"query": CROSS[0]}, epoch="second")
    sighted.shelve("plain-relevance")
    expect(view.get_by_role("radio", name="Shared")).to_be_disabled()
    expect(view.get_by_role("radio", name="Per map")).to_be_checked()
    expect(view.locator(".tools .told")).to_contain_text("from 0 to 2.5, the largest of this map. A score is no share")


def test_a_lens_is_known_by_all_that_it_is_made_of(sighted: Harness) -> None:
    """The map of another rule or another share is not the one that is asked for."""
    made = {"lens": "rollout", "discard": 90, "rule": "published"}
    sighted.settle(of="pictures", choice={"fuse": "max"}, epoch="second", **made)
    assert sighted.page.evaluate("harness.sight.shown") == "self rollout max 90 % published"
    sighted.settle(of="pictures", choice={"target": 3}, epoch="third", **(made | {"lens": "relevance"}))
    assert sighted.page.evaluate("harness.sight.shown") == "self relevance 3"


def test_artefacts_are_ringed_and_leave_the_scale_with_one_click(sighted: Harness, view: Locator) -> None:
    """Without r3 c4, which gets 0.8, the largest of the map is an equal part of the other 0.2."""
    sighted.shelve("plain-exact")
    expect(view.locator(".ticks span").last).to_have_text("80.0 %")
    found = {"positions": [CROSS[1]], "cut": 42.0, "median": 20.5}
    sighted.settle(of="pictures", artefacts=found, choice={"query": CROSS[0], "scale": "row"}, epoch="first")
    view.get_by_role("radio", name="No artefacts").check()
    expect(view.locator(".tools .told")).to_contain_text("1 ringed and out of the scale")
    expect(view.locator(".tools .told")).to_contain_text("longer than 42.0, against a median of 20.5")
    expect(view.locator(".ticks span").last).to_have_text("0.77 %")
    view.get_by_role("radio", name="As it is").check()
    expect(view.locator(".ticks span").last).to_have_text("80.0 %")


def test_patches_alone_share_what_registers_and_artefacts_leave(sighted: Harness, view: Locator) -> None:
    """CLS, two registers and r3 c4 aside, 23 patches get 0.2 / 26 each: of the rest each has one in 23."""
    sighted.shelve("plain-exact")
    found = {"positions": [CROSS[1]], "cut": 42.0, "median": 20.5}
    sighted.settle(of="pictures", artefacts=found, choice={"query": CROSS[0], "scale": "row"}, epoch="first")
    view.get_by_role("radio", name="Patches alone").check()
    expect(view.locator(".tools .told")).to_contain_text("17.7 % of this row")  # 23 × 0.2 / 26
    expect(view.locator(".ticks span").last).to_have_text("4.3 %")
    sighted.page.evaluate("harness.sight.choose({ direction: 'read' })")  # who reads it share nothing
    expect(view.get_by_role("radio", name="Patches alone")).to_be_disabled()


def test_what_queries_find_is_framed_where_it_lies_and_named(harness: Harness) -> None:
    """Query 0 finds a cat between 80 and 120 of 200 pixels across: the frame's left edge is at 0.4 of the width."""
    harness.settle(of="pictures", choice={"stack": "cross", "query": 0, "scale": "row", "opacity": 0})
    for packet in ("finder-picture", "finder-cross", "finder-found"):
        harness.shelve(packet)
    view = harness.mount("patch_view", width=800)
    expect(view.locator(".readout")).to_contain_text("QUERY 0 finds “cat”, 90.0 %.")
    chips = view.get_by_role("group", name="Tokens beside the patches").get_by_role("button")
    expect(chips).to_have_text(["All", "QUERY 0 · cat", "QUERY 1"])
    edge, inside = view.locator("figure.given canvas").evaluate(
        """(canvas) => [0.4, 0.5].map((across) => {
          const { data } = canvas.getContext("2d").getImageData(canvas.width * across, canvas.height * 0.6, 1, 1);
          return data[0] + data[1] + data[2];
        })"""
    )
    assert edge > inside + 150  # the white line of the frame
    chips.nth(2).click()
    expect(view.locator(".readout")).to_contain_text("QUERY 1 finds nothing here; likeliest “dog”, 20.0 %.")


def test_a_lens_on_a_detector_is_about_the_query_that_is_chosen(harness: Harness) -> None:
    harness.settle(of="pictures", lens="relevance", choice={"stack": "cross", "query": 1})
    harness.shelve("finder-picture")
    harness.shelve("finder-cross")
    assert harness.page.evaluate("harness.sight.shown") == "cross relevance query 1"
