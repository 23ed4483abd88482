"""The image screen under a finger, on a phone of 390 pixels, by day and by night."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import LOADED, OpenTab, Tab

pytestmark = pytest.mark.browser

SIGHT = f"{LOADED}.find((name) => name.endsWith('/common/sight.js'))"
SIDE = 12  # patches of the embedded model
WIDTH = 390
PHONE: dict[str, Any] = {"viewport": {"width": WIDTH, "height": 844}, "has_touch": True, "is_mobile": True}
WIDER = "document.scrollingElement.scrollWidth - innerWidth"
FINGER = 24  # CSS pixels a side, the least that WCAG 2.2 asks of a target (success criterion 2.5.8)


@pytest.fixture(params=["light", "dark"])
def phone(request: pytest.FixtureRequest, open_tab: OpenTab) -> Tab:
    return open_tab(**PHONE, color_scheme=request.param).open("/image").drawn()


def seen(tab: Tab) -> Locator:
    canvas = tab.page.get_by_role("application").first
    canvas.scroll_into_view_if_needed()
    return canvas


def readout(tab: Tab) -> Locator:
    return tab.page.locator(".readout")


def middle(canvas: Locator, row: int, col: int) -> dict[str, float]:
    """The middle of a patch, in the canvas."""
    box = canvas.bounding_box()
    assert box
    return {"x": (col + 0.5) * box["width"] / SIDE, "y": (row + 0.5) * box["height"] / SIDE}


def swipe(tab: Tab, canvas: Locator, *patches: tuple[int, int]) -> None:
    """Lay a finger on the first patch, draw it over the others, and lift it: as the browser itself reports touches."""
    box = canvas.bounding_box()
    assert box
    session = tab.page.context.new_cdp_session(tab.page)

    def send(kind: str, *points: dict[str, float]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    places = [{key: box[key] + value for key, value in middle(canvas, *patch).items()} for patch in patches]
    send("touchStart", places[0])
    for place in places[1:]:
        send("touchMove", place)
    send("touchEnd")


def test_a_tap_chooses_a_patch_and_the_next_another(phone: Tab) -> None:
    canvas = seen(phone)
    for row, col in ((3, 9), (0, 0), (11, 11)):
        canvas.tap(position=middle(canvas, row, col))
        expect(readout(phone)).to_contain_text(f"r{row} c{col} reads")


def test_a_finger_that_sets_out_sideways_chooses_the_region_that_it_is_drawn_over(phone: Tab) -> None:
    """One that sets out upright scrolls the page, which a phone could not do otherwise where the picture fills it."""
    canvas = seen(phone)
    swipe(phone, canvas, (4, 3), (4, 4), (4, 5), (5, 5), (6, 5))
    expect(readout(phone)).to_contain_text("9 patches, r4 c3 to r6 c5 read")
    assert phone.page.evaluate("scrollX") == 0


def test_a_tap_in_the_atlas_chooses_the_head(phone: Tab) -> None:
    cell = phone.page.get_by_role("gridcell", name="Layer 2, head 1")
    cell.scroll_into_view_if_needed()
    box = cell.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= FINGER
    cell.tap()
    chosen = (
        f"async () => {{ const {{ sight }} = await import({SIGHT}); return [sight.choice.layer, sight.choice.head] }}"
    )
    assert phone.page.evaluate(chosen) == [2, 1]


def test_nothing_is_wider_than_the_phone_whatever_is_chosen(phone: Tab) -> None:
    canvas = seen(phone)
    assert phone.page.evaluate(WIDER) == 0
    canvas.tap(position=middle(canvas, 5, 5))
    expect(readout(phone)).to_contain_text("r5 c5 reads")
    phone.settled()
    assert phone.page.evaluate(WIDER) == 0
    box = canvas.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= WIDTH


def test_day_and_night_differ_and_the_words_stay_readable(phone: Tab) -> None:
    """Contrast of 4.5 to 1 at least, as WCAG 2.2 asks of text (success criterion 1.4.3)."""
    seen(phone)
    light, dark = sorted((luminance(colour) for colour in colours(phone)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def colours(tab: Tab) -> list[list[float]]:
    """The colours of the readout's words and of what lies behind them, each 0 to 255."""
    return tab.page.evaluate("""() => {
      const read = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
      const main = getComputedStyle(document.querySelector(".stApp")).backgroundColor;
      const find = (root) => root.querySelector(".readout")
        ?? [...root.querySelectorAll("*")].map((each) => each.shadowRoot && find(each.shadowRoot)).find(Boolean);
      return [read(getComputedStyle(find(document)).color), read(main)];
    }""")


def luminance(colour: list[float]) -> float:
    """Relative luminance, as WCAG defines it."""
    parts = [each / 255 for each in colour]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
