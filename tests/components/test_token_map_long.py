"""The map of a long text in Chromium: which tiles are asked for, what is drawn of them, what hands can do with it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.components.conftest import Harness
from tests.components.harness.material import LONG, LONG_CELL, long_record
from tests.components.test_token_map import COLUMN, PHONE, _meet, listen, look, names, reading

pytestmark = pytest.mark.browser

CHOICE = {"layer": 0, "head": 1}
SETTLED = "() => { const { tiles, numbers } = harness.store.far; return !tiles.flying.size && !numbers.flying.size }"


class Asked(list[str]):
    """The tiles and numbers that a page has asked for, as paths without the record's name."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if found := re.search(r"/tiles/[0-9a-f]{64}/(.*)", request.url):
            self.append(found[1])

    @property
    def tiles(self) -> list[str]:
        return [path for path in self if "/numbers/" not in path and not path.endswith("/kept")]

    def levels(self) -> set[str]:
        return {path.split("/")[4] for path in self.tiles}


@pytest.fixture
def asked(harness: Harness) -> Asked:
    harness.page.set_viewport_size({"width": 1280, "height": 900})
    return Asked(harness.page)


@pytest.fixture
def drawn(harness: Harness, asked: Asked) -> Locator:
    harness.settle(choice=CHOICE)
    harness.shelve("long-map")
    view = harness.mount("token_map", width=COLUMN)
    settled(harness)
    return view


def settled(harness: Harness) -> None:
    """Wait until nothing moves and everything that is wanted has come."""
    harness.page.wait_for_timeout(350)
    harness.page.wait_for_function(SETTLED)
    harness.page.wait_for_timeout(100)


def keys(harness: Harness, view: Locator, *pressed: str) -> None:
    view.locator("canvas").first.focus()
    for key in pressed:
        harness.page.keyboard.press(key)
        harness.page.wait_for_timeout(220)  # a motion takes less
    settled(harness)


def place(harness: Harness) -> dict[str, Any]:
    """The cell under the mouse."""
    return harness.store("hover")


def map_of(view: Locator) -> Locator:
    return view.get_by_role("application").first


def box_of(view: Locator) -> dict[str, float]:
    """Where the map itself lies on the page, found by the mouse."""
    seen, box = look_long(view, "cells"), map_of(view).bounding_box()
    assert box is not None
    across, along = ([end for ends in seen[side].values() for end in ends] for side in ("cols", "rows"))
    return {
        "x": box["x"] + min(across),
        "y": box["y"] + min(along),
        "width": max(across) - min(across),
        "height": max(along) - min(along),
    }


def look_long(view: Locator, name: str, *given: object) -> Any:
    script = "async (canvas, [name, given]) => (await import('/canvas.js'))[name](canvas, ...given)"
    return map_of(view).evaluate(script, [name, list(given)])


# Tiles


def test_a_first_look_asks_for_the_tiles_in_sight_and_nothing_else(harness, asked, drawn):
    assert len(asked) == len(set(asked))
    assert asked[0] == "self/0.1/shown/shared/0/0/0"
    assert sorted(asked[1:]) == [f"self/0.1/shown/shared/1/{row}/{col}" for row in range(2) for col in range(2)]


def test_a_look_at_a_part_asks_for_the_tiles_of_that_part(harness, asked, drawn):
    asked.clear()
    keys(harness, drawn, *["+"] * 11)
    finest = [tuple(map(int, path.split("/")[-2:])) for path in asked.tiles if path.split("/")[4] == "4"]
    assert 1 <= len(finest) <= 9  # of 144
    assert all(row < 3 and col < 3 for row, col in finest)  # the cursor is at the upper left
    keys(harness, drawn, "-")
    before = len(asked)
    keys(harness, drawn, "+")
    keys(harness, drawn, "-")
    assert len(asked) == before  # what has come is kept


def test_never_more_than_four_tiles_are_on_their_way(harness, asked, drawn):
    most = harness.page.evaluate(
        """async () => {
          let most = 0;
          const { tiles } = harness.store.far;
          const path = (at) => `self/0.0/shown/shared/4/${at % 12}/${Math.floor(at / 12)}`;
          tiles.want(Array.from({ length: 40 }, (_, at) => path(at)));
          while (tiles.flying.size) {
            most = Math.max(most, tiles.flying.size);
            await new Promise((done) => setTimeout(done, 1));
          }
          return most;
        }"""
    )
    assert most == 4


def test_what_is_wanted_no_more_is_given_up(harness, asked, drawn):
    seen = harness.page.evaluate(
        """async () => {
          const { tiles } = harness.store.far;
          const before = tiles.kept.size;
          tiles.want(["self/1.0/shown/shared/4/0/0", "self/1.0/shown/shared/4/1/0", "self/1.0/shown/shared/4/2/0"]);
          const flying = tiles.flying.size;
          tiles.want([]);
          await new Promise((done) => setTimeout(done, 300));
          return [flying, tiles.flying.size, tiles.kept.size - before];
        }"""
    )
    assert seen == [3, 0, 0]


def test_the_cache_of_tiles_is_bounded(harness, asked, drawn):
    kept = harness.page.evaluate(
        """() => {
          const { tiles } = harness.store.far;
          for (let at = 0; at < 1000; at++) tiles.put(`made/${at}`, new ArrayBuffer(1));
          return [tiles.kept.size, tiles.kept.has("made/999"), tiles.kept.has("made/0")];
        }"""
    )
    assert kept == [384, True, False]


def test_another_head_keeps_the_old_picture_dimmed_until_its_own_has_come(harness, asked, drawn):
    harness.page.route("**/self/1.0/**", lambda route: None)  # never answered
    harness.choose(layer=1, head=0)
    expect(drawn.get_by_text("drawing the map")).to_be_visible()
    assert "waiting" in drawn.locator(".token-map").get_attribute("class")
    assert drawn.locator(".caption").inner_text().startswith("L1 H0.")
    harness.choose(layer=0, head=1)
    settled(harness)
    assert "waiting" not in drawn.locator(".token-map").get_attribute("class")


def test_a_server_that_is_busy_is_asked_again(harness, asked):
    refused: list[str] = []

    def busy(route: Route) -> None:
        refused.append(route.request.url)
        if len(refused) > 2:
            route.continue_()
        else:
            route.fulfill(status=503)

    harness.page.route("**/tiles/**", busy)
    harness.settle(choice=CHOICE)
    harness.shelve("long-map")
    view = harness.mount("token_map", width=COLUMN)
    expect(view.get_by_text("drawing the map")).to_be_visible()
    harness.page.wait_for_function("harness.store.far.tiles.kept.size === 5")
    harness.page.wait_for_timeout(100)
    assert [text for text in harness.complaints if "503" not in text] == []
    harness.complaints.clear()


# A record that has left


@pytest.fixture
def posted(harness: Harness) -> Iterator[Callable[[], list[Any]]]:
    """What Python would be asked for, because the route did not know it."""
    harness.page.evaluate("() => { window.posted = []; harness.store.far.post = (asked) => posted.push(asked) }")
    yield lambda: harness.page.evaluate("posted")
    assert [text for text in harness.complaints if "404" not in text] == []
    harness.complaints.clear()


def test_what_the_route_does_not_know_is_asked_of_python_once(harness, posted):
    harness.settle(choice=CHOICE)
    harness.shelve("gone")
    harness.mount("token_map", width=COLUMN)
    harness.page.wait_for_function("posted.length")
    harness.page.wait_for_timeout(500)
    (question,) = posted()
    assert question["id"] == "gone"
    assert "self/0.1/shown/shared/0/0/0" in question["paths"]
    assert len(question["paths"]) <= 16


def test_tiles_that_come_through_the_session_are_drawn(harness, posted):
    harness.settle(choice=CHOICE)
    harness.shelve("gone")
    view = harness.mount("token_map", width=COLUMN)
    harness.page.wait_for_function("posted.length")
    receive = """async (name) => {
      const { decode } = await import("/modules/common/packet.js");
      const message = await (await fetch(`packets/${name}`)).arrayBuffer();
      harness.store.far.receive(decode(new Uint8Array(message)).answers);
      await harness.frame();
    }"""
    harness.page.evaluate(receive, "answered")
    expect(view.get_by_text("drawing the map")).not_to_be_visible()
    assert look_long(view, "brightest") is not None


def test_the_post_hands_the_question_to_python_and_the_answer_to_the_store(harness, posted):
    harness.settle(choice=CHOICE)
    harness.shelve("gone")
    harness.mount("tile_post")
    sent = harness.page.evaluate(
        """async () => {
          const { render } = await import("/modules/tile_post/view.js");
          const sent = [];
          const parentElement = document.body;
          render({ data: null, parentElement, setStateValue: (name, { turn, ...asked }) => sent.push([name, asked]) });
          harness.store.far.lose("self/0.1/shown/shared/0/0/0");
          await new Promise((done) => setTimeout(done, 100));
          const message = new Uint8Array(await (await fetch("packets/answered")).arrayBuffer());
          render({ data: message, parentElement, setStateValue() {} });
          return [sent, harness.store.far.tiles.kept.size];
        }"""
    )
    assert sent == [[["missing", {"id": "gone", "paths": ["self/0.1/shown/shared/0/0/0"]}]], 1]


# What is drawn


def test_the_strong_weight_is_where_its_query_and_its_key_are(harness, asked, drawn):
    x, y = look_long(drawn, "brightest").values()
    box = map_of(drawn).bounding_box()
    harness.page.mouse.move(box["x"] + x + 0.5, box["y"] + y + 0.5)
    hover = place(harness)
    assert hover["query"] // 16 * 16 <= LONG_CELL[0] + 16
    strong = harness.page.evaluate("cell => harness.store.point(cell)", {"query": LONG_CELL[0], "key": LONG_CELL[1]})
    assert strong is None
    settled(harness)
    assert "“spring” reads “short” 1.0000" in reading(drawn)


def test_the_pixels_of_a_near_look_are_the_inks_of_the_weights(harness, asked, drawn):
    harness.point({"query": 0, "key": 0})
    keys(harness, drawn, "Control+Home", *["+"] * 16)
    seen = look_long(drawn, "cells")
    rows, cols = ([int(each) for each in seen[side]] for side in ("rows", "cols"))
    assert len(rows) < 16  # near enough that a cell is tens of pixels
    places = [(sum(seen["cols"][str(col)]) / 2, sum(seen["rows"][str(row)]) / 2) for row in rows for col in cols]
    harness.point(None)
    found = look_long(drawn, "colours", places)
    ramp = harness.page.evaluate(
        """async () => {
          const { inks } = await import("/modules/common/ink.js");
          const ink = inks(document.body, harness.store.settings.ramp);
          return Array.from({ length: 256 }, (_, byte) => ink.rgb(byte / 255));
        }"""
    )
    weights = long_record().map("self", 0, 1).weights[np.ix_(rows, cols)]
    expected = [ramp[int(byte)] for byte in np.round(255 * np.sqrt(weights)).ravel()]
    assert np.abs(np.array(found) - np.array(expected)).max() <= 3


def test_it_says_how_many_weights_a_cell_stands_for_and_stops_when_it_is_one(harness, asked, drawn):
    assert "Each cell is the largest of 8 × 8 weights." in drawn.locator(".caption").inner_text()
    keys(harness, drawn, *["+"] * 4)
    assert "Each cell is the largest of 2 × 2 weights." in drawn.locator(".caption").inner_text()
    keys(harness, drawn, *["+"] * 5)
    assert "largest of" not in drawn.locator(".caption").inner_text()


def test_a_cell_of_many_pairs_is_read_as_such_and_the_pair_exactly(harness, asked, drawn):
    harness.point({"query": LONG_CELL[0], "key": LONG_CELL[1]})
    settled(harness)
    assert reading(drawn) == ("The largest of the 8 × 8 weights in this cell: ≈ 1.00. “spring” reads “short” 1.0000")
    weight = long_record().map("self", 0, 1).weights[2500, 30]
    harness.point({"query": 2500, "key": 30})
    settled(harness)
    power, digits = np.floor(np.log10(weight)), weight / 10 ** np.floor(np.log10(weight))
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    assert reading(drawn).endswith(f"{digits:.1f} × 10{raised}" if weight < 0.001 else f"{weight:.4f}")


@pytest.mark.parametrize("specials", ["hidden", "renormalised"])
def test_hidden_tokens_are_left_out_by_the_server_and_the_caption_says_what_they_hold(harness, asked, specials):
    harness.settle(choice=CHOICE | {"query": 2000}, specials=specials, epoch="second")
    harness.shelve("long-map")
    view = harness.mount("token_map", width=COLUMN)
    settled(harness)
    assert f"self/0.1/{specials}/shared/0/0/0" in asked
    hidden = 100 * long_record().map("self", 0, 1).weights[:, 0]
    caption = view.locator(".caption").inner_text()
    assert f"on average they hold {hidden[1:].mean():.1f} % of a row" in caption
    assert f"{hidden[2000]:.1f} %" in caption
    harness.point({"query": 2000, "key": 1999})
    settled(harness)
    weights = long_record().map("self", 0, 1).weights[2000]
    exact = weights[1999] / (1 - weights[0] if specials == "renormalised" else 1)
    said = reading(view).rsplit(" ", 3)
    assert exact < 0.001 or said[-1] == f"{exact:.4f}"


def test_a_scale_for_each_row_is_asked_of_the_server(harness, asked):
    harness.settle(choice=CHOICE, scale="row", epoch="second")
    harness.shelve("long-map")
    view = harness.mount("token_map", width=COLUMN)
    settled(harness)
    assert "self/0.1/shown/row/0/0/0" in asked
    harness.point({"query": LONG_CELL[0], "key": LONG_CELL[1]})
    settled(harness)
    assert "of its row’s largest. “spring” reads “short” 1.0000" in reading(view)


@pytest.mark.parametrize(
    ("choice", "path"),
    [
        ({"average": "heads"}, "self/0.mean/shown/shared/0/0/0"),
        ({"average": "all"}, "self/mean/shown/shared/0/0/0"),
        (
            {"average": "mix", "mix": [{"layer": 0, "head": 1, "weight": 0.25}, {"layer": 1, "head": 0, "weight": 1}]},
            "self/0.1*0.25,1.0*1/shown/shared/0/0/0",
        ),
    ],
)
def test_a_mean_or_a_mix_has_tiles_of_its_own(harness, asked, drawn, choice, path):
    harness.choose(**choice)
    settled(harness)
    assert path in asked
    assert harness.store(f"far.tiles.kept.has({path!r})")


def test_a_mix_of_more_heads_than_the_server_weighs_says_so_and_asks_for_nothing(harness, asked, drawn):
    asked.clear()
    harness.page.evaluate("() => { harness.store.packet.tiles.most = 2 * 3000 * 3000 }")
    harness.choose(average="all")
    settled(harness)
    expect(
        drawn.get_by_text("A mix of 4 heads is more than this server draws at this length. Choose 2 at most.")
    ).to_be_visible()
    assert asked.tiles == []


@pytest.mark.parametrize("width", [COLUMN, PHONE])
@pytest.mark.parametrize("closer", [0, 5, 9, 14])
def test_names_of_every_detail_never_collide_and_are_never_cut(harness, asked, width, closer):
    listen(harness)
    harness.settle(choice=CHOICE | {"query": 40})
    harness.shelve("long-map")
    view = harness.mount("token_map", width=width)
    keys(harness, view, *["+"] * closer)
    written = names(harness, {"query": 3, "key": 3})
    assert len(written) > 12
    wide, high = map_of(view).evaluate("canvas => [canvas.clientWidth, canvas.clientHeight]")
    assert wide <= width
    for corner in (corner for name in written for corner in name["box"]):
        assert -0.5 <= corner[0] <= wide + 0.5
        assert -0.5 <= corner[1] <= high + 0.5
    for one, other in ((one, other) for index, one in enumerate(written) for other in written[:index]):
        assert not _meet(one["box"], other["box"]), f"{one['text']} meets {other['text']}"


def test_sentences_name_a_far_look_words_a_nearer_one_and_tokens_the_nearest(harness):
    sorts = harness.page.evaluate(
        """async () => {
          const { unitsOf, chosenUnits } = await import("/modules/token_map/units.js");
          const source = "😀 Unbelievable! It was\\nso.\\n\\nThen they all went home, and so on";
          const spans = [0, 1, 2, 4, 4, 14, 14, 15, 16, 18, 19, 22, 23, 25, 25, 26, 26, 28, 28, 32, 33, 37, -1, -1];
          const words = [0, 1, 1, null, 2, 3, 4, null, null, 5, 6, null];
          const names = ["😀", "Un", "believable", "!", "It", "was", "so", ".", "⏎", "Then", "they", "</s>"];
          const units = unitsOf({ source, spans, words }, { positions: [...names.keys()], names });
          const chosen = (size) => Object.keys(units).find((kind) => units[kind] === chosenUnits(units, size, 14));
          const named = (kind) => units[kind].map(({ from, to, name }) => [from, to, name]);
          return { words: named("words"), sentences: named("sentences"), chosen: [20, 14, 13, 5].map(chosen) };
        }"""
    )
    assert sorts["words"][:3] == [[0, 1, "😀"], [1, 3, "Unbelievable"], [3, 4, "!"]]
    assert "⏎" not in [name for *_, name in sorts["words"] + sorts["sentences"]]
    assert sorts["sentences"] == [
        [0, 4, "😀 Unbelievable!"],
        [4, 9, "It was so."],
        [9, 11, "Then they"],
        [11, 12, "</s>"],
    ]
    assert sorts["chosen"] == ["tokens", "tokens", "sentences", "sentences"]  # three tokens a sentence


# Hands


def in_sight(harness: Harness, view: Locator) -> tuple[int, int, int, int]:
    """First and last query, first and last key: what the corners of the map point at."""
    spans = look_long(view, "cells")
    rows, cols = (sorted(map(int, spans[side])) for side in ("rows", "cols"))
    return rows[0], rows[-1], cols[0], cols[-1]


def test_keys_walk_tokens_as_on_a_small_map(harness, asked, drawn):
    keys(harness, drawn, "ArrowDown", "ArrowDown", "ArrowRight", "Enter")
    assert place(harness) == {"query": 2, "key": 1}
    assert harness.choice["query"] == 2
    keys(harness, drawn, "Escape", "Control+End")
    assert place(harness) is None or place(harness) == {"query": LONG - 1, "key": LONG - 1}
    assert harness.choice["query"] is None


def test_with_shift_an_arrow_goes_an_eighth_of_what_is_in_sight(harness, asked, drawn):
    keys(harness, drawn, "Shift+ArrowDown")
    assert place(harness) == {"query": LONG // 8, "key": 0}
    keys(harness, drawn, "Control+Home", *["+"] * 8)
    first, last, *_ = in_sight(harness, drawn)
    seen = last - first + 1
    keys(harness, drawn, "Control+Home", *["Shift+ArrowDown"] * 10)
    assert place(harness)["query"] == pytest.approx(10 * seen / 8, abs=12)
    after, *_ = in_sight(harness, drawn)
    assert after > first  # the map went along


def test_a_move_is_read_aloud_and_again_when_the_exact_number_has_come(harness, asked, drawn):
    keys(harness, drawn, "ArrowDown", "ArrowDown")
    spoken = drawn.locator("[aria-live]")
    weight = long_record().map("self", 0, 1).weights[2, 0]
    assert spoken.inner_text().endswith(f"reads “[CLS]” {weight:.4f}")


def test_a_zoom_by_key_says_what_is_in_sight(harness, asked, drawn):
    keys(harness, drawn, *["+"] * 3)
    said = drawn.locator("[aria-live]").inner_text()
    assert re.match(r"In sight: queries 0–\d+, keys 0–\d+\. Each cell is the largest of \d+ × \d+ weights\.", said)


def test_the_map_says_its_keys_and_the_small_map_its_own(harness, asked, drawn):
    assert "with Shift across an eighth" in map_of(drawn).get_attribute("aria-description")
    mini = drawn.get_by_role("application").nth(1)
    assert "frame around the part in sight" in mini.get_attribute("aria-label")


def test_the_buttons_zoom_and_go_back(harness, asked, drawn):
    whole = in_sight(harness, drawn)
    for _ in range(3):
        drawn.get_by_role("button", name="Closer").click()
        settled(harness)
    near = in_sight(harness, drawn)
    assert near[1] - near[0] == pytest.approx((whole[1] - whole[0]) / 8, rel=0.1)
    drawn.get_by_role("button", name="Farther").click()
    settled(harness)
    assert in_sight(harness, drawn)[1] - in_sight(harness, drawn)[0] == pytest.approx((near[1] - near[0]) * 2, rel=0.1)
    drawn.get_by_role("button", name="Whole map").click()
    settled(harness)
    assert in_sight(harness, drawn) == whole


def test_a_drag_pans_and_the_cell_comes_along(harness, asked, drawn):
    keys(harness, drawn, *["+"] * 10)
    box = box_of(drawn)
    x, y = box["x"] + 200, box["y"] + 200
    harness.page.mouse.move(x, y)
    before = place(harness)
    harness.page.mouse.down()
    harness.page.mouse.move(x - 90, y - 60, steps=5)
    harness.page.mouse.up()
    harness.page.mouse.move(x - 89, y - 59)
    assert place(harness)["query"] == pytest.approx(before["query"], abs=1)
    assert place(harness)["key"] == pytest.approx(before["key"], abs=1)
    assert harness.choice["query"] is None


def test_the_wheel_zooms_at_the_cursor_when_a_key_is_held(harness, asked, drawn):
    box = box_of(drawn)
    harness.page.mouse.move(box["x"] + 150, box["y"] + 250)
    before = place(harness)
    harness.page.keyboard.down("Control")
    for _ in range(3):
        harness.page.mouse.wheel(0, -400)
        harness.page.wait_for_timeout(50)
    harness.page.keyboard.up("Control")
    harness.page.mouse.move(box["x"] + 150.4, box["y"] + 250.4)
    assert place(harness)["query"] == pytest.approx(before["query"], abs=8)
    assert in_sight(harness, drawn)[1] - in_sight(harness, drawn)[0] < LONG / 4


def test_the_small_map_is_dragged_and_walked(harness, asked, drawn):
    keys(harness, drawn, *["+"] * 5)
    mini = drawn.locator(".minimap")
    box = mini.bounding_box()
    harness.page.mouse.move(box["x"] + 20, box["y"] + 20)
    harness.page.mouse.down()
    harness.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4, steps=4)
    harness.page.mouse.up()
    settled(harness)
    top, bottom, left, right = in_sight(harness, drawn)
    assert (top + bottom) / 2 == pytest.approx(LONG / 4, abs=60)
    assert (left + right) / 2 == pytest.approx(LONG / 2, abs=60)
    mini.focus()
    harness.page.keyboard.press("ArrowDown")
    settled(harness)
    after, *_ = in_sight(harness, drawn)
    assert after - top == pytest.approx((bottom - top) / 4, rel=0.15)
    harness.page.keyboard.press("0")
    settled(harness)
    assert in_sight(harness, drawn)[1] > LONG - 30


def test_two_fingers_zoom_a_tap_pins_and_a_finger_drags(browser, address):
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    harness = Harness(page, address)
    harness.settle(choice=CHOICE)
    harness.shelve("long-map")
    view = harness.mount("token_map")
    settled(harness)
    box = box_of(view)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    send = context.new_cdp_session(page).send
    for kind, apart in (("touchStart", 15), ("touchMove", 45), ("touchMove", 90), ("touchEnd", None)):
        points = [] if apart is None else [{"x": x - apart, "y": y}, {"x": x + apart, "y": y}]
        send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    settled(harness)
    seen = in_sight(harness, view)
    assert seen[1] - seen[0] < LONG / 3
    for kind, down in (("touchStart", 0), ("touchMove", -20), ("touchMove", -60), ("touchEnd", None)):
        points = [] if down is None else [{"x": x, "y": y + down}]
        send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    settled(harness)
    assert in_sight(harness, view)[0] > seen[0]
    page.touchscreen.tap(x, y)
    assert harness.choice["query"] is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert harness.complaints == []
    context.close()


def test_a_reader_who_asked_for_less_motion_is_there_at_once(browser, address):
    context = browser.new_context(reduced_motion="reduce")
    harness = Harness(context.new_page(), address)
    harness.settle(choice=CHOICE)
    harness.shelve("long-map")
    view = harness.mount("token_map", width=COLUMN)
    view.locator("canvas").first.focus()
    harness.page.keyboard.press("+")
    assert "keys 0–2000" in view.locator("[aria-live]").inner_text()
    assert in_sight(harness, view)[3] == pytest.approx(2000, abs=6)
    context.close()


def test_the_theme_changes_the_tiles_without_asking_again(harness, asked, drawn):
    before = len(asked)
    light = look_long(drawn, "brightest")
    harness.theme("dark")
    settled(harness)
    assert look_long(drawn, "brightest") == light
    assert len(asked) == before


def test_a_small_text_takes_the_place_of_a_long_one_and_back(harness, asked, drawn):
    harness.settle(choice={"layer": 2, "head": 7}, epoch="second")
    harness.shelve("cat")
    assert drawn.locator("canvas").count() == 1
    assert len(look(drawn, "cells")["rows"]) == 17
    harness.settle(choice=CHOICE, epoch="third")
    harness.shelve("long-map")
    settled(harness)
    assert drawn.locator("canvas").count() == 2
    assert look_long(drawn, "brightest") is not None


def test_a_view_that_is_taken_away_wants_nothing_any_more(harness, asked, drawn):
    harness.choose(layer=1)
    harness.unmount("token_map")
    asked.clear()
    settled(harness)
    assert asked == []
    assert harness.store("listeners.size") == 0


# Table and files


def test_the_table_shows_the_part_in_sight_exactly(harness, asked, drawn):
    drawn.get_by_role("button", name="Table").click()
    settled(harness)
    assert "self/0.1/numbers/0-128/0-64" in asked
    row = drawn.locator("tbody tr").nth(100).locator("td").all_inner_texts()
    weights = long_record().map("self", 0, 1).weights
    assert row == [f"{weight:.3f}" for weight in weights[100, :64]]
    drawn.locator("[data-side=row]").get_by_role("button", name="Later").click()
    settled(harness)
    first = drawn.locator("tbody tr").first.locator("td").all_inner_texts()
    assert first == [f"{weight:.3f}" for weight in weights[128, :64]]


def test_there_is_no_csv_of_millions_of_numbers_and_the_reason_is_said(harness, asked, drawn):
    button = drawn.get_by_role("button", name="CSV")
    assert button.is_disabled()
    assert "3000 × 3000" in button.get_attribute("title")


def test_the_png_is_the_part_in_sight(harness, asked, drawn, tmp_path):
    with harness.page.expect_download() as download:
        drawn.get_by_role("button", name="PNG").click()
    assert download.value.suggested_filename == "attnviz-self-0.1.png"


def test_chinese_has_every_phrase_of_a_long_map(harness, asked):
    harness.settle(choice=CHOICE, language="zh", specials="hidden", scale="row")
    harness.shelve("long-map")
    view = harness.mount("token_map", width=COLUMN)
    keys(harness, view, "+", "ArrowDown")
    assert not re.search(r"\bmap\.\w", view.locator(".view").text_content())


# The other views of a long text


def test_the_strip_shows_a_page_and_a_pin_brings_its_own(harness, asked):
    harness.settle(choice=CHOICE)
    harness.shelve("long-map")
    view = harness.mount("token_strip", width=COLUMN)
    assert view.get_by_role("option").count() == 1024
    assert view.get_by_text("tokens 0–1023 of 3000").is_visible()
    view.get_by_role("button", name="Later").click()
    assert view.get_by_role("option").first.get_attribute("data-token") == "1024"
    harness.choose(query=2900)
    assert view.get_by_text("tokens 2048–2999 of 3000").is_visible()
    assert view.locator("[data-token='2900']").get_attribute("aria-selected") == "true"


def test_arrows_walk_the_strip_across_its_pages(harness, asked):
    harness.settle(choice=CHOICE | {"query": 1023})
    harness.shelve("long-map")
    view = harness.mount("token_strip", width=COLUMN)
    view.locator("[data-token='1023']").focus()
    harness.page.keyboard.press("ArrowRight")
    assert place(harness)["query"] == 1024
    harness.page.keyboard.press("ArrowLeft")
    assert place(harness)["query"] == 1023


@pytest.mark.parametrize(("direction", "axis"), [("reads", 1), ("read", 0)])
def test_the_strip_reads_rows_and_columns_that_come_exactly(harness, asked, direction, axis):
    harness.settle(choice=CHOICE | {"query": 2000, "direction": direction})
    harness.shelve("long-map")
    view = harness.mount("token_strip", width=COLUMN)
    settled(harness)
    weights = long_record().map("self", 0, 1).weights
    line = weights[2000] if axis else weights[:, 2000]
    label = long_record().layer("self", 0).keys.labels[int(line.argmax())]
    assert f"“{label}” {line.max():.3f}" in view.locator(".caption").inner_text().replace("\u00a0", " ")


def test_the_rail_reads_a_row_that_comes_exactly(harness, asked):
    harness.settle(choice=CHOICE | {"query": 2000})
    harness.shelve("long-map")
    view = harness.mount("reading_rail", width=300)
    settled(harness)
    row = long_record().row("self", 0, 1, 2000)
    bits = -(row[row > 0] * np.log2(row[row > 0])).sum()
    assert view.get_by_text(f"{bits:.1f} bits of {np.log2(2001):.1f}").is_visible()
    assert view.locator("ol .amount").first.inner_text() == f"{row.max():.3f}"


def test_lines_are_refused_with_the_reason(harness, asked):
    harness.settle(choice=CHOICE)
    harness.shelve("long-map")
    view = harness.mount("token_lines", width=COLUMN)
    assert "Lines between 3000 tokens would be a fog." in view.locator(".readout").inner_text()
    harness.settle(choice={"layer": 2, "head": 7}, epoch="second")
    harness.shelve("cat")
    assert view.get_by_role("option").count() == 34


def test_the_atlas_says_from_how_many_queries_it_was_drawn(harness, asked):
    harness.settle(choice=CHOICE)
    harness.shelve("long-map")
    view = harness.mount("head_atlas", width=300)
    assert view.get_by_text("from 128 of 3000 queries").is_visible()
    harness.shelve("cat")
    assert not view.get_by_text("queries, evenly spread").is_visible()
