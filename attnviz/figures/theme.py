"""Colours and fonts, once for every figure and component. Knows nothing of maps.

The two ramps go from the page's own background to the strongest ink in 17 steps that look alike: equal distances in
OKLab along a curve through RAMP_ANCHORS, with lightness falling or rising all the way, so that they also read in grey
and with any colour blindness. `tests/figures/test_theme.py` makes them anew and holds them to that.

Numbers that may be negative have two such ramps, one on each side of the page's background: brown below 0, the blue
of weights above.
"""

RAMP_ANCHORS = {
    "light": ("#ffffff", "#8ea6f5", "#2a45b0", "#141f5c"),
    "dark": ("#0f131c", "#2a4aa8", "#8fa8f8", "#f3f6ff"),
}

# fmt: off
RAMP_LIGHT = [
    "#ffffff", "#ebf0fc", "#d8e1fb", "#c4d2fb", "#b1c4fb", "#9fb5fa", "#8da5f5", "#7c96ed", "#6b86e4",
    "#5a77da", "#4a68cf", "#3b58c2", "#2d49b4", "#233ba1", "#213387", "#1c2b6f", "#141f5c",
]
RAMP_DARK = [
    "#0f131c", "#161e31", "#1b284a", "#1d3065", "#1f3783", "#24429d", "#3152b0", "#4162c1", "#5272d0",
    "#6482de", "#7793eb", "#8aa4f6", "#9eb5fd", "#b3c5fd", "#c8d5fb", "#dee5fb", "#f3f6ff",
]
# fmt: on

SIDES_ANCHORS = {  # below 0 and above it, both from the page's background on
    "light": (("#ffffff", "#f3a264", "#b04a12", "#451402"), ("#ffffff", "#8ea6f5", "#2a45b0", "#141f5c")),
    "dark": (("#0f131c", "#8a3c10", "#f09a5a", "#ffd3a8"), ("#0f131c", "#2a4aa8", "#8fa8f8", "#cbd8ff")),
}

# fmt: off
SIDES_LIGHT = [
    "#451402", "#682807", "#903701", "#b54f19", "#d2703a", "#eb9459", "#fcb983", "#fbdcc5", "#ffffff",
    "#d8e1fb", "#b1c4fb", "#8da5f5", "#6b86e4", "#4a68cf", "#2d49b4", "#213387", "#141f5c",
]
SIDES_DARK = [
    "#ffd3a8", "#f8af74", "#e48c4d", "#c56e31", "#a5511a", "#843810", "#5c2c1c", "#332322", "#0f131c",
    "#1a2544", "#1e3475", "#2747a4", "#4263c1", "#6280db", "#839df1", "#a6bbfc", "#cbd8ff",
]
# fmt: on

PAGE_LIGHT, PAGE_DARK = RAMP_LIGHT[0], RAMP_DARK[0]
INK_LIGHT, INK_DARK = "#1c2333", "#e8ecf4"
ACCENT_LIGHT, ACCENT_DARK = "#3b5bdb", "#91a7ff"

# Whatever the reader's system sets its own words in: nothing is fetched, and Chinese has a face.
FONT = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "PingFang SC", '
    '"Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
)


def sqrt_scale(ramp: list[str]) -> list[tuple[float, str]]:
    """Place the colours of a ramp at squared positions, so that colour follows the square root of a weight.

    Small weights are most of a map; on a straight scale nearly all of them are the page's background.

    Unit    positions 0 to 1 along the colour axis
    """
    last = len(ramp) - 1
    return [((step / last) ** 2, colour) for step, colour in enumerate(ramp)]


def straight_scale(ramp: list[str]) -> list[tuple[float, str]]:
    """Place the colours of a ramp at equal distances.

    Unit    positions 0 to 1 along the colour axis
    """
    last = len(ramp) - 1
    return [(step / last, colour) for step, colour in enumerate(ramp)]
